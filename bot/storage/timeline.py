"""The record of each incident. There is no update and no delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.domain.timeline import Event, TimelineEntry
from bot.storage.tables import timeline


class TimelineStore:
    """Append and read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self, incident_id: int, event: Event, *, at: datetime, actor_id: str | None, params: dict[str, Any]
    ) -> TimelineEntry:
        """Add one entry."""
        result = self._connection.execute(
            timeline.insert().values(
                incident_id=incident_id, event=event.value, at=at, actor_id=actor_id, params=params
            )
        )
        (key,) = result.inserted_primary_key or (0,)
        return TimelineEntry(key, incident_id, event, at, actor_id, params)

    def all(self, incident_id: int) -> list[TimelineEntry]:
        """Every entry, first to last."""
        rows = self._connection.execute(
            select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.id)
        )
        return [_entry(row) for row in rows]

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
