"""Notices of an incident to the district's platform: by a machine, and each only when a person confirms it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.domain.cap import MsgType
from bot.domain.channel import Carries, Channel
from bot.domain.incident import Incident, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef, Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.liaison import facts_outside
from bot.services.task_effects import head
from bot.services.turn import Turn, Turns


class DistrictService:
    """`/district`, and its two buttons."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def ask(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """What would go out, to whom, and the button that sends it."""
        return await self._turns.run(sender, ask, ref)

    async def send(self, sender: Sender, incident_id: int, seen: int) -> Outcome:
        """Send it. `seen`: how many notices there were when the button was shown."""
        return await self._turns.run(sender, send, incident_id, seen)


def ask(turn: Turn, ref: IncidentRef) -> Outcome:
    """In private; nothing goes out by this."""
    incident, channels = _may_send(turn, ref)
    params = {
        **_notice(turn, incident),
        "to": [channel.name.to_params() for channel in channels],
    }
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.DISTRICT_ASK, params, incident, needs_right=Right.RUN_DESK.value)
    is_private = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.SENT_PRIVATELY, is_told=is_private)


def send(turn: Turn, incident_id: int, seen: int) -> Outcome:
    """To every channel that takes notices. Pressed twice, or by two people, it goes once."""
    incident, channels = _may_send(turn, IncidentRef(incident_id))
    params = _notice(turn, incident)
    if params["n"] != seen + 1:
        return Outcome(Done.REPEATED)
    turn.audit("district_notice", subject=incident.number, n=params["n"])
    turn.record(
        incident,
        Event.DISTRICT_SENT,
        n=params["n"],
        channels=[channel.name.to_params() for channel in channels],
    )
    for channel in channels:
        turn.tell(channel.address, MessageKind.DISTRICT, params, incident, lane=Lane.COMMAND)
    return Outcome(Done.DISTRICT_SENT)


def _may_send(turn: Turn, ref: IncidentRef) -> tuple[Incident, list[Channel]]:
    """What few may know of goes to nobody by machine: mail and platforms have readers that nobody here knows."""
    turn.require(Right.RUN_DESK, "district")
    incident = turn.incident(ref)
    channels = [one for one in turn.school.channels if Carries.DISTRICT in one.carries]
    if not channels:
        raise RefusedError(Reason.NO_DISTRICT)
    if incident.is_restricted:
        raise RefusedError(Reason.NOT_BY_MACHINE, number=incident.number)
    return incident, channels


def _notice(turn: Turn, incident: Incident) -> dict[str, Any]:
    """The next notice: the facts that anybody outside may read, and which notices went before it."""
    earlier = [one for one in turn.tx.timeline.all(incident.id) if one.event is Event.DISTRICT_SENT]
    msg_type = MsgType.UPDATE if earlier else MsgType.ALERT
    if incident.status is Status.CANCELLED and earlier:
        msg_type = MsgType.CANCEL
    host = urlsplit(turn.school.base_url).hostname or "muster"
    return {
        **head(turn, incident),
        **facts_outside(turn, incident),
        "n": len(earlier) + 1,
        "earlier": [one.at.astimezone(turn.school.timezone).isoformat(timespec="seconds") for one in earlier],
        "msg_type": msg_type.value,
        "sender": f"incidents@{host}",
        "sent": turn.now.astimezone(turn.school.timezone).isoformat(timespec="seconds"),
    }
