from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.headcount import (
    ABOUT_CLASS,
    ABOUT_PUPIL,
    ClassState,
    PupilState,
    Said,
    Statement,
    Tally,
    contradictors,
    count_class,
    fold_pupil,
    last_words,
)

# Pupils 0 to 4 are of HOME, from 100 on of THERE.
HOME, THERE = "7-1", "8-2"
LEAD, CO_LEAD, OTHER, OFFICE = "lead", "co-lead", "other lead", "office"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALL, REST, HELP, HELP_OVER = Said.ALL, Said.REST, Said.HELP, Said.HELP_OVER
WITH_ME, MISSING, INJURED = Said.WITH_ME, Said.MISSING, Said.INJURED
LEFT, ABSENT = Said.LEFT, Said.ABSENT
PARTS = ("present", "missing", "injured", "left", "absent", "unknown")


def say(by, said, pupil=None, *, at=HOME, number=None):
    """One statement, for the class `at`; the office's word is final."""
    is_final = by == OFFICE and said not in (HELP, HELP_OVER)
    return Statement(0, at, said, by, START, pupil=pupil, number=number, is_final=is_final)


def heads(by, number, *, at=HOME):
    return say(by, Said.NUMBER, at=at, number=number)


def in_order(said):
    """With the ids and times that the database would give them."""
    return [replace(one, id=n, at=START + timedelta(seconds=n)) for n, one in enumerate(said, 1)]


def about(said, pupil):
    """What is folded for one pupil."""
    home = HOME if pupil < 100 else THERE
    of_class = (one for one in said if one.school_class == home and one.said in ABOUT_CLASS)
    return sorted([*(one for one in said if one.pupil == pupil), *of_class], key=lambda one: one.id)


def status(*said, start=PupilState.UNKNOWN, pupil=0):
    return fold_pupil(HOME if pupil < 100 else THERE, start, about(in_order(said), pupil))


def against(*said):
    """Who does not agree that pupil 0 is missing."""
    said = about(in_order(said), 0)
    return contradictors(fold_pupil(HOME, PupilState.UNKNOWN, said), said)


def count(*said, pupils=5, away=(), away_unnamed=0, unlisted=0, name=HOME):
    """One class; `away`: its pupils known to be absent today."""
    said = in_order(said)
    first = 0 if name == HOME else 100
    own = range(first, first + pupils)
    starts = {pupil: PupilState.ABSENT if pupil in away else PupilState.UNKNOWN for pupil in own}
    foreign = {one.pupil for one in said if one.pupil is not None} - set(own)
    guests = [
        fold_pupil(THERE if name == HOME else HOME, PupilState.UNKNOWN, about(said, p)) for p in foreign
    ]
    return count_class(
        enrolled=pupils + unlisted,
        absent_unnamed=away_unnamed,
        own=[fold_pupil(name, starts[pupil], about(said, pupil)) for pupil in own],
        guests=sum(1 for one in guests if one.with_class == name),
        said=[one for one in said if one.pupil is None and one.school_class == name],
        has_answered=any(one.school_class == name for one in said),
    )


def figures(counted, *names):
    return tuple(getattr(counted.tally, name) for name in names)


# ── what holds about one pupil ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "state"),
    [(WITH_ME, "present"), (MISSING, "missing"), (INJURED, "injured"), (LEFT, "left"), (ABSENT, "absent")],
)
def test_of_whom_nobody_has_spoken_anything_may_be_said(said, state):
    for by in (LEAD, OFFICE):
        one = status(say(by, said, 0))
        assert (one.state, one.said_by, one.is_disputed) == (state, by, False)
        assert one.said_at == START + timedelta(seconds=1)


def test_of_whom_nobody_has_spoken_nothing_is_known():
    assert status().state is PupilState.UNKNOWN
    assert status(start=PupilState.ABSENT).state is PupilState.ABSENT
    assert status(say(LEAD, ALL), heads(LEAD, 5), say(OFFICE, REST)).state is PupilState.UNKNOWN


