"""The access register of the cameras: rows are added and read, never changed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, select

from bot.domain.snapshot import Act, RegisterEntry
from bot.storage.tables import camera_views


class RegisterStore:
    """Append and read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: RegisterEntry) -> RegisterEntry:
        """Add a line; the same with its number. `entry.id` is not used."""
        values = asdict(entry)
        del values["id"]
        values["what"] = values.pop("act").value
        made = self._connection.execute(camera_views.insert().values(values).returning(camera_views.c.id))
        return replace(entry, id=int(made.scalar_one()))

    def last(self, limit: int = 20, *, camera_id: str | None = None) -> list[RegisterEntry]:
        """The newest lines, newest first; of one camera or of all."""
        query = select(camera_views).order_by(camera_views.c.id.desc()).limit(limit)
        if camera_id is not None:
            query = query.where(camera_views.c.camera_id == camera_id)
        return [_entry(row) for row in self._connection.execute(query)]

    def between(self, begin: datetime, end: datetime) -> list[RegisterEntry]:
        """Every line from `begin` up to but not including `end`, oldest first."""
        query = select(camera_views).where(camera_views.c.at >= begin, camera_views.c.at < end)
        return [_entry(row) for row in self._connection.execute(query.order_by(camera_views.c.id))]

    def of_incident(self, incident_id: int) -> list[RegisterEntry]:
        """Every line that is about an incident, oldest first."""
        query = select(camera_views).where(camera_views.c.incident_id == incident_id)
        return [_entry(row) for row in self._connection.execute(query.order_by(camera_views.c.id))]


def _entry(row: Row[tuple[object, ...]]) -> RegisterEntry:
    values = row._asdict()
    return RegisterEntry(act=Act(values.pop("what")), **values)
