"""Alert sources as they behave: last sign of life, rate, mute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import sources

WINDOW = timedelta(minutes=1)
MUTE = timedelta(minutes=10)

_COLUMNS = tuple(sources.c.keys())
_BY_ID = select(sources).where(sources.c.id == bindparam("wanted"))
_INSERT = insert(sources)
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["id"], set_={column.name: column for column in _INSERT.excluded if column.name != "id"}
)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source. `last_rate` is the alarms of the last full minute."""

    id: str
    last_seen_at: datetime | None = None
    last_alert_at: datetime | None = None
    total: int = 0
    window_at: datetime | None = None
    window_count: int = 0
    last_rate: int = 0
    muted_until: datetime | None = None
    muted_count: int = 0
    silent_since: datetime | None = None

    def is_muted(self, now: datetime) -> bool:
        """Whether it flooded and opens nothing by itself; a mute longer than any is a clock's that was ahead."""
        return self.muted_until is not None and now < self.muted_until <= now + MUTE

    def counted(self, now: datetime, per_minute: int) -> SourceState:
        """One more alarm. Past `per_minute` within a minute the source is muted, and stays so while it floods."""
        is_new = self.window_at is None or now - self.window_at >= WINDOW or now < self.window_at
        count = 1 if is_new else self.window_count + 1
        floods = count > per_minute
        was_muted = self.is_muted(now)
        return replace(
            self,
            last_alert_at=now,
            last_seen_at=now,
            total=self.total + 1,
            window_at=now if is_new else self.window_at,
            window_count=count,
            last_rate=self.window_count if is_new else max(self.last_rate, count),
            muted_until=now + MUTE if floods else self.muted_until,
            muted_count=self.muted_count + 1 if was_muted or floods else 0,
        )


class SourceStore:
    """One row a source, made at its first sign of life."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, source: str) -> SourceState:
        """What is known; nothing at first."""
        row = self._connection.execute(_BY_ID, {"wanted": source}).one_or_none()
        return SourceState(source) if row is None else _state(row)

    def save(self, state: SourceState) -> None:
        """Write back."""
        self._connection.execute(_SAVE, {name: getattr(state, name) for name in _COLUMNS})


def _state(row: Row[Any]) -> SourceState:
    return SourceState(**row._asdict())
