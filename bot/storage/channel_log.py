"""What channels were told about an incident, and what waits for Telegram that they could be told instead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, true

from bot.domain.message import CENTRE, DeliveryState, Lane, MessageKind
from bot.storage.tables import deliveries, incidents

_d = deliveries.c
_IS_QUEUED = text("deliveries.state = 'queued'")


@dataclass(frozen=True, slots=True)
class Told:
    """The newest message about an incident to one channel (`chat`), and what came of it."""

    delivery: int
    chat: str
    kind: MessageKind
    state: DeliveryState
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One alarm, order or life-safety text that waits for Telegram, however many people it is for."""

    incident_id: int | None
    kind: MessageKind
    lane: Lane
    params: dict[str, Any]
    created_at: datetime
    announcement_id: int | None = None

    @property
    def key(self) -> str:
        """What all copies of it share: one revision of a text, or said at one moment about one incident."""
        if self.announcement_id is not None:
            return f"fallback:ann:{self.announcement_id}"
        return f"fallback:{self.incident_id}:{self.kind}:{self.created_at.isoformat()}"


class ChannelLogStore:
    """Reads what the outbox holds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, incident_id: int, kinds: Collection[MessageKind]) -> dict[str, Told]:
        """By the channel's chat."""
        last = (
            select(func.max(_d.id))
            .where(
                _d.incident_id == incident_id,
                _d.kind.in_([kind.value for kind in kinds]),
                _d.chat.like("channel:%"),
            )
            .group_by(_d.chat)
        )
        rows = self._connection.execute(
            select(_d.id, _d.chat, _d.kind, _d.state, _d.error).where(_d.id.in_(last)).order_by(_d.id)
        )
        return {
            row.chat: Told(
                row.id, row.chat, MessageKind(row.kind), DeliveryState(row.state), row.error is not None
            )
            for row in rows
        }

    def has_waiting(self, chat: str) -> bool:
        """Whether anything waits for this channel; asked before claiming, which only the writer can."""
        waiting = select(_d.id).where(_IS_QUEUED, _d.chat == chat).limit(1)
        return self._connection.execute(waiting).first() is not None

    def waiting_for_telegram(self, kinds: Collection[MessageKind], before: datetime) -> list[Waiting]:
        """What people's chats have not got since `before`, oldest first, the same thing once.

        Nothing of restricted incidents: channels have other readers.
        """
        same = (
            select(func.min(_d.id).label("first"), func.min(_d.lane).label("lane"))
            .select_from(deliveries.outerjoin(incidents, incidents.c.id == _d.incident_id))
            .where(
                _IS_QUEUED,
                _d.lane <= Lane.COMMAND,
                _d.kind.in_([kind.value for kind in kinds]),
                _d.created_at <= before,
                _d.chat.like("person:%") | (_d.chat == CENTRE),
                incidents.c.is_restricted.is_not(true()),
            )
            .group_by(_d.incident_id, _d.kind, _d.created_at, _d.announcement_id)
            .subquery()
        )
        rows = self._connection.execute(
            select(_d.incident_id, _d.announcement_id, _d.kind, same.c.lane, _d.params, _d.created_at)
            .join(same, same.c.first == _d.id)
            .order_by(_d.id)
        )
        return [
            Waiting(
                row.incident_id,
                MessageKind(row.kind),
                Lane(row.lane),
                row.params,
                row.created_at,
                row.announcement_id,
            )
            for row in rows
        ]

    def is_known(self, waiting: Waiting, chat: str) -> bool:
        """Whether this channel was given it before, in whatever state that is now; a text also without need."""
        found = select(_d.id).where(_d.kind == waiting.kind.value, _d.chat == chat)
        if waiting.announcement_id is not None:
            found = found.where(_d.announcement_id == waiting.announcement_id)
        else:
            found = found.where(_d.incident_id == waiting.incident_id, _d.coalesce_key == waiting.key)
        return self._connection.execute(found.limit(1)).first() is not None