@pytest.mark.parametrize("lost", [MISSING, INJURED])
@pytest.mark.parametrize("by", [LEAD, CO_LEAD, OFFICE])
@pytest.mark.parametrize("later", [ALL, REST, Said.NUMBER])
def test_who_is_named_lost_stays_so_whoever_says_all_here(lost, by, later):
    one = status(say(LEAD, lost, 0), say(by, later, number=5))
    assert (one.state, one.said_by) == (lost.value, LEAD)


@pytest.mark.parametrize("lost", [MISSING, INJURED])
@pytest.mark.parametrize("by", [LEAD, CO_LEAD, OFFICE])
def test_with_me_by_anybody_finds(lost, by):
    one = status(say(LEAD, lost, 0), say(by, WITH_ME, 0))
    assert (one.state, one.is_disputed, one.with_class, one.said_by) == ("present", False, None, by)


def test_with_me_for_one_pupil_finds_no_other():
    said = [say(LEAD, MISSING, 0), say(LEAD, MISSING, 1), say(LEAD, WITH_ME, 1)]
    assert status(*said).state is PupilState.MISSING
    assert status(*said, pupil=1).state is PupilState.PRESENT


@pytest.mark.parametrize("is_missed_first", [True, False])
def test_missing_here_and_extra_there_is_one_found_pupil_in_either_order(is_missed_first):
    said = [say(LEAD, MISSING, 0), say(OTHER, WITH_ME, 0, at=THERE)]
    one = status(*(said if is_missed_first else said[::-1]))
    assert (one.state, one.with_class, one.said_by, one.is_disputed) == ("present", THERE, OTHER, False)


def test_who_came_back_to_the_own_class_is_nobodys_guest():
    one = status(say(OTHER, WITH_ME, 0, at=THERE), say(LEAD, WITH_ME, 0))
    assert (one.state, one.with_class, one.said_by) == ("present", None, LEAD)


def test_the_class_that_has_a_guest_may_lose_it():
    there = [say(OTHER, WITH_ME, 0, at=THERE)]
    one = status(*there, say(OTHER, MISSING, 0, at=THERE))
    assert (one.state, one.with_class, one.is_disputed) == ("missing", None, False)
    one = status(*there, say(CO_LEAD, MISSING, 0, at=THERE))
    assert (one.state, one.with_class, one.is_disputed) == ("missing", None, True)


def test_missing_after_somebody_of_the_same_class_has_them_is_a_disagreement():
    said = [say(LEAD, WITH_ME, 0), say(CO_LEAD, MISSING, 0)]
    one = status(*said)
    assert (one.state, one.is_disputed, one.said_by) == ("missing", True, CO_LEAD)
    assert against(*said) == [LEAD]


def test_who_changes_their_own_mind_disagrees_with_nobody():
    for first in (WITH_ME, LEFT, ABSENT):
        one = status(say(LEAD, first, 0), say(LEAD, MISSING, 0))
        assert (one.state, one.is_disputed) == ("missing", False)
        one = status(say(LEAD, MISSING, 0), say(LEAD, first, 0))
        assert one.state is not PupilState.MISSING
    assert not status(say(LEAD, ALL), say(LEAD, MISSING, 0)).is_disputed
    assert not status(say(LEAD, MISSING, 0), say(LEAD, ALL)).is_disputed


@pytest.mark.parametrize("is_all_first", [True, False])
def test_all_here_of_the_other_lead_is_a_disagreement_in_either_order(is_all_first):
    said = [say(CO_LEAD, ALL), say(LEAD, MISSING, 0)]
    said = said if is_all_first else said[::-1]
    one = status(*said)
    assert (one.state, one.is_disputed) == ("missing", True)
    assert against(*said) == [CO_LEAD]


@pytest.mark.parametrize(
    "agreed", [say(CO_LEAD, REST), heads(CO_LEAD, 4), say(CO_LEAD, MISSING, 0), say(CO_LEAD, WITH_ME, 0)]
)
def test_a_disagreement_ends_when_one_of_them_agrees(agreed):
    said = [say(LEAD, MISSING, 0), say(CO_LEAD, ALL)]
    assert status(*said).is_disputed
    assert not status(*said, agreed).is_disputed


