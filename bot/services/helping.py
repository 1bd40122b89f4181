"""The command centre notes that help has reached a member of staff who called for it; who called may call again."""

from __future__ import annotations

from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import CheckIn, CheckInState
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.tallying import open_calls, tally_soon
from bot.services.turn import Turn


def note_helped(turn: Turn, roll_call_id: int, staff_id: str) -> Outcome:
    """Their call is no longer open; they are told, so that a slip does not leave them alone."""
    turn.require(Right.RUN_DESK, "help noted")
    roll_call = turn.tx.roll_calls.get(roll_call_id)
    if roll_call is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident = turn.about = turn.tx.incidents.get(roll_call.incident_id)
    if not roll_call.is_open:
        raise RefusedError(Reason.ROLL_CALL_OVER)
    person = next((one for one, _ in open_calls(turn, roll_call) if one.staff_id == staff_id), None)
    if person is None:
        return Outcome(Done.REPEATED, is_told=True)
    turn.tx.roll_calls.check_in(roll_call.id, CheckIn(staff_id, CheckInState.HELPED, turn.now))
    state = CheckInState.HELPED.value
    if incident is not None:
        turn.record(incident, Event.HELP_OVER, to=person.name.to_params())
    told = {
        "mode": roll_call.mode.value,
        "state": state,
        "phone": turn.school.alarm_phone,
        "incident": roll_call.incident_id,
    }
    turn.tell(Address.person(staff_id), MessageKind.CHECK_IN, told, incident, lane=Lane.COMMAND)
    tally_soon(turn, roll_call)
    return Outcome(Done.HELP_OVER)
