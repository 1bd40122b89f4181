"""Drills run the very same path; a real incident suspends them."""

from __future__ import annotations

from bot.domain.incident import Kind, Mode
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.chasing import start_chase
from bot.services.opening import open_incident
from bot.services.plan_versions import severity_of
from bot.services.planning import start_plan
from bot.services.turn import Turn, Turns


class DrillService:
    """Starts drills."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def start(self, sender: Sender, kind: Kind | None, *, kind_word: str, zone_word: str) -> Outcome:
        """`/drill fire A3`; the words are what was typed."""
        return await self._turns.run(sender, start_drill, kind, kind_word, zone_word)


def start_drill(turn: Turn, kind: Kind | None, kind_word: str, zone_word: str) -> Outcome:
    """None while a real incident is in force, and one at a time."""
    turn.require(Right.RUN_DESK, "drill")
    if not kind_word:
        raise RefusedError(Reason.WORDS_MISSING, command="drill")
    if kind is None:
        raise RefusedError(Reason.UNKNOWN_KIND, word=kind_word)
    place = turn.school.campus.find(zone_word) if zone_word else None
    if zone_word and place is None:
        raise RefusedError(Reason.UNKNOWN_ZONE, word=zone_word)
    for incident in turn.tx.incidents.list_in_force(Mode.REAL):
        if incident.is_restricted:
            continue
        raise RefusedError(Reason.REAL_INCIDENT_OPEN, number=incident.number)
    for incident in turn.tx.incidents.list_in_force(Mode.DRILL):
        raise RefusedError(Reason.DRILL_OPEN, number=incident.number, mode=incident.mode.value)
    incident = open_incident(
        turn,
        mode=Mode.DRILL,
        severity=severity_of(turn, kind),
        kind=kind,
        zone=place.id if place else None,
        reporter_id=turn.person.staff_id,
    )
    turn.about = incident
    turn.record(incident, Event.DRILL_STARTED, kind=kind.value)
    start_chase(turn, incident)
    start_plan(turn, incident)
    return Outcome(Done.DRILL_STARTED, {"number": incident.number, "mode": Mode.DRILL.value})