def test_when_one_of_two_agrees_the_third_still_does_not():
    said = [say(LEAD, MISSING, 0), say(CO_LEAD, ALL), say(OTHER, ALL)]
    assert against(*said) == [CO_LEAD, OTHER]
    assert against(*said, say(CO_LEAD, REST)) == [OTHER]


@pytest.mark.parametrize("gone", [LEFT, ABSENT])
def test_gone_by_another_does_not_end_a_search_but_is_a_disagreement(gone):
    said = [say(LEAD, MISSING, 0), say(CO_LEAD, gone, 0)]
    one = status(*said)
    assert (one.state, one.is_disputed, one.said_by) == ("missing", True, LEAD)
    assert status(*said, say(LEAD, gone, 0)).state == gone.value
    assert status(*said[:1], say(OFFICE, gone, 0)).state == gone.value


@pytest.mark.parametrize("gone", [LEFT, ABSENT])
@pytest.mark.parametrize("by", [LEAD, CO_LEAD])
def test_the_injured_have_not_gone_home(gone, by):
    one = status(say(LEAD, INJURED, 0), say(by, gone, 0))
    assert (one.state, one.is_disputed) == ("injured", False)


@pytest.mark.parametrize("at", [HOME, THERE])
def test_injured_stays_injured_when_another_says_missing(at):
    one = status(say(OTHER, INJURED, 0, at=at), say(LEAD, MISSING, 0))
    assert (one.state, one.said_by, one.is_disputed) == ("injured", OTHER, False)


def test_who_lost_sight_of_the_injured_says_so():
    assert status(say(LEAD, INJURED, 0), say(LEAD, MISSING, 0)).state is PupilState.MISSING


def test_a_missing_pupil_may_be_found_injured():
    one = status(say(LEAD, MISSING, 0), say(OTHER, INJURED, 0, at=THERE))
    assert (one.state, one.with_class, one.is_disputed) == ("injured", None, False)


def test_known_to_be_absent_and_here_all_the_same():
    assert status(say(LEAD, WITH_ME, 0), start=PupilState.ABSENT).state is PupilState.PRESENT
    assert status(say(LEAD, MISSING, 0), start=PupilState.ABSENT).state is PupilState.MISSING


@pytest.mark.parametrize("verdict", [WITH_ME, MISSING, INJURED, LEFT, ABSENT])
def test_the_office_settles_it_whatever_was_said(verdict):
    for said in ([say(LEAD, MISSING, 0), say(CO_LEAD, ALL)], [say(LEAD, INJURED, 0), say(CO_LEAD, LEFT, 0)]):
        one = status(*said, say(OFFICE, verdict, 0))
        assert (one.is_disputed, one.said_by) == (False, OFFICE)
        assert one.state is not PupilState.UNKNOWN
        assert one.state == status(say(OFFICE, verdict, 0)).state


def test_all_here_by_the_office_settles_no_pupil_by_name():
    said = [say(LEAD, MISSING, 0), say(CO_LEAD, ALL)]
    assert status(*said, say(OFFICE, ALL)).is_disputed
    assert not status(say(LEAD, MISSING, 0), say(OFFICE, ALL)).is_disputed


def test_what_was_settled_may_be_contradicted_anew():
    settled = [say(CO_LEAD, ALL), say(LEAD, WITH_ME, 0), say(OFFICE, MISSING, 0)]
    assert against(*settled) == []
    assert against(*settled, say(CO_LEAD, ALL)) == [CO_LEAD]
    assert against(*settled, say(CO_LEAD, LEFT, 0)) == [CO_LEAD]
    assert status(*settled, say(CO_LEAD, LEFT, 0)).said_by == OFFICE
    assert against(*settled, say(CO_LEAD, ALL), say(OFFICE, MISSING, 0)) == []
    assert status(*settled, say(CO_LEAD, WITH_ME, 0)).state is PupilState.PRESENT


