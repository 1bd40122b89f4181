"""What was said, added up again: for the pupils it is about, then for the classes that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from bot.domain.headcount import (
    ABOUT_CLASS,
    ClassCount,
    ClassState,
    CountedClass,
    CountedPupil,
    PupilState,
    Said,
    Source,
    Statement,
    Tally,
    count_class,
    fold_pupil,
    found_by,
)
from bot.services.turn import Turn


def refold(turn: Turn, pupils: Sequence[CountedPupil]) -> list[CountedPupil]:
    """What holds about each of these pupils now, in their order, written back where it is something new."""
    after = recount_after(turn, pupils[0].roll_call_id) if pupils else 0
    return [
        _refold_one(turn, pupil, said, after) for pupil, said in zip(pupils, _said(turn, pupils), strict=True)
    ]


def recount_after(turn: Turn, roll_call_id: int) -> int:
    """The last statement from before the classes walked; see `fold_pupil`."""
    roll_call = turn.tx.roll_calls.get(roll_call_id)
    return roll_call.recount_after if roll_call else 0


def _refold_one(turn: Turn, pupil: CountedPupil, said: list[Statement], after: int) -> CountedPupil:
    status = fold_pupil(pupil.school_class, _start(pupil), said, recount_after=after)
    if status != pupil.status:
        turn.tx.headcounts.save_pupil(pupil.id, status)
    return replace(pupil, status=status)


def _start(pupil: CountedPupil) -> PupilState:
    return PupilState.ABSENT if pupil.was_absent else PupilState.UNKNOWN


def said_about(turn: Turn, pupil: CountedPupil) -> list[Statement]:
    """In order, what was said about this pupil and about the own class as a whole; see `fold_pupil`."""
    return _said(turn, [pupil])[0]


def _said(turn: Turn, pupils: Sequence[CountedPupil]) -> list[list[Statement]]:
    """`said_about` each; a page sends forty marks at once, so the class is read once."""
    headcounts = turn.tx.headcounts
    about_pupils = headcounts.said_about([pupil.id for pupil in pupils])
    about_class: dict[str, list[Statement]] = {}
    found = []
    for pupil in pupils:
        home = pupil.school_class
        if home not in about_class:
            said = headcounts.said_for_class(pupil.roll_call_id, home)
            about_class[home] = [one for one in said if one.said in ABOUT_CLASS]
        found.append(sorted([*about_pupils.get(pupil.id, ()), *about_class[home]], key=attrgetter("id")))
    return found


def refold_lost(turn: Turn, counted: CountedClass) -> None:
    """After "all here": whoever is missing all the same may now be in dispute."""
    if lost := turn.tx.headcounts.lost(counted.roll_call_id, counted.name):
        refold(turn, lost)


def begin_again(turn: Turn, counted: CountedClass) -> CountedClass:
    """Add up a class of which nothing that was seen in its room is claimed any more. Its times begin anew."""
    silent = ClassCount(Tally(), ClassState.SILENT)
    nobody = replace(
        counted, count=silent, is_paper=False, said_by=None, first_at=None, last_at=None, complete_at=None
    )
    return recount(turn, nobody)


def _found(turn: Turn, counted: CountedClass, claimed: Sequence[Statement]) -> list[int]:
    """By which statements pupils are with the class again; it matters where somebody said a number."""
    if not any(one.said is Said.NUMBER for one in claimed):
        return []
    headcounts = turn.tx.headcounts
    own = [
        pupil
        for pupil in headcounts.pupils(counted.roll_call_id, counted.name)
        if pupil.status.state is PupilState.PRESENT and pupil.status.with_class is None
    ]
    said = headcounts.said_about([pupil.id for pupil in own])
    ids = (found_by(pupil.school_class, _start(pupil), said.get(pupil.id, [])) for pupil in own)
    return [one for one in ids if one is not None]


def recount(turn: Turn, counted: CountedClass, said: Iterable[Statement] = ()) -> CountedClass:
    """Add up a class, after `said` (empty: only its pupils' statuses changed) was kept."""
    headcounts, roll_call_id = turn.tx.headcounts, counted.roll_call_id
    has_answered = headcounts.has_answered(roll_call_id, counted.name)
    claimed = headcounts.claimed_for_class(roll_call_id, counted.name)
    count = count_class(
        enrolled=counted.enrolled,
        absent_unnamed=counted.absent_unnamed,
        own=headcounts.statuses(roll_call_id, counted.name),
        guests=headcounts.count_guests(roll_call_id, counted.name),
        said=claimed,
        has_answered=has_answered,
        is_visitors=counted.is_visitors,
        turned_up=headcounts.count_turned_up(roll_call_id, counted.name) if counted.absent_unnamed else 0,
        found=_found(turn, counted, claimed),
    )
    is_complete = count.state is ClassState.COMPLETE
    was_complete = counted.count.state is ClassState.COMPLETE
    changed = replace(
        counted,
        count=count,
        complete_at=(counted.complete_at if was_complete else turn.now) if is_complete else None,
    )
    for statement in said:
        changed = replace(
            changed,
            said_by=statement.said_by,
            is_paper=statement.source is Source.PAPER,
            first_at=changed.first_at or statement.at,
            last_at=statement.at,
        )
    headcounts.save_class(changed)
    return changed
