"""Orders to machines: loudspeakers, screens and group robots hear a response action and its end at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.domain.channel import Carries
from bot.domain.incident import Incident
from bot.domain.message import Lane, MessageKind
from bot.domain.timeline import Event
from bot.services.discretion import sealed
from bot.services.outlets import KINDS, NOTICES, state_of
from bot.services.turn import Turn
from bot.storage.deadlines import Deadline, DeadlineKind

_SETTLED = frozenset({"taken", "failed", "uncertain"})


def broadcast(turn: Turn, incident: Incident, kind: MessageKind, params: dict[str, Any]) -> None:
    """To every channel that takes actions. What it ends must have been ordered: nobody heard of the rest there.

    What was ordered before the incident turned out to be restricted is turned and ended there too, without the case.
    """
    if incident.action is None:
        return
    params = sealed(params) if incident.is_restricted else params
    for channel in turn.school.channels:
        if Carries.ACTIONS in channel.carries:
            turn.tell(channel.address, kind, params, incident, lane=Lane.COMMAND)


def show_channels(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """A channel answered: onto the record, and onto the card; into the topic only when it failed."""
    turn.tx.deadlines.clear(deadline.incident_id, DeadlineKind.CHANNELS)
    _record(turn, incident, KINDS, Event.CHANNEL_ANSWERED)
    _record(turn, incident, NOTICES, Event.DISTRICT_ANSWERED)
    turn.touch(incident)


def _record(turn: Turn, incident: Incident, kinds: Collection[MessageKind], event: Event) -> None:
    recorded = {
        entry.params["delivery"] for entry in turn.tx.timeline.all(incident.id) if entry.event is event
    }
    names = {channel.address.chat: channel.name for channel in turn.school.channels}
    for chat, told in turn.tx.channel_log.newest(incident.id, kinds).items():
        state = state_of(told)
        if state in _SETTLED and told.delivery not in recorded and chat in names:
            turn.record(
                incident,
                event,
                is_quiet=state == "taken",
                channel=names[chat].to_params(),
                state=state,
                delivery=told.delivery,
            )