def test_the_words_are_those_of_the_statement_that_holds():
    seen = replace(say(LEAD, MISSING, 0), words="red jacket")
    assert status(seen).words == "red jacket"
    assert status(seen, replace(say(CO_LEAD, LEFT, 0), words="bus")).words == "red jacket"
    assert status(seen, say(CO_LEAD, WITH_ME, 0)).words == ""


# ── what a class adds up to ───────────────────────────────────────────────────────────────────────────────────


def test_no_answer_is_not_missing():
    counted = count()
    assert counted.state is ClassState.SILENT
    assert figures(counted, "enrolled", "unknown", "missing", "present") == (5, 5, 0, 0)
    assert (counted.tally.expected, counted.tally.unaccounted) == (5, 5)


def test_all_here_is_one_tap():
    counted = count(say(LEAD, ALL))
    assert counted.state is ClassState.COMPLETE
    assert figures(counted, "enrolled", "present", "unknown") == (5, 5, 0)


def test_one_named_and_the_rest_unknown_is_only_begun():
    counted = count(say(LEAD, MISSING, 0))
    assert counted.state is ClassState.COUNTING
    assert figures(counted, "missing", "unknown", "unnamed_missing") == (1, 4, 0)


@pytest.mark.parametrize("word", [ALL, REST])
def test_the_rest_is_here_beside_those_who_are_named(word):
    said = [say(LEAD, MISSING, 0), say(LEAD, INJURED, 1), say(LEAD, LEFT, 2), say(LEAD, word)]
    counted = count(*said)
    assert counted.state is ClassState.SHORT
    assert figures(counted, *PARTS) == (2, 1, 1, 1, 0, 0)
    assert count(*said, say(CO_LEAD, WITH_ME, 0)).state is ClassState.COMPLETE


def test_everybody_named_is_whole_without_another_word():
    counted = count(*(say(LEAD, WITH_ME, pupil) for pupil in range(5)))
    assert counted.state is ClassState.COMPLETE


def test_fewer_heads_than_expected_are_missing_without_a_name():
    counted = count(heads(LEAD, 3))
    assert counted.state is ClassState.SHORT
    assert figures(counted, "present", "missing", "unnamed_missing") == (3, 2, 2)


def test_naming_one_of_them_makes_nobody_missing_twice():
    counted = count(heads(LEAD, 3), say(LEAD, MISSING, 0))
    assert figures(counted, "present", "missing", "unnamed_missing") == (3, 2, 1)
    counted = count(heads(LEAD, 3), say(OTHER, WITH_ME, 0, at=THERE))
    assert figures(counted, "present", "missing", "unnamed_missing") == (4, 1, 1)


def test_pupils_ticked_as_here_are_among_the_heads():
    counted = count(say(LEAD, WITH_ME, 0), say(LEAD, WITH_ME, 1), heads(LEAD, 4))
    assert figures(counted, "present", "missing") == (4, 1)
    assert figures(count(say(LEAD, WITH_ME, 0), say(LEAD, WITH_ME, 1), heads(LEAD, 1)), "present") == (2,)


def test_too_many_heads_are_first_the_guests_known_by_name():
    counted = count(say(LEAD, WITH_ME, 100), heads(LEAD, 6), away_unnamed=1)
    assert figures(counted, "present", "absent", "extra", "unnamed_extra") == (5, 0, 1, 0)
    counted = count(say(LEAD, WITH_ME, 100), heads(LEAD, 5), away_unnamed=1)
    assert figures(counted, "present", "absent", "extra", "unnamed_extra") == (4, 1, 1, 0)
    assert counted.state is ClassState.COMPLETE


def test_then_pupils_who_were_thought_to_be_absent():
    counted = count(heads(LEAD, 4), away_unnamed=2)
    assert figures(counted, "present", "absent", "missing", "unnamed_extra") == (4, 1, 0, 0)
    assert counted.state is ClassState.COMPLETE


