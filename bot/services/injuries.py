"""The injured, as people say: how many, and in what state; also without a roll call."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.injured import MOST, Injury, after_saying
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.services.injured_effects import follow, injured_params
from bot.services.turn import Turn, Turns

# One thing said: so many in this state.
Numbers = tuple[tuple[Injury, int], ...]


class InjuryService:
    """Each method is one command or button."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def say(self, sender: Sender, ref: IncidentRef, numbers: Numbers) -> Outcome:
        """`/injured 2 light`; without numbers how it stands, with buttons."""
        return await self._turns.run(sender, say_injured, ref, numbers)

    async def change(self, sender: Sender, incident_id: int, state: Injury, seen: int, now: int) -> Outcome:
        """A button: from the number that its reader saw to the next."""
        return await self._turns.run(sender, change_number, incident_id, state, seen, now)

    async def say_of_pupil(self, sender: Sender, pupil_id: int, state: Injury) -> Outcome:
        """In what state a pupil is whom the headcount names."""
        return await self._turns.run(sender, say_of_pupil, pupil_id, state)


def say_injured(turn: Turn, ref: IncidentRef, numbers: Numbers) -> Outcome:
    """What is said replaces what was said before of the same state; the timeline keeps both."""
    turn.require(Right.REPORT)
    incident = turn.incident(ref)
    require_teller(turn, incident)
    if not numbers:
        _show(turn, incident)
        return Outcome(Done.NOTHING)
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    if any(not 0 <= number <= MOST for _, number in numbers):
        raise RefusedError(Reason.NOT_FIGURES)
    before, said = turn.tx.injured.figures(incident.id), turn.tx.injured.said(incident.id)
    for state, number in numbers:
        said = after_saying(said, state, number)
    turn.tx.injured.say(incident.id, said, by=turn.person.staff_id, at=turn.now)
    follow(turn, incident, before)
    _show(turn, incident)
    return Outcome(Done.INJURED_NOTED, is_told=True)


def change_number(turn: Turn, incident_id: int, state: Injury, seen: int, now: int) -> Outcome:
    """A press counts from the number shown under it: pressed twice, or by two at once, it counts once."""
    turn.require(Right.REPORT)
    incident = turn.incident(IncidentRef(incident_id))
    require_teller(turn, incident)
    if turn.tx.injured.said(incident.id).get(state, 0) != seen:
        _show(turn, incident)
        return Outcome(Done.INJURED_CHANGED, is_told=True)
    return say_injured(turn, IncidentRef(incident_id), ((state, now),))


def say_of_pupil(turn: Turn, pupil_id: int, state: Injury) -> Outcome:
    """Only of a pupil whom the headcount has as injured; who they are stays in private chats."""
    turn.require(Right.SEE_INJURED)
    known = turn.tx.injured.state_of(pupil_id)
    if known is None:
        raise RefusedError(Reason.NOT_INJURED)
    incident = turn.incident(IncidentRef(known[0]))
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    if known[1] is state:
        return Outcome(Done.REPEATED)
    before = turn.tx.injured.figures(incident.id)
    turn.tx.injured.say_of_pupil(incident.id, pupil_id, state, by=turn.person.staff_id, at=turn.now)
    follow(turn, incident, before)
    return Outcome(Done.INJURED_NOTED)


def require_teller(turn: Turn, incident: Incident) -> None:
    """The clinic, the desk, and who was sent to this scene."""
    if has_right(turn.person, Right.SEE_INJURED):
        return
    if incident.id not in turn.tx.on_scene.attended_by(turn.person.staff_id):
        raise RefusedError(Reason.NOT_ALLOWED, right=Right.SEE_INJURED.value, subject="injured")


def _show(turn: Turn, incident: Incident) -> None:
    """How it stands, to who asks: a press edits what was pressed."""
    params = injured_params(turn, incident, turn.tx.injured.figures(incident.id))
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.INJURED, params, incident, edit_of=edited)
