"""Who looks through which camera, and which places were shown to whom already."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from bot.domain.look import Look
from bot.storage.new_id import is_new
from bot.storage.tables import camera_looks, camera_offers

_c = camera_looks.c


class LookStore:
    """Looks by id; an offer is made once a place and incident."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, look: Look) -> Look:
        """Keep a new one; the same with its id. `look.id` is not used."""
        values = asdict(look)
        del values["id"]
        made = self._connection.execute(camera_looks.insert().values(values).returning(_c.id))
        return replace(look, id=int(made.scalar_one()))

    def get(self, look_id: int) -> Look | None:
        """The look, ended or not."""
        row = self._connection.execute(select(camera_looks).where(_c.id == look_id)).one_or_none()
        return None if row is None else _look(row)

    def save(self, look: Look) -> None:
        """Write what may change: its watch and its end."""
        self._connection.execute(
            update(camera_looks)
            .where(_c.id == look.id)
            .values(watch_until=look.watch_until, next_at=look.next_at, ended_at=look.ended_at)
        )

    def due(self, now: datetime) -> list[Look]:
        """Watches whose next picture is due."""
        found = select(camera_looks).where(_c.next_at <= now, _c.ended_at.is_(None))
        return [_look(row) for row in self._connection.execute(found.order_by(_c.next_at, _c.id))]

    def of_person(self, staff_id: str, since: datetime) -> list[Look]:
        """One person's that have not ended, newest first."""
        found = (
            select(camera_looks)
            .where(_c.staff_id == staff_id, _c.asked_at >= since, _c.ended_at.is_(None))
            .order_by(_c.id.desc())
        )
        return [_look(row) for row in self._connection.execute(found)]

    def of_incident(self, incident_id: int) -> list[Look]:
        """Everybody's for an incident that have not ended, oldest first."""
        found = select(camera_looks).where(_c.incident_id == incident_id, _c.ended_at.is_(None))
        return [_look(row) for row in self._connection.execute(found.order_by(_c.id))]

    def purge(self, before: datetime) -> None:
        """Forget old ones; the register has who saw what."""
        self._connection.execute(delete(camera_looks).where(_c.asked_at < before))

    def is_offered(self, incident_id: int, zone: str) -> bool:
        """Whether the place's cameras were shown to the incident's commanders."""
        o = camera_offers.c
        found = select(o.zone).where(o.incident_id == incident_id, o.zone == zone)
        return self._connection.execute(found).first() is not None

    def offer(self, incident_id: int, zone: str, at: datetime) -> bool:
        """Note that they are; False when somebody was faster."""
        values: dict[str, Any] = {"incident_id": incident_id, "zone": zone, "at": at}
        return is_new(self._connection, camera_offers, values)


def _look(row: Row[tuple[object, ...]]) -> Look:
    return Look(**row._asdict())