def test_then_somebody_who_must_still_be_named():
    counted = count(heads(LEAD, 7), away_unnamed=1)
    assert figures(counted, "enrolled", "present", "absent", "extra", "unnamed_extra") == (5, 5, 0, 2, 2)
    assert counted.state is ClassState.COUNTING
    named = count(heads(LEAD, 7), say(LEAD, WITH_ME, 100), say(LEAD, WITH_ME, 101), away_unnamed=1)
    assert named.state is ClassState.COMPLETE
    assert figures(named, "present", "absent", "extra", "unnamed_extra") == (5, 0, 2, 0)


def test_the_guests_of_a_class_are_no_part_of_its_own():
    said = [say(LEAD, WITH_ME, 100), say(LEAD, ALL)]
    assert figures(count(*said), "enrolled", "present", "extra") == (5, 5, 1)
    there = count(*said, say(OTHER, ALL, at=THERE), name=THERE)
    assert figures(there, "enrolled", "present", "extra") == (5, 5, 0)
    assert there.state is ClassState.COMPLETE


def test_another_class_that_has_a_pupil_does_not_answer_for_the_class():
    counted = count(say(OTHER, WITH_ME, 0, at=THERE))
    assert counted.state is ClassState.SILENT
    assert figures(counted, "present", "unknown") == (1, 4)


def test_the_absent_by_name_are_among_the_absent_by_number():
    assert figures(count(say(LEAD, ALL), away=(0,), away_unnamed=3), *PARTS) == (2, 0, 0, 0, 3, 0)
    assert figures(count(say(LEAD, ALL), away=(0, 1), away_unnamed=1), *PARTS) == (3, 0, 0, 0, 2, 0)
    assert count(away=(0,), away_unnamed=3).tally.expected == 2
    assert figures(count(say(LEAD, ABSENT, 1), say(LEAD, ALL), away=(0,), away_unnamed=3), "absent") == (3,)


def test_no_more_are_absent_than_nobody_has_named():
    said = [say(LEAD, WITH_ME, pupil) for pupil in range(4)]
    counted = count(*said, away_unnamed=3)
    assert figures(counted, *PARTS) == (4, 0, 0, 0, 1, 0)
    assert figures(count(away_unnamed=9), "absent", "unknown") == (5, 0)


def test_two_numbers_are_a_disagreement_and_the_worse_holds():
    for one, other in ((3, 5), (5, 3)):
        counted = count(heads(LEAD, one), heads(CO_LEAD, other))
        assert (counted.state, counted.is_disputed) == (ClassState.DISPUTED, True)
        assert figures(counted, "present", "missing") == (3, 2)
    assert count(heads(LEAD, 6), heads(CO_LEAD, 5)).is_disputed


def test_a_number_and_all_here_that_mean_the_same_agree():
    assert count(heads(LEAD, 5), say(CO_LEAD, ALL)).state is ClassState.COMPLETE
    assert count(heads(LEAD, 4), say(CO_LEAD, ALL)).is_disputed
    assert count(heads(LEAD, 4), say(CO_LEAD, REST), say(LEAD, MISSING, 0)).state is ClassState.SHORT


def test_each_ones_last_number_counts():
    counted = count(heads(LEAD, 3), heads(CO_LEAD, 5), heads(LEAD, 5))
    assert counted.state is ClassState.COMPLETE
    assert [
        one.number for one in last_words(in_order([heads(LEAD, 3), say(LEAD, HELP), heads(LEAD, 5)]))
    ] == [5]


def test_the_office_settles_numbers():
    said = [heads(LEAD, 3), heads(CO_LEAD, 5)]
    counted = count(*said, heads(OFFICE, 4))
    assert (counted.state, counted.tally.missing) == (ClassState.SHORT, 1)
    assert count(*said, heads(OFFICE, 4), say(LEAD, ALL)).state is ClassState.COMPLETE, "it is counted anew"
    assert count(*said, heads(OFFICE, 4), say(LEAD, ALL), heads(CO_LEAD, 4)).is_disputed


def test_a_disagreement_about_one_pupil_is_one_of_the_class():
    said = [say(LEAD, MISSING, 0), say(CO_LEAD, ALL)]
    counted = count(*said)
    assert (counted.state, counted.is_disputed) == (ClassState.DISPUTED, True)
    assert figures(counted, "present", "missing") == (4, 1)
    assert count(*said, say(OFFICE, MISSING, 0)).state is ClassState.SHORT


