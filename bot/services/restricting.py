"""An incident that no plan restricts, restricted by hand: then only the principal and the deputies hear of it.

There is no way back but to close it: what few may know does not become everybody's by a slip.
"""

from __future__ import annotations

from bot.domain.clearance import SHORTEST_REASON
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import clean_line
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.dispatching import take_off_the_scene
from bot.services.leaving import leave_vacant
from bot.services.planning import restrict
from bot.services.task_effects import keep_from_others
from bot.services.turn import Turn, Turns


class RestrictingService:
    """`/restrict`."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def restrict(self, sender: Sender, ref: IncidentRef, reason: str) -> Outcome:
        """`/restrict 2026-0007 why`."""
        return await self._turns.run(sender, restrict_by_hand, ref, reason)


def restrict_by_hand(turn: Turn, ref: IncidentRef, reason: str) -> Outcome:
    """Whoever does it need not be among those who may know of it afterwards."""
    turn.require(Right.RUN_DESK, "restrict")
    incident = turn.incident(ref)
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    if incident.is_restricted:
        raise RefusedError(Reason.RESTRICTED_ALREADY, number=incident.number)
    if turn.sender is not None and not turn.sender.is_private:
        raise RefusedError(Reason.RESTRICT_IN_PRIVATE)
    if incident.is_in_force and incident.action is not None:
        raise RefusedError(Reason.ORDER_IN_FORCE)
    said = clean_line(reason)
    if len(said) < SHORTEST_REASON:
        raise RefusedError(Reason.REASON_TOO_SHORT)
    turn.audit("restrict incident", subject=incident.number, reason=said)
    incident = restrict(turn, incident)
    keep_from_others(turn, incident)
    take_off_the_scene(turn, incident)
    turn.record(incident, Event.RESTRICTED, words=said)
    commander = turn.tx.people.get(incident.commander_id) if incident.commander_id else None
    if commander is not None and incident.is_in_force and not turn.may_know(incident, commander):
        leave_vacant(turn, incident, commander)
    return Outcome(Done.RESTRICTED, {"number": incident.number, "mode": incident.mode.value})
