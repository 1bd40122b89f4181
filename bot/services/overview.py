"""What is going on: status, incidents, timeline."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import tally_params, total
from bot.domain.sender import IncidentRef, Sender
from bot.services.discretion import DISCREET
from bot.services.turn import Turn, Turns

RECENT = 10
# About named children: not for everybody who asks what is going on.
TIMELINE_LINES = 30


class OverviewService:
    """Questions; nothing changes but the record that they were asked."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def status(self, sender: Sender) -> Outcome:
        """`/status`: what is open, for everyone."""
        return await self._turns.run(sender, status)

    async def incidents(self, sender: Sender) -> Outcome:
        """`/incidents`: the newest, open or not."""
        return await self._turns.run(sender, incidents)

    async def timeline(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/timeline`: what happened in one incident."""
        return await self._turns.run(sender, timeline, ref)


def status(turn: Turn) -> Outcome:
    """All open incidents, with what everybody may know."""
    turn.require(Right.REPORT)
    is_desk = has_right(turn.person, Right.RUN_DESK)
    known = [i for i in turn.tx.incidents.list_open() if turn.may_name(i)]
    told = [i for i in known if is_desk or i.kind not in DISCREET]
    briefs = [{**turn.brief(incident), **_count_of(turn, incident)} for incident in told[:RECENT]]
    turn.reply(MessageKind.STATUS, {"incidents": briefs, "phone": turn.school.alarm_phone})
    return Outcome(Done.NOTHING)


def _count_of(turn: Turn, incident: Incident) -> dict[str, Any]:
    """Its tally, while or after it was counted."""
    roll_call = turn.tx.roll_calls.of_incident(incident.id)
    if roll_call is None:
        return {}
    return {"tally": tally_params(total(turn.tx.headcounts.classes(roll_call.id)))}


def incidents(turn: Turn) -> Outcome:
    """The newest incidents."""
    turn.require(Right.RUN_DESK, "incidents")
    briefs = [
        turn.brief(incident) for incident in turn.tx.incidents.list_recent(RECENT) if turn.may_name(incident)
    ]
    turn.reply(MessageKind.INCIDENTS, {"incidents": briefs})
    return Outcome(Done.NOTHING)


def timeline(turn: Turn, ref: IncidentRef) -> Outcome:
    """The last lines; the whole is in the export."""
    turn.require(Right.RUN_DESK, "timeline")
    incident = turn.incident(ref)
    entries = turn.tx.timeline.last(incident.id, TIMELINE_LINES + 1)
    lines: list[dict[str, Any]] = [
        {"event": entry.event.value, "at": entry.at.isoformat(), **entry.params}
        for entry in entries[-TIMELINE_LINES:]
    ]
    params = {**turn.brief(incident), "all_lines": lines, "has_more": len(entries) > TIMELINE_LINES}
    turn.reply(MessageKind.TIMELINE, params, incident)
    return Outcome(Done.NOTHING)
