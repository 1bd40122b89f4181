"""When a digest is due: by the school's calendar and clock, once a day, week or term, wherever the clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest import DigestKind, DigestRules, Term, newest_due, next_due

SHANGHAI, BERLIN, NEW_YORK = (
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
)
TERM = Term("秋季", date(2026, 9, 1), date(2027, 1, 16))
RULES = DigestRules(terms=(TERM,))
DAY = timedelta(days=1)


def test_the_morning_is_due_every_day_and_the_week_on_its_day():
    sunday = date(2026, 11, 22)
    assert next_due(RULES, DigestKind.MORNING, SHANGHAI, after=sunday).at == datetime(
        2026, 11, 22, 23, 30, tzinfo=UTC
    )
    assert next_due(RULES, DigestKind.WEEKLY, SHANGHAI, after=sunday).day == date(2026, 11, 27)


def test_a_terms_digest_comes_on_the_day_after_its_end_and_then_no_more():
    due = next_due(RULES, DigestKind.TERMLY, SHANGHAI, after=date(2026, 9, 1))
    assert due.day == date(2027, 1, 17)
    assert next_due(RULES, DigestKind.TERMLY, SHANGHAI, after=due.day) is None


def test_a_digest_that_is_switched_off_is_never_due():
    rules = DigestRules(morning=None)
    assert next_due(rules, DigestKind.MORNING, SHANGHAI, after=date(2026, 11, 22)) is None


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_nights_when_the_clock_jumps_have_one_digest_each(night):
    """02:30 does not exist in March and comes twice in October."""
    rules = DigestRules(morning=time(2, 30))
    before = next_due(rules, DigestKind.MORNING, BERLIN, after=night - DAY)
    following = next_due(rules, DigestKind.MORNING, BERLIN, after=night)
    assert before.day == night
    assert following.day == night + DAY
    assert timedelta(hours=22) < following.at - before.at < timedelta(hours=26)


def test_of_many_that_were_missed_only_the_newest_is_sent():
    now = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
    due = newest_due(RULES, DigestKind.MORNING, SHANGHAI, after=date(2026, 11, 20), now=now)
    assert due.day == date(2026, 11, 26)


@given(
    hours=st.lists(st.integers(1, 200), min_size=1, max_size=80),
    zones=st.lists(st.sampled_from([SHANGHAI, BERLIN, NEW_YORK]), min_size=80, max_size=80),
)
def test_however_the_clock_and_the_time_zone_jump_no_day_is_told_twice(hours, zones):
    now, period, told = datetime(2026, 9, 1, tzinfo=UTC), date(2026, 8, 31), []
    for step, zone in zip(hours, zones, strict=False):
        now += timedelta(hours=step)
        due = newest_due(RULES, DigestKind.MORNING, zone, after=period, now=now)
        if due is not None:
            assert due.at <= now
            told.append(due.day)
            period = due.day
    assert told == sorted(set(told))
