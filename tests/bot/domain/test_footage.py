"""A recorder keeps what the law asks for, not less and not much more; and nobody looks at the same thing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.footage import (
    Coverage,
    FootageCheck,
    FootageFault,
    Span,
    gaps_between,
    joined,
    judge_footage,
    key_frames,
    sample_times,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def judged(days, *, before=None, newest=MINUTE, gaps=(), is_continuous=True, retention_days=30):
    coverage = Coverage(NOW - days * DAY, NOW - newest, gaps)
    return judge_footage(
        coverage, NOW, retention_days=retention_days, is_continuous=is_continuous, before=before
    )


def checked(ago, oldest_days):
    """A check so many days ago, at which the oldest moment was so many days before today."""
    return FootageCheck("gate", NOW - ago * DAY, NOW - ago * DAY, Coverage(NOW - oldest_days * DAY, NOW))


@pytest.mark.parametrize("days", [29.5, 30, 31, 44])
def test_what_is_kept_in_time_is_in_order(days):
    assert judged(days, before=checked(60, days)) == ()


def test_a_new_recorder_is_not_accused_of_a_short_past():
    assert judged(3) == ()
    assert judged(3, before=checked(1, 3)) == ()


def test_one_that_has_begun_to_overwrite_too_early_is():
    assert judged(12, before=checked(1, 13)) == (FootageFault.TOO_SHORT,)
    assert judged(12, before=checked(31, 12)) == (FootageFault.TOO_SHORT,)


def test_a_key_unit_keeps_its_own_ninety_days():
    assert judged(60, before=checked(1, 61), retention_days=90) == (FootageFault.TOO_SHORT,)
    assert judged(60, before=checked(1, 61), retention_days=7) == (FootageFault.TOO_LONG,)


def test_nothing_at_all_is_told_and_nothing_else():
    assert judge_footage(Coverage(), NOW, retention_days=30, is_continuous=True) == (FootageFault.MISSING,)


def test_a_hole_and_a_stop_are_faults_only_where_it_records_all_the_time():
    hole = (Span(NOW - 3 * DAY, NOW - 2 * DAY),)
    assert judged(30, newest=3 * 60 * MINUTE, gaps=hole) == (FootageFault.STOPPED, FootageFault.GAPS)
    assert judged(30, newest=3 * 60 * MINUTE, gaps=hole, is_continuous=False) == ()


spans = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 300)).map(
        lambda pair: Span(NOW + pair[0] * MINUTE, NOW + (pair[0] + pair[1]) * MINUTE)
    ),
    max_size=30,
)


@given(spans)
def test_joined_spans_are_in_order_apart_and_cover_the_same(found):
    whole = joined(found)
    assert all(one.end < two.begin for one, two in pairwise(whole))
    assert all(any(w.begin <= one.begin and one.end <= w.end for w in whole) for one in found)
    assert len(gaps_between(found)) == max(len(whole) - 1, 0)


@pytest.mark.parametrize(("seconds", "count"), [(0, 1), (1, 1), (4, 3), (300, 24), (86400, 24)])
def test_samples_are_even_and_never_more_than_asked_for(seconds, count):
    times = sample_times(Span(NOW, NOW + timedelta(seconds=seconds)), most=24)
    assert len(times) == count
    assert times[0] == NOW
    assert times == sorted(times)
    assert times[-1] == NOW + timedelta(seconds=seconds if count > 1 else 0)


def test_a_still_scene_is_one_picture_and_a_change_another():
    still, changed = bytes([50] * 64), bytes([50] * 32 + [90] * 32)
    assert key_frames([still] * 5) == [0]
    assert key_frames([still, still, changed, changed, still]) == [0, 2]
    assert key_frames([]) == []


def test_when_much_happens_the_most_different_are_chosen():
    pictures = [bytes([shade] * 64) for shade in (0, 10, 20, 200, 210)]
    assert key_frames(pictures, most=3) == [0, 2, 4]
