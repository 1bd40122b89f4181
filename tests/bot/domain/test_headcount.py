"""The rules of the count, one sentence each, and what always holds of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.headcount import (
    ABOUT_CLASS,
    ClassState,
    PupilState,
    PupilStatus,
    Said,
    Statement,
    contradictors,
    count_class,
    fold_pupil,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
OFFICE = "office"


def say(said, by="lead", *, of="7-1", number=None, pupil=1):
    about_class = said in ABOUT_CLASS or said in (Said.HELP, Said.HELP_OVER)
    is_final = by == OFFICE
    return Statement(0, of, said, by, NOON, None if about_class else pupil, number, is_final=is_final)


def held(*said, start=PupilState.UNKNOWN):
    status = fold_pupil("7-1", start, said)
    return status.state, status.is_disputed


# ── one pupil ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("lost", [Said.MISSING, Said.INJURED])
@pytest.mark.parametrize("by", ["lead", "other"])
def test_no_all_here_wipes_out_who_was_named(lost, by):
    state, _ = held(say(lost), say(Said.ALL, by), say(Said.REST, by), say(Said.NUMBER, by, number=40))
    assert state.value == lost.value


@pytest.mark.parametrize("lost", [Said.MISSING, Said.INJURED])
@pytest.mark.parametrize("by", ["lead", "other"])
def test_with_me_finds_whoever_said_it(lost, by):
    assert held(say(lost), say(Said.WITH_ME, by)) == (PupilState.PRESENT, False)


def test_a_pupil_with_another_class_is_found_in_either_order():
    there = say(Said.WITH_ME, "neighbour", of="7-2")
    for said in ((say(Said.MISSING), there), (there, say(Said.MISSING))):
        status = fold_pupil("7-1", PupilState.UNKNOWN, said)
        assert (status.state, status.with_class, status.is_disputed) == (PupilState.PRESENT, "7-2", False)


def test_two_leads_who_contradict_each_other_are_in_dispute_and_the_worse_holds():
    assert held(say(Said.WITH_ME), say(Said.MISSING, "other")) == (PupilState.MISSING, True)
    assert held(say(Said.ALL), say(Said.MISSING, "other")) == (PupilState.MISSING, True)
    assert held(say(Said.MISSING), say(Said.ALL, "other")) == (PupilState.MISSING, True)
    assert held(say(Said.MISSING), say(Said.LEFT, "other")) == (PupilState.MISSING, True)
    assert held(say(Said.MISSING), say(Said.ABSENT, "other")) == (PupilState.MISSING, True)


def test_a_dispute_ends_when_one_agrees():
    quarrel = (say(Said.ALL), say(Said.MISSING, "other"))
    assert held(*quarrel, say(Said.MISSING)) == (PupilState.MISSING, False)
    assert held(*quarrel, say(Said.REST)) == (PupilState.MISSING, False)
    assert held(*quarrel, say(Said.WITH_ME, "other")) == (PupilState.PRESENT, False)


def test_the_safety_office_settles_a_dispute_and_it_can_begin_anew():
    quarrel = (say(Said.ALL), say(Said.MISSING, "other"))
    assert held(*quarrel, say(Said.MISSING, OFFICE)) == (PupilState.MISSING, False)
    assert held(*quarrel, say(Said.LEFT, OFFICE)) == (PupilState.LEFT, False)
    assert held(*quarrel, say(Said.MISSING, OFFICE), say(Said.ALL)) == (PupilState.MISSING, True)


def test_who_says_it_of_the_own_class_may_correct_it():
    assert held(say(Said.WITH_ME), say(Said.MISSING)) == (PupilState.MISSING, False)
    assert held(say(Said.MISSING), say(Said.ABSENT)) == (PupilState.ABSENT, False)
    assert held(say(Said.MISSING), say(Said.LEFT)) == (PupilState.LEFT, False)
    assert held(say(Said.INJURED), say(Said.MISSING)) == (PupilState.MISSING, False)


def test_who_lies_hurt_is_not_lost_for_who_does_not_see_them():
    assert held(say(Said.INJURED), say(Said.MISSING, "other")) == (PupilState.INJURED, False)
    assert held(say(Said.INJURED), say(Said.LEFT, "other")) == (PupilState.INJURED, False)


def test_a_missing_pupil_found_hurt_is_injured():
    assert held(say(Said.MISSING), say(Said.INJURED, "other")) == (PupilState.INJURED, False)


def test_a_pupil_known_to_be_absent_stays_so_until_somebody_says_otherwise():
    assert held(say(Said.ALL), start=PupilState.ABSENT) == (PupilState.ABSENT, False)
    assert held(say(Said.WITH_ME), start=PupilState.ABSENT) == (PupilState.PRESENT, False)


# ── one class ──────────────────────────────────────────────────────────────────────────────────────────────
def count(*said, own=(), enrolled=40, absent=0, guests=0, is_visitors=False, turned_up=0, found=()):
    statuses = [PupilStatus(state) for state in own]
    statuses += [PupilStatus()] * (enrolled - len(statuses))
    return count_class(
        enrolled=enrolled,
        absent_unnamed=absent,
        own=statuses,
        guests=guests,
        said=[one for one in said if one.pupil is None],
        has_answered=bool(said),
        is_visitors=is_visitors,
        turned_up=turned_up,
        found=found,
    )


def figures(found):
    tally = found.tally
    return found.state, tally.present, tally.missing, tally.unknown


def test_no_answer_is_not_missing():
    assert figures(count()) == (ClassState.SILENT, 0, 0, 40)


def test_all_here_is_one_word():
    assert figures(count(say(Said.ALL))) == (ClassState.COMPLETE, 40, 0, 0)


def test_a_number_that_is_too_small_means_missing_pupils_without_names():
    found = count(say(Said.NUMBER, number=38))
    assert figures(found) == (ClassState.SHORT, 38, 2, 0)
    assert found.tally.unnamed_missing == 2


def test_naming_them_afterwards_counts_nobody_twice():
    own = (PupilState.MISSING, PupilState.MISSING)
    assert figures(count(say(Said.NUMBER, number=38), own=own)) == (ClassState.SHORT, 38, 2, 0)


def test_a_number_that_is_too_big_is_no_whole_count():
    found = count(say(Said.NUMBER, number=41))
    assert (found.state, found.tally.present, found.tally.unnamed_extra) == (ClassState.COUNTING, 40, 1)


def test_heads_too_many_are_first_the_guests_known_by_name():
    found = count(say(Said.NUMBER, number=41), guests=1)
    assert (found.state, found.tally.present, found.tally.extra) == (ClassState.COMPLETE, 40, 1)


def test_heads_too_many_may_be_pupils_who_came_after_all():
    found = count(say(Said.NUMBER, number=40), absent=3)
    assert (found.tally.present, found.tally.absent, found.tally.unnamed_extra) == (40, 0, 0)


def test_those_known_to_be_absent_are_not_expected():
    found = count(say(Said.ALL), absent=3)
    assert (found.tally.expected, found.tally.present, found.tally.absent) == (37, 37, 3)


def test_absences_by_name_are_part_of_the_number_said():
    found = count(say(Said.ALL), own=(PupilState.ABSENT, PupilState.ABSENT), absent=3)
    assert (found.tally.absent, found.tally.present) == (3, 37)


def test_two_numbers_of_two_people_are_a_dispute_and_the_smaller_holds():
    found = count(say(Said.ALL), say(Said.NUMBER, "other", number=38))
    assert (found.state, found.tally.present) == (ClassState.DISPUTED, 38)
    assert not count(
        say(Said.ALL), say(Said.NUMBER, "other", number=38), say(Said.NUMBER, number=38)
    ).is_disputed


def test_the_safety_office_settles_the_number():
    found = count(say(Said.ALL), say(Said.NUMBER, "other", number=38), say(Said.NUMBER, OFFICE, number=39))
    assert (found.state, found.tally.present, found.is_disputed) == (ClassState.SHORT, 39, False)
    assert not count(say(Said.NUMBER, OFFICE, number=39), say(Said.ALL)).is_disputed


def test_a_class_without_a_list_is_as_many_as_it_says():
    found = count(say(Said.NUMBER, number=31), enrolled=0)
    assert (found.tally.enrolled, found.tally.present, found.state) == (31, 31, ClassState.COMPLETE)


def test_all_of_a_class_without_a_list_is_no_number():
    found = count(say(Said.ALL), enrolled=0)
    assert (found.tally.present, found.state) == (0, ClassState.COUNTING)
    found = count(say(Said.NUMBER, number=31), say(Said.ALL), say(Said.REST, "other"), enrolled=0)
    assert (found.tally.present, found.state, found.is_disputed) == (31, ClassState.COMPLETE, False)
    found = count(say(Said.ALL, OFFICE), enrolled=0, is_visitors=True)
    assert found.state is ClassState.COMPLETE, "the last visitor has gone"


def test_who_was_named_absent_and_turned_up_is_no_longer_one_of_the_number_absent():
    own = (PupilState.PRESENT, PupilState.ABSENT)
    found = count(say(Said.NUMBER, number=37), own=own, absent=3, turned_up=1)
    assert (found.tally.expected, found.tally.absent, found.tally.missing) == (38, 2, 1)
    found = count(own=(PupilState.PRESENT, PupilState.ABSENT, PupilState.ABSENT), absent=3, turned_up=1)
    assert found.tally.absent == 2, "who was named instead was the third"


def test_who_was_found_after_the_number_may_be_one_more_or_one_of_it():
    own = (PupilState.PRESENT, PupilState.MISSING)
    three = replace(say(Said.NUMBER, number=3), id=1)
    found = count(three, own=own, enrolled=5, found=[4])
    assert (found.state, found.tally.missing, found.tally.unknown) == (ClassState.COUNTING, 1, 1)
    assert count(three, own=own, enrolled=5, found=[]).tally.missing == 2, (
        "named among those who were counted"
    )
    again = replace(say(Said.NUMBER, number=4), id=5)
    assert figures(count(three, again, own=own, enrolled=5, found=[4])) == (ClassState.SHORT, 4, 1, 0)
    mistaken = count(replace(three, number=5), own=own[:1], enrolled=5, found=[4])
    assert figures(mistaken) == (ClassState.COMPLETE, 5, 0, 0), "pressed by mistake"


def test_help_stays_called_until_it_is_there():
    assert count(say(Said.HELP)).needs_help
    assert not count(say(Said.HELP), say(Said.HELP_OVER)).needs_help


# ── what always holds ──────────────────────────────────────────────────────────────────────────────────────
PEOPLE = st.sampled_from(["lead", "other", "neighbour", OFFICE])
CLASS_SAID = st.builds(
    lambda said, by, n: say(said, by, number=n if said is Said.NUMBER else None),
    st.sampled_from(sorted(ABOUT_CLASS)),
    PEOPLE,
    st.integers(0, 60),
)
PUPIL_SAID = st.builds(
    lambda said, by: say(said, by, of="7-2" if by == "neighbour" else "7-1"),
    st.sampled_from([Said.WITH_ME, Said.MISSING, Said.INJURED, Said.LEFT, Said.ABSENT]),
    PEOPLE,
)
STATES = st.lists(st.sampled_from(PupilState), max_size=40)


@given(st.lists(CLASS_SAID, max_size=6), STATES, st.integers(0, 40), st.integers(0, 5))
def test_everybody_enrolled_is_counted_exactly_once(said, own, absent, guests):
    tally = count(*said, own=own, absent=absent, guests=guests).tally
    parts = (tally.present, tally.missing, tally.injured, tally.left, tally.absent, tally.unknown)
    assert sum(parts) == tally.enrolled == 40
    assert min(*parts, tally.extra, tally.unnamed_missing, tally.unnamed_extra) >= 0
    assert tally.unnamed_missing <= tally.missing
    assert tally.extra >= guests


@given(st.lists(st.one_of(PUPIL_SAID, CLASS_SAID), max_size=12))
def test_a_lost_pupil_changes_only_by_a_word_about_that_pupil(said):
    for length in range(len(said)):
        before = fold_pupil("7-1", PupilState.UNKNOWN, said[:length])
        after = fold_pupil("7-1", PupilState.UNKNOWN, said[: length + 1])
        if said[length].said in ABOUT_CLASS:
            assert replace(after, is_disputed=before.is_disputed) == before


@given(st.lists(st.one_of(PUPIL_SAID, CLASS_SAID), min_size=1, max_size=12))
def test_saying_the_same_again_changes_nothing(said):
    once = fold_pupil("7-1", PupilState.UNKNOWN, said)
    assert fold_pupil("7-1", PupilState.UNKNOWN, [*said, said[-1]]) == once
    lines = [one for one in said if one.pupil is None]
    assert count(*lines) == count(*lines, *lines[-1:])


@given(st.lists(st.one_of(PUPIL_SAID, CLASS_SAID), max_size=12))
def test_only_a_missing_pupil_is_disputed_and_never_by_one_person_alone(said):
    status = fold_pupil("7-1", PupilState.UNKNOWN, said)
    against = contradictors(status, said)
    assert status.is_disputed == bool(against)
    if status.is_disputed:
        assert status.state is PupilState.MISSING
        assert status.said_by not in against
    alone = [replace(one, said_by="lead", is_final=False) for one in said]
    assert not fold_pupil("7-1", PupilState.UNKNOWN, alone).is_disputed


@given(st.lists(st.one_of(PUPIL_SAID, CLASS_SAID), max_size=12))
def test_the_last_with_me_about_a_pupil_always_holds(said):
    found = fold_pupil("7-1", PupilState.UNKNOWN, [*said, say(Said.WITH_ME)])
    assert (found.state, found.is_disputed) == (PupilState.PRESENT, False)


# ── from the room to the assembly point ────────────────────────────────────────────────────────────────────
def walked(*said, start=PupilState.UNKNOWN, since=()):
    numbered = [replace(one, id=n) for n, one in enumerate((*said, *since), 1)]
    status = fold_pupil("7-1", start, numbered, recount_after=len(said))
    return status.state, status.is_disputed


def test_who_was_here_before_the_walk_is_not_counted_yet():
    assert walked(say(Said.WITH_ME)) == (PupilState.UNKNOWN, False)
    assert walked(say(Said.WITH_ME, of="7-2")) == (PupilState.UNKNOWN, False)
    assert walked(say(Said.MISSING), say(Said.WITH_ME)) == (PupilState.UNKNOWN, False)
    assert walked(say(Said.WITH_ME), start=PupilState.ABSENT) == (PupilState.UNKNOWN, False)
    assert walked(say(Said.WITH_ME), since=[say(Said.WITH_ME)]) == (PupilState.PRESENT, False)


@pytest.mark.parametrize("said", [Said.MISSING, Said.INJURED, Said.LEFT, Said.ABSENT])
def test_who_was_not_here_before_the_walk_is_so_still(said):
    assert walked(say(said)) == held(say(said))


def test_all_here_in_the_room_contradicts_nobody_after_the_walk():
    said = [say(Said.MISSING), say(Said.ALL, "other")]
    assert held(*said) == (PupilState.MISSING, True)
    assert walked(*said) == (PupilState.MISSING, False)
    assert walked(said[0], since=[said[1]]) == (PupilState.MISSING, True)
    assert walked(said[0], say(Said.LEFT, "other")) == (PupilState.MISSING, True)