def test_a_class_without_a_pupil_list_is_as_many_as_it_says():
    counted = count(heads(LEAD, 12), pupils=0)
    assert counted.state is ClassState.COMPLETE
    assert figures(counted, "enrolled", "present", "missing", "extra") == (12, 12, 0, 0)
    counted = count(heads(LEAD, 12), heads(CO_LEAD, 10), pupils=0)
    assert counted.state is ClassState.DISPUTED
    assert figures(counted, "enrolled", "present", "unnamed_extra") == (12, 12, 0)


@pytest.mark.parametrize("said", [say(LEAD, HELP), say(LEAD, HELP_OVER), say(LEAD, WITH_ME, 100)])
def test_a_class_without_a_pupil_list_is_not_whole_before_it_says_how_many(said):
    assert count(pupils=0).state is ClassState.SILENT
    assert count(said, pupils=0).state is ClassState.COUNTING


def test_a_guest_of_a_class_without_a_pupil_list_is_not_counted_twice():
    counted = count(say(LEAD, WITH_ME, 100), heads(LEAD, 12), pupils=0)
    assert figures(counted, "enrolled", "present", "extra", "unnamed_extra") == (11, 11, 1, 0)
    assert figures(count(say(LEAD, WITH_ME, 100), heads(LEAD, 0), pupils=0), *PARTS) == (0,) * 6


def test_visitors_are_a_number_without_names():
    assert figures(count(pupils=0, unlisted=12), "enrolled", "unknown") == (12, 12)
    assert count(say(OFFICE, ALL), pupils=0, unlisted=12).state is ClassState.COMPLETE
    counted = count(heads(OFFICE, 10), pupils=0, unlisted=12)
    assert (counted.state, counted.tally.unnamed_missing) == (ClassState.SHORT, 2)
    assert figures(count(heads(OFFICE, 13), pupils=0, unlisted=12), "present", "unnamed_extra") == (12, 1)


def test_help_is_wanted_until_it_is_over_and_counts_nobody():
    assert not count().needs_help
    counted = count(say(LEAD, HELP))
    assert (counted.needs_help, counted.state, counted.tally.unknown) == (True, ClassState.COUNTING, 5)
    assert count(say(LEAD, HELP), say(LEAD, ALL)).needs_help
    assert not count(say(LEAD, HELP), say(OFFICE, HELP_OVER)).needs_help
    assert count(say(LEAD, HELP_OVER), say(CO_LEAD, HELP)).needs_help
    assert count(say(LEAD, HELP), say(LEAD, ALL)).state is ClassState.COMPLETE


def test_figures_add_up_one_by_one():
    assert Tally(5, 4, 1) + Tally(3, 1, 0, 1, 1, extra=2) == Tally(8, 5, 1, 1, 1, extra=2)
    assert Tally(enrolled=9, absent=2, missing=1, unknown=3).expected == 7
    assert Tally(missing=1, unknown=3).unaccounted == 4


# ── whatever anybody says ─────────────────────────────────────────────────────────────────────────────────────

people = st.sampled_from([LEAD, CO_LEAD, OTHER, OFFICE])
named = st.builds(
    say,
    people,
    st.sampled_from(sorted(ABOUT_PUPIL)),
    st.sampled_from([0, 0, 1, 2, 100, 101]),
    at=st.sampled_from([HOME, HOME, THERE]),
)
worded = st.builds(
    say, people, st.sampled_from([ALL, REST, HELP, HELP_OVER]), at=st.sampled_from([HOME, THERE])
)
numbered = st.builds(heads, people, st.integers(0, 9), at=st.sampled_from([HOME, HOME, THERE]))
statements = st.one_of(named, named, worded, numbered)
stories = st.lists(statements, max_size=12)
school = st.fixed_dictionaries(
    {
        "pupils": st.integers(3, 5),
        "away": st.sets(st.integers(0, 4)),
        "away_unnamed": st.integers(0, 7),
        "unlisted": st.integers(0, 2),
    }
)
hypothesis_settings = settings(max_examples=200, deadline=None)


