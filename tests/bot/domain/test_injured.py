"""The injured are never counted twice, and nobody vanishes behind a number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.injured import KNOWN, Injury, add_up, after_saying

SOME = st.integers(0, 40)
FIGURES = st.dictionaries(st.sampled_from(list(Injury)), SOME)


@given(FIGURES, FIGURES)
def test_the_total_is_the_greater_of_said_and_named_and_never_their_sum(said, named):
    found = add_up(said, named)
    in_all = max(sum(said.get(one, 0) for one in KNOWN), said.get(Injury.UNKNOWN, 0))
    assert found.total == max(in_all, sum(named.values()))
    assert min(found.by_state.values()) >= 0
    assert found.unnamed >= 0


@given(FIGURES, FIGURES)
def test_who_is_named_stands_in_the_state_said_of_them(said, named):
    found = add_up(said, named)
    assert all(found.by_state[one] >= named.get(one, 0) for one in KNOWN)


@given(FIGURES)
def test_without_names_the_states_are_as_said(said):
    assert all(add_up(said, {}).by_state[one] == said.get(one, 0) for one in KNOWN)


@given(FIGURES, st.sampled_from(list(Injury)), SOME)
def test_what_is_said_twice_counts_once(said, state, number):
    once = after_saying(said, state, number)
    assert after_saying(once, state, number) == once


@given(FIGURES, SOME)
def test_so_many_in_all_is_so_many_in_all_without_names(said, number):
    assert add_up(after_saying(said, Injury.UNKNOWN, number), {}).total == number


def test_a_pupil_known_by_the_headcount_is_one_of_those_on_the_stairs():
    found = add_up({Injury.LIGHT: 2}, {Injury.UNKNOWN: 1})
    assert (found.total, found.named, found.unnamed) == (2, 1, 1)
    assert found.by_state[Injury.LIGHT] == 2


def test_who_turns_out_to_be_worse_is_no_longer_among_the_lightly_injured():
    found = add_up({Injury.LIGHT: 2}, {Injury.SERIOUS: 1})
    assert (found.by_state[Injury.LIGHT], found.by_state[Injury.SERIOUS], found.total) == (1, 1, 2)
