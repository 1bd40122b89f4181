"""The visitors on site: how many they are today, also when they are counted already."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.headcount import VISITORS, CountedClass
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import RollCall
from bot.domain.roster import SchoolClass
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.adding_up import recount
from bot.services.calling_roll import begin_classes, visitors_key
from bot.services.tallying import ask_class, tally_soon
from bot.services.turn import Turn

MOST_VISITORS = 9999


def set_visitors(turn: Turn, number: int) -> Outcome:
    """Counted like a class of their own when the whole school is; a count that is running follows at once."""
    turn.require(Right.REPORT)
    if not 0 <= number <= MOST_VISITORS:
        raise RefusedError(Reason.NOT_A_COUNT, command="visitors")
    turn.tx.facts.set(visitors_key(turn), number)
    turn.audit("visitors", number=number)
    for roll_call in turn.tx.roll_calls.list_running():
        _count(turn, roll_call, number)
    return Outcome(Done.VISITORS_SET, {"n": number})


def _count(turn: Turn, roll_call: RollCall, number: int) -> None:
    counted = turn.tx.headcounts.find_class(roll_call.id, VISITORS)
    if counted is not None:
        _count_again(turn, roll_call, counted, number)
    elif number and _is_whole_school(turn, roll_call):
        (counted,) = begin_classes(turn, roll_call, {VISITORS: SchoolClass(VISITORS)})
        _record(turn, roll_call, counted)
        tally_soon(turn, roll_call)


def _count_again(turn: Turn, roll_call: RollCall, counted: CountedClass, number: int) -> None:
    """What the office said about them stands: fewer heads than visitors are missing, more are strangers."""
    if number == counted.enrolled:
        return
    turn.tx.headcounts.enrol(counted.id, number)
    counted = recount(turn, replace(counted, enrolled=number))
    _record(turn, roll_call, counted)
    ask_class(turn, roll_call, counted)
    tally_soon(turn, roll_call)


def _is_whole_school(turn: Turn, roll_call: RollCall) -> bool:
    """In a count of one building nobody knows whether visitors are there."""
    return turn.tx.roster.classes().keys() <= {one.name for one in turn.tx.headcounts.classes(roll_call.id)}


def _record(turn: Turn, roll_call: RollCall, counted: CountedClass) -> None:
    incident = turn.tx.incidents.get(roll_call.incident_id)
    if incident is None:
        return
    tally = counted.count.tally
    turn.record(
        incident,
        Event.CLASS_COUNTED,
        is_quiet=True,
        school_class=VISITORS,
        present=tally.present,
        expected=tally.expected,
        missing=tally.missing,
        injured=tally.injured,
        unknown=tally.unknown,
    )
