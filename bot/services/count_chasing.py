"""The clock's part of the count: who has not answered, and the card that follows the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.domain.headcount import CountedClass
from bot.domain.headcount_rights import grade_leads_of
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.roll_call import RollCall, unfinished
from bot.domain.roster import Person
from bot.domain.timeline import Event
from bot.services.calling_roll import reassign
from bot.services.headcounts import silent_lines
from bot.services.tallying import ask_anew, tally_soon, tell_tally
from bot.services.turn import Turn
from bot.storage.deadlines import Deadline, DeadlineKind

# After the grade leads were asked to call, the list comes again this often.
CALL_AGAIN = timedelta(seconds=120)


def show_tally(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """Something was said since the card was last written, or somebody turned out to be unreachable."""
    turn.tx.deadlines.clear(deadline.incident_id, DeadlineKind.TALLY)
    roll_call = turn.tx.roll_calls.running(incident.mode)
    if roll_call is not None and roll_call.incident_id == incident.id:
        reassign(turn, roll_call)
        tell_tally(turn, roll_call)


def chase_count(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """First the leads once more, then the heads of their grades with the phone numbers."""
    roll_call = turn.tx.roll_calls.running(incident.mode)
    if roll_call is None or roll_call.incident_id != incident.id:
        turn.tx.deadlines.clear(deadline.incident_id, DeadlineKind.COUNT)
        return
    reassign(turn, roll_call)
    silent = unfinished(turn.tx.headcounts.classes(roll_call.id))
    if silent and deadline.step == 0:
        _remind(turn, roll_call, incident, silent)
    elif silent and not roll_call.is_silent:
        _have_called(turn, roll_call, incident, silent, is_first=deadline.step == 1)
    tally_soon(turn, roll_call)
    pause = turn.school.counting.call_after if deadline.step == 0 else CALL_AGAIN
    turn.tx.deadlines.next_step(deadline, turn.now + pause)


def _remind(turn: Turn, roll_call: RollCall, incident: Incident, silent: list[CountedClass]) -> None:
    waited = int((turn.now - roll_call.counted_from).total_seconds())
    turn.record(
        incident, Event.NO_ANSWER, classes=[one.name for one in silent], waited_s=waited, is_call=False
    )
    for one in silent:
        ask_anew(turn, roll_call, one, Lane.COMMAND, waited_s=waited)


def _have_called(
    turn: Turn, roll_call: RollCall, incident: Incident, silent: list[CountedClass], *, is_first: bool
) -> None:
    waited = int((turn.now - roll_call.counted_from).total_seconds())
    names = [one.name for one in silent]
    turn.record(
        incident, Event.NO_ANSWER, is_quiet=not is_first, classes=names, waited_s=waited, is_call=True
    )
    lines = {line["class"]: line for line in silent_lines(turn, silent)}
    for person, classes in _callers(turn, silent):
        params: dict[str, Any] = {
            "mode": roll_call.mode.value,
            "number": incident.number,
            "waited_s": waited,
            "classes": [lines[one.name] for one in classes],
        }
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.HEADCOUNT_CALL,
            params,
            incident,
            lane=Lane.COMMAND,
            coalesce=f"call:{roll_call.id}",
        )


def _callers(turn: Turn, silent: list[CountedClass]) -> list[tuple[Person, list[CountedClass]]]:
    """Each head of grade with the grade's silent classes; whose grade has none is the safety office's."""
    staff = [person for person in turn.tx.people.list_active() if person.is_reachable]
    classes = turn.tx.roster.classes()
    office = [person for person in staff if "SAFETY_OFFICE" in person.roles]
    wanted: dict[str, tuple[Person, list[CountedClass]]] = {}
    for one in silent:
        for person in grade_leads_of(one.name, staff, classes) or office:
            wanted.setdefault(person.staff_id, (person, []))[1].append(one)
    return list(wanted.values())
