"""Training: what is typed, what holds, when a certificate is told of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.training import (
    CAMERA,
    Described,
    Result,
    Training,
    TrainingEntry,
    due_step,
    held_certificates,
    read_training,
    results_of,
    split_names,
)

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
AHEAD = st.lists(st.integers(0, 366), max_size=5)


def entry(staff_id: str, result: Result, training: int = 1) -> TrainingEntry:
    return TrainingEntry(training, 1, staff_id, result, "T4", NOON)


def session(number: int, certificate: str, until: date | None) -> Training:
    return Training(number, "AED", TODAY, "", "", certificate, until, "T4", NOON)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("AED", Described("AED", TODAY)),
        ("AED；-3", Described("AED", date(2026, 11, 20))),
        ("AED; 11-20; Wang; 120", Described("AED", date(2026, 11, 20), "Wang", "120")),
        ("AED;;;;急救员", Described("AED", TODAY, certificate="急救员", valid_until=date(2027, 11, 23))),
        ("AED;;;;监控;2028-1-1", Described("AED", TODAY, certificate=CAMERA, valid_until=date(2028, 1, 1))),
        (
            "AED;;;;CAMERA;+10;more",
            Described("AED", TODAY, certificate=CAMERA, valid_until=date(2026, 12, 3)),
        ),
    ],
)
def test_a_session_is_read_as_typed(words, found):
    assert read_training(words, TODAY) == found


def test_a_date_far_ahead_without_its_year_was_last_years():
    january = date(2027, 1, 4)
    found = read_training("视频监控培训; 12-28; ; ; 监控", january)
    assert (found.held_on, found.valid_until) == (date(2026, 12, 28), date(2027, 12, 28))
    assert read_training("AED; 06-30", january).held_on == date(2027, 6, 30)
    assert read_training("AED; 2027-12-28", january).held_on == date(2027, 12, 28)
    assert read_training("AED; 02-29", date(2025, 1, 4)).held_on == date(2024, 2, 29)


def test_a_last_day_without_its_year_is_the_next_after_the_session():
    assert read_training("AED; 12-28; ; ; 监控; 12-27", date(2027, 1, 4)).valid_until == date(2027, 12, 27)


@pytest.mark.parametrize(
    "words", ["", " ; 2026-11-20", "AED; 2026-13-40", "AED; soon", "AED;;;;x;2026-11-22"]
)
def test_nonsense_is_no_session(words):
    assert read_training(words, TODAY) is None


@given(st.text())
def test_nothing_that_is_typed_breaks_it(words):
    found = read_training(words, TODAY)
    assert found is None or len(found.topic) <= 120
    assert all(name.strip() == name for name in split_names(words))


def test_the_last_entry_holds_and_who_was_not_there_is_left_out():
    entries = [entry("A", Result.ATTENDED), entry("B", Result.PASSED), entry("A", Result.PASSED)]
    assert results_of(entries) == {"A": Result.PASSED, "B": Result.PASSED}
    assert results_of([*entries, entry("B", Result.ABSENT)]) == {"A": Result.PASSED}


def test_of_several_passes_the_longest_holds_and_a_lost_one_does_not():
    long, short = date(2028, 1, 1), date(2027, 1, 1)
    sessions = [session(1, "急救员", long), session(2, "急救员", short), session(3, "", None)]
    entries = [entry("A", Result.PASSED, n) for n in (1, 2, 3)]
    assert held_certificates(sessions, entries) == {("A", "急救员"): long}
    entries.append(entry("A", Result.FAILED, 1))
    assert held_certificates(sessions, entries) == {("A", "急救员"): short}


@given(st.integers(-400, 800), AHEAD)
def test_a_step_is_told_when_it_has_come_and_never_goes_back(left, days):
    steps = [due_step(TODAY + timedelta(days=left), TODAY + timedelta(days=n), days) for n in range(50)]
    told = [step for step in steps if step is not None]
    assert told == sorted(told, reverse=True)
    assert all(step == -1 or step in days for step in told)
    assert all((steps[n] == -1) == (n > left) for n in range(50))
