"""Headcounts: what leads say about their classes, kept, added up, and told to whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.headcount import (
    ABOUT_CLASS,
    ABOUT_HELP,
    ABOUT_PUPIL,
    VISITORS,
    CountedClass,
    CountedPupil,
    Said,
    Source,
    Statement,
)
from bot.domain.headcount_rights import classes_of
from bot.domain.incident import Incident, Mode
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import CheckIn, CheckInState, RollCall
from bot.domain.roster import SchoolClass
from bot.domain.text import clean_text
from bot.errors import Reason, RefusedError
from bot.services.adding_up import recount, refold, refold_lost
from bot.services.counting_effects import Change, tell_changes
from bot.services.tallying import ask_class, class_params, tally_soon
from bot.services.turn import Turn

# "Last seen on the stairs, red jacket": enough to search by.
WORDS_LIMIT = 300
MOST_HEADS = 9999
_DONE = {Said.HELP: Done.HELP_CALLED, Said.HELP_OVER: Done.HELP_OVER}


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing said: `pupil` is a counted pupil's id. `key`: given by a list page, so that it counts once.

    `adds_words`: said before already, now with words.
    """

    said: Said
    pupil: int | None = None
    number: int | None = None
    words: str = ""
    key: str = ""
    adds_words: bool = False


def running_roll_call(turn: Turn) -> RollCall:
    """The one people mean: the real one if there is one."""
    running = sorted(turn.tx.roll_calls.list_running(), key=lambda one: one.mode is not Mode.REAL)
    if not running:
        raise RefusedError(Reason.NO_ROLL_CALL)
    turn.about = turn.tx.incidents.get(running[0].incident_id)
    return running[0]


def counted_class(turn: Turn, class_id: int) -> tuple[RollCall, CountedClass]:
    """The class behind a button, while something can still be said about it."""
    counted = turn.tx.headcounts.get_class(class_id)
    roll_call = turn.tx.roll_calls.get(counted.roll_call_id) if counted else None
    if counted is None or roll_call is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = turn.tx.incidents.get(roll_call.incident_id)
    if not roll_call.is_open:
        raise RefusedError(Reason.ROLL_CALL_OVER)
    return roll_call, counted


def require_count(turn: Turn, roll_call: RollCall, counted: CountedClass) -> None:
    """The class's leads and covers, the head of its grade, the safety office (DESIGN, rights)."""
    person = turn.person
    if has_right(person, Right.COUNT_ALL):
        return
    own = SchoolClass(counted.name, counted.grade)
    classes = {counted.name: own}
    if has_right(person, Right.COUNT_GRADE):
        classes |= turn.tx.roster.classes()
    if counted.name not in classes_of(person, classes, _covered(turn, roll_call)) or counted.name == VISITORS:
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": counted.name})


def own_counted_classes(turn: Turn, roll_call: RollCall) -> list[CountedClass]:
    """What the asker may count in this roll call, by grade and name."""
    person = turn.person
    counted = turn.tx.headcounts.classes(roll_call.id)
    if has_right(person, Right.COUNT_ALL):
        return counted
    classes = {one.name: SchoolClass(one.name, one.grade) for one in counted if one.name != VISITORS}
    if has_right(person, Right.COUNT_GRADE):
        classes = turn.tx.roster.classes() | classes
    mine = classes_of(person, classes, _covered(turn, roll_call))
    return [one for one in counted if one.name in mine]


def _covered(turn: Turn, roll_call: RollCall) -> frozenset[str]:
    """The classes they stand in for today, and those of the day it was opened: past midnight a count goes on."""
    days = turn.school.day(roll_call.opened_at), turn.school.day(turn.now)
    return turn.tx.covers.classes_of(turn.person.staff_id, *days)


def say_of_class(turn: Turn, class_id: int, mark: Mark, source: Source = Source.CHAT) -> Outcome:
    """One tap about a class."""
    roll_call, counted = counted_class(turn, class_id)
    counted = say(turn, roll_call, counted, [mark], source)
    return Outcome(_DONE.get(mark.said, Done.COUNTED), class_params(turn, roll_call, counted))


def say(
    turn: Turn,
    roll_call: RollCall,
    counted: CountedClass,
    marks: Sequence[Mark],
    source: Source = Source.CHAT,
) -> CountedClass:
    """Keep what one person says for one class, and do all that follows from it. The class as it is afterwards."""
    require_count(turn, roll_call, counted)
    if source is Source.PAPER and not has_right(turn.person, Right.COUNT_ALL):
        raise RefusedError(Reason.PAPER_ONLY_OFFICE)
    is_final = has_right(turn.person, Right.COUNT_ALL)
    statements = [_statement(turn, counted, mark, source, is_final=is_final) for mark in marks]
    if not statements:
        return counted
    incident = _incident_of(turn, roll_call)
    pupils = {pupil.id: pupil for s in statements if (pupil := _pupil(turn, roll_call, s)) is not None}
    turn.tx.headcounts.say(roll_call.id, statements)
    change = Change(roll_call, incident, counted)
    if pupils:
        change.pupils += zip(pupils.values(), refold(turn, list(pupils.values())), strict=True)
    if any(statement.said in ABOUT_CLASS for statement in statements):
        refold_lost(turn, counted)
    change.after = recount(turn, counted, statements)
    change.statements = statements
    for name in change.other_classes():
        other = turn.tx.headcounts.find_class(roll_call.id, name)
        if other is not None:
            again = recount(turn, other)
            change.others.append((other, again))
    _note_who_counts(turn, roll_call)
    tell_changes(turn, change)
    ask_class(turn, roll_call, change.after)
    for _, other in change.others:
        ask_class(turn, roll_call, other)
    tally_soon(turn, roll_call)
    return change.after


def _statement(turn: Turn, counted: CountedClass, mark: Mark, source: Source, *, is_final: bool) -> Statement:
    if (mark.pupil is not None) is not (mark.said in ABOUT_PUPIL):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if mark.said is Said.NUMBER and not 0 <= (mark.number if mark.number is not None else -1) <= MOST_HEADS:
        raise RefusedError(Reason.NOT_A_COUNT)
    return Statement(
        id=0,
        school_class=counted.name,
        said=mark.said,
        said_by=turn.person.staff_id,
        at=turn.now,
        pupil=mark.pupil,
        number=mark.number if mark.said is Said.NUMBER else None,
        words=clean_text(mark.words)[:WORDS_LIMIT],
        source=source,
        is_final=is_final and mark.said not in ABOUT_HELP,
    )


def _pupil(turn: Turn, roll_call: RollCall, statement: Statement) -> CountedPupil | None:
    if statement.pupil is None:
        return None
    pupil = turn.tx.headcounts.get_pupil(statement.pupil)
    if pupil is None or pupil.roll_call_id != roll_call.id:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    # Of another class one can only say that they are here, or in what state.
    is_guest = pupil.school_class != statement.school_class
    if is_guest and statement.said not in (Said.WITH_ME, Said.INJURED, Said.MISSING):
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": pupil.school_class})
    return pupil


def _incident_of(turn: Turn, roll_call: RollCall) -> Incident:
    incident = turn.tx.incidents.get(roll_call.incident_id)
    if incident is None:
        raise RefusedError(Reason.NO_ROLL_CALL)
    return incident


def _note_who_counts(turn: Turn, roll_call: RollCall) -> None:
    """Who counts a class has been heard of."""
    person = turn.person.staff_id
    if turn.tx.roll_calls.check_in_of(roll_call.id, person) is None:
        check_in = CheckIn(person, CheckInState.SAFE, turn.now)
        turn.tx.roll_calls.check_in(roll_call.id, check_in)
