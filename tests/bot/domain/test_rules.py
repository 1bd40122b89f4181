"""The rules that need no database: the life cycle, joining, contradicting, buttons, foreign text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action import MAX_BYTES, BadPressError, Press, Verb
from bot.domain.incident import SEVERITY_OF, Incident, Kind, Mode, Severity, Status, joins
from bot.domain.permission import Right, has_right
from bot.domain.response import ResponseAction, contradicts
from bot.domain.text import clean_line, clean_text, shorten
from bot.errors import Reason, RefusedError
from tests.support.cast import CHEN, EMILY

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def incident(**changes):
    known = {"id": 1, "number": "2026-0001", "mode": Mode.REAL, "status": Status.REPORTED}
    return Incident(**known | {"severity": Severity.SEVERE, "opened_at": NOW} | changes)


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        (Status.REPORTED, {Status.ACTIVE, Status.ALL_CLEAR, Status.CANCELLED}),
        (Status.ACTIVE, {Status.ALL_CLEAR, Status.CANCELLED}),
        (Status.ALL_CLEAR, {Status.CLOSED}),
        (Status.CLOSED, set()),
        (Status.CANCELLED, set()),
    ],
)
def test_the_life_of_an_incident_has_these_steps_and_no_others(status, steps):
    for target in Status:
        if target in steps:
            incident(status=status).require(target)
        else:
            with pytest.raises(RefusedError):
                incident(status=status).require(target)


def test_a_refused_step_says_why():
    for status, target, reason in (
        (Status.CLOSED, Status.ACTIVE, Reason.INCIDENT_ENDED),
        (Status.ACTIVE, Status.CLOSED, Reason.NOT_YET_ALL_CLEAR),
        (Status.ALL_CLEAR, Status.CANCELLED, Reason.ALREADY_ALL_CLEAR),
    ):
        with pytest.raises(RefusedError) as refused:
            incident(status=status).require(target)
        assert refused.value.refusal.reason is reason
        assert refused.value.refusal.params == {"number": "2026-0001"}


@pytest.mark.parametrize(
    ("open_one", "said", "after", "fits"),
    [
        ({}, {}, 0, True),
        ({}, {}, 600, True),
        ({}, {}, 600.001, False),
        ({}, {}, -60, True),
        ({}, {}, -60.001, False),
        ({"kind": Kind.FIRE}, {}, 0, True),
        ({}, {"kind": Kind.FIRE, "zone": "A3"}, 0, True),
        ({"kind": Kind.FIRE}, {"kind": Kind.FIRE}, 0, True),
        ({"kind": Kind.FIRE}, {"kind": Kind.MEDICAL}, 0, False),
        ({"zone": "A3"}, {"zone": "gym"}, 0, False),
        ({"zone": "A3"}, {"kind": Kind.FIRE, "zone": "A3"}, 0, True),
        ({"mode": Mode.DRILL}, {}, 0, False),
        ({"status": Status.ALL_CLEAR}, {}, 0, False),
        ({"status": Status.CANCELLED}, {}, 0, False),
    ],
)
def test_a_report_joins_what_is_recent_real_and_not_contradicted(open_one, said, after, fits):
    known = {"kind": None, "zone": None} | said
    assert joins(incident(**open_one), **known, at=NOW + timedelta(seconds=after)) is fits


def test_only_going_out_contradicts_staying_in():
    stay = set(ResponseAction) - {ResponseAction.EVACUATE}
    for action in stay:
        assert contradicts(action, ResponseAction.EVACUATE)
        assert contradicts(ResponseAction.EVACUATE, action)
        assert not any(contradicts(action, other) for other in stay)
    for action in ResponseAction:
        assert not contradicts(action, None)
        assert not contradicts(action, action)


def test_every_kind_has_a_grade():
    assert set(SEVERITY_OF) == set(Kind)


def test_who_left_the_roster_has_no_right():
    assert has_right(CHEN, Right.COMMAND)
    assert not any(has_right(replace(CHEN, is_active=False), right) for right in Right)
    assert [right for right in Right if has_right(EMILY, right)] == [Right.REPORT]


@given(st.sampled_from(Verb), st.integers(0, 10**18 - 1), st.text(max_size=60))
def test_a_button_reads_back_as_it_was_written(verb, subject, value):
    press = Press(verb, subject, value)
    try:
        data = press.encode()
    except ValueError:
        return
    assert len(data.encode()) <= MAX_BYTES
    assert Press.decode(data) == press


@given(st.text(max_size=70))
def test_any_data_is_a_button_or_none(data):
    try:
        press = Press.decode(data)
    except BadPressError:
        return
    assert isinstance(press.verb, Verb)
    assert 0 <= press.subject < 2**63


@given(st.text(alphabet=st.characters()))
def test_foreign_text_becomes_text_that_every_database_and_screen_can_take(text):
    clean = clean_text(text)
    clean.encode()
    assert not set(clean) & set("\x00\x07\x7f\u202a\u202e\u2066\u2069\ufeff\r")
    assert clean_text(clean) == clean
    assert "\n" not in clean_line(text)


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_is_never_too_long(text, limit):
    cut = shorten(text, limit)
    assert len(cut) <= limit
    assert cut == text or cut.endswith("…")
