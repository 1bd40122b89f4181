"""The record of each incident. There is no update and no delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.domain.timeline import Event, TimelineEntry
from bot.storage.new_id import new_id
from bot.storage.tables import timeline


class TimelineStore:
    """Append and read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self, incident_id: int, event: Event, *, at: datetime, actor_id: str | None, params: dict[str, Any]
    ) -> TimelineEntry:
        """Add one entry."""
        values = {
            "incident_id": incident_id,
            "event": event.value,
            "at": at,
            "actor_id": actor_id,
            "params": params,
        }
        result = self._connection.execute(timeline.insert(), values)
        return TimelineEntry(new_id(result), incident_id, event, at, actor_id, params)

    def all(self, incident_id: int) -> list[TimelineEntry]:
        """Every entry, first to last."""
        rows = self._connection.execute(
            select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.id)
        )
        return [_entry(row) for row in rows]

    def actors(self, incident_id: int) -> set[str]:
        """The staff_ids of all who did something."""
        rows = self._connection.execute(
            select(timeline.c.actor_id)
            .distinct()
            .where(timeline.c.incident_id == incident_id, timeline.c.actor_id.is_not(None))
        )
        return set(rows.scalars())

    def last(
        self, incident_id: int, count: int, *, without: frozenset[Event] = frozenset()
    ) -> list[TimelineEntry]:
        """The newest entries, oldest of them first; `without` are passed over."""
        rows = self._connection.execute(
            select(timeline)
            .where(timeline.c.incident_id == incident_id, timeline.c.event.not_in([e.value for e in without]))
            .order_by(timeline.c.id.desc())
            .limit(count)
        )
        return [_entry(row) for row in rows][::-1]


def _entry(row: Row[Any]) -> TimelineEntry:
    return TimelineEntry(row.id, row.incident_id, Event(row.event), row.at, row.actor_id, row.params)