@hypothesis_settings
@given(stories, school)
def test_everybody_is_in_exactly_one_place(said, school):
    tally = count(*said, **school).tally
    assert tally.enrolled == school["pupils"] + school["unlisted"]
    assert tally.enrolled == sum(getattr(tally, part) for part in PARTS)
    assert min(getattr(tally, name) for name in Tally.__dataclass_fields__) >= 0
    assert tally.unnamed_missing <= tally.missing
    assert tally.unnamed_extra <= tally.extra


@hypothesis_settings
@given(stories)
def test_also_where_there_is_no_list(said):
    counted = count(*(one for one in said if one.pupil is None or one.pupil >= 100), pupils=0)
    tally = counted.tally
    assert tally.enrolled == sum(getattr(tally, part) for part in PARTS)
    assert min(getattr(tally, name) for name in Tally.__dataclass_fields__) >= 0
    spoken = [one for one in said if one.school_class == HOME and one.said in ABOUT_CLASS]
    assert spoken or counted.state in (ClassState.SILENT, ClassState.COUNTING)


@hypothesis_settings
@given(stories, statements, school)
def test_saying_it_again_changes_nothing(said, last, school):
    once, twice = [*said, last], [*said, last, last]
    assert count(*once, **school) == count(*twice, **school)
    for pupil in (0, 100):
        before, after = status(*once, pupil=pupil), status(*twice, pupil=pupil)
        assert replace(after, said_at=None) == replace(before, said_at=None)


@hypothesis_settings
@given(stories, school)
def test_the_same_words_are_the_same_count(said, school):
    assert count(*said, **school) == count(*said, **school)
    kept = about(in_order(said), 0)
    assert fold_pupil(HOME, PupilState.UNKNOWN, iter(kept)) == fold_pupil(HOME, PupilState.UNKNOWN, kept)


def is_independent(one, other):
    """What neither contradicts nor corrects the other: other pupils, other classes, other people about a class."""
    if one.pupil is not None and other.pupil is not None:
        return one.pupil != other.pupil
    if one.pupil is None and other.pupil is None:
        is_final = one.is_final or other.is_final
        is_help = {one.said, other.said} <= {HELP, HELP_OVER}
        return one.school_class != other.school_class or not (
            one.said_by == other.said_by or is_final or is_help
        )
    return one.said_by != other.said_by and not (one.is_final or other.is_final)


@settings(max_examples=300, deadline=None)
@given(stories, statements, statements, stories, school)
def test_the_order_of_what_has_nothing_to_do_with_each_other_does_not_matter(
    before, one, other, after, school
):
    if not is_independent(one, other):
        return
    # The office's last word on a class begins its count anew for whoever speaks first.
    if any(said.is_final and said.pupil is None for said in before):
        return
    first, second = count(*before, one, other, *after, **school), count(*before, other, one, *after, **school)
    assert first == second


@hypothesis_settings
@given(stories, st.sampled_from([MISSING, INJURED]), people, stories)
def test_whoever_is_lost_stays_so_until_somebody_names_that_very_pupil(before, lost, by, after):
    said = [*before, say(by, lost, 0)]
    held = status(*said).state
    assert status(*said, *(one for one in after if one.pupil != 0)).state is held
    # "Gone" by whoever missed them is a correction; by anybody else it finds nobody.
    kept = [one for one in after if one.pupil != 0 or (one.said in (LEFT, ABSENT) and one.said_by != by)]
    assert status(say(by, lost, 0), *(one for one in kept if not one.is_final)).state == lost.value


@hypothesis_settings
@given(stories, people)
def test_only_the_missing_are_in_dispute_and_the_office_ends_it(said, by):
    one = status(*said)
    assert one.is_disputed == bool(against(*said))
    assert not one.is_disputed or one.state is PupilState.MISSING
    assert one.said_by not in against(*said)
    assert not status(*said, say(OFFICE, MISSING, 0)).is_disputed
