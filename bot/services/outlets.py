"""What came of an order at the machines: shown on the incident's card, so that somebody rings the bell in time."""

from __future__ import annotations

from typing import Any

from bot.domain.channel import Carries, Channel
from bot.domain.incident import Incident
from bot.domain.message import DeliveryState, MessageKind
from bot.storage.channel_log import Told
from bot.storage.transaction import Transaction

KINDS = frozenset(
    {MessageKind.DIRECTIVE, MessageKind.ALL_CLEAR, MessageKind.CANCELLED, MessageKind.DRILL_SUSPENDED}
)

NOTICES = frozenset({MessageKind.DISTRICT})

_STATES = {
    DeliveryState.SENT: "taken",
    DeliveryState.UNCERTAIN: "uncertain",
    DeliveryState.FAILED: "failed",
    DeliveryState.EXPIRED: "failed",
}


def state_of(told: Told) -> str:
    """`waiting`, `trying` (it failed and is tried again), `taken`, `failed`, `uncertain`; empty: taken back."""
    if told.state is DeliveryState.QUEUED:
        return "trying" if told.has_failed else "waiting"
    return _STATES.get(told.state, "")


def outlets(tx: Transaction, channels: tuple[Channel, ...], incident: Incident) -> list[dict[str, Any]]:
    """For the card: each machine that orders go to, and how far the newest is there; `none`: there is no machine."""
    if incident.action is None:
        return []
    carrying = [one for one in channels if Carries.ACTIONS in one.carries and not one.is_telegram]
    if not carrying:
        return [{"state": "none"}]
    told = tx.channel_log.newest(incident.id, KINDS)
    found = [(channel, told[channel.address.chat]) for channel in carrying if channel.address.chat in told]
    return [
        {"name": channel.name.to_params(), "state": state}
        for channel, one in found
        if (state := state_of(one))
    ]


def notices(tx: Transaction, channels: tuple[Channel, ...], incident: Incident) -> list[dict[str, Any]]:
    """For the card: each platform that was told of it, and how far the newest notice is there."""
    carrying = [one for one in channels if Carries.DISTRICT in one.carries]
    told = tx.channel_log.newest(incident.id, NOTICES) if carrying else {}
    found = [(channel, told[channel.address.chat]) for channel in carrying if channel.address.chat in told]
    return [
        {"name": channel.name.to_params(), "state": state}
        for channel, one in found
        if (state := state_of(one))
    ]
