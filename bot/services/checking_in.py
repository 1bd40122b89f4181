"""Members of staff about themselves: safe, in need of help, or not on site; and the visitors on site."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import CheckIn, CheckInState, RollCall
from bot.domain.sender import Sender
from bot.domain.text import clean_line
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.chasing import ring_for_call
from bot.services.counting import running_roll_call
from bot.services.hearing import end_call, expect_where
from bot.services.helping import note_helped
from bot.services.tallying import tally_soon
from bot.services.turn import Turn, Turns
from bot.services.visitors import set_visitors

WORDS_LIMIT = 300


class CheckInService:
    """`/safe`, its buttons, and `/visitors`."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def say(
        self, sender: Sender, state: CheckInState, words: str = "", *, incident_id: int = 0
    ) -> Outcome:
        """One person's word about themselves. `incident_id`: whose button it was, 0 when it was typed."""
        return await self._turns.run(sender, check_in, state, words, incident_id)

    async def note_helped(self, sender: Sender, roll_call_id: int, staff_id: str) -> Outcome:
        """The command centre's word that help is with somebody who called for it."""
        return await self._turns.run(sender, note_helped, roll_call_id, staff_id)

    async def set_visitors(self, sender: Sender, number: int) -> Outcome:
        """`/visitors 12`: how many are on site today."""
        return await self._turns.run(sender, set_visitors, number)


def check_in(turn: Turn, state: CheckInState, words: str, incident_id: int = 0) -> Outcome:
    """Kept with the roll call; a call for help reaches the commander at once."""
    turn.require(Right.REPORT)
    roll_call = running_roll_call(turn)
    # A thumb on last month's order makes nobody safe today; a call for help is heard from wherever it comes.
    if state is not CheckInState.NEEDS_HELP and _is_past(turn, roll_call, incident_id):
        raise RefusedError(Reason.ROLL_CALL_OVER)
    words = clean_line(words)[:WORDS_LIMIT]
    incident = turn.about
    before = turn.tx.roll_calls.check_in_of(roll_call.id, turn.person.staff_id)
    check = CheckIn(turn.person.staff_id, state, turn.now, words)
    turn.tx.roll_calls.check_in(roll_call.id, check)
    is_call = state is CheckInState.NEEDS_HELP
    was_call = before is not None and before.state is CheckInState.NEEDS_HELP
    if incident is not None:
        turn.record(
            incident, Event.CHECKED_IN, is_quiet=not (is_call or was_call), state=state.value, words=words
        )
        if is_call and not was_call:
            ring_for_call(turn, incident)
        _await_words(turn, incident, is_call=is_call)
    tally_soon(turn, roll_call)
    params = {
        "mode": roll_call.mode.value,
        "state": state.value,
        "phone": turn.school.alarm_phone,
        "incident": roll_call.incident_id,
    }
    if turn.sender is not None and not turn.sender.is_press:
        turn.reply(MessageKind.CHECK_IN, params, incident)
        return Outcome(Done.CHECKED_IN, params, is_told=True)
    return Outcome(Done.CHECKED_IN, params)


def _await_words(turn: Turn, incident: Incident, *, is_call: bool) -> None:
    if is_call:
        expect_where(turn, incident)
    else:
        end_call(turn)


def _is_past(turn: Turn, roll_call: RollCall, incident_id: int) -> bool:
    """Whether a button belongs to an incident that is over, or to a drill that a real one suspended."""
    if incident_id in (0, roll_call.incident_id):
        return False
    incident = turn.tx.incidents.get(incident_id)
    return incident is None or not incident.is_in_force or incident.mode is not roll_call.mode
