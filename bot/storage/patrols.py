"""Who looked at which point when."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from bot.domain.patrol import Visit, VisitState
from bot.storage.new_id import new_id
from bot.storage.tables import patrol_visits

_v = patrol_visits.c


class PatrolStore:
    """Add, save, find."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, visit: Visit) -> Visit:
        """Keep a new one; its id is given here."""
        values = asdict(visit)
        del values["id"]
        return replace(visit, id=new_id(self._connection.execute(patrol_visits.insert(), values)))

    def save(self, visit: Visit) -> None:
        """Write back."""
        self._connection.execute(update(patrol_visits).where(_v.id == visit.id).values(asdict(visit)))

    def get(self, visit_id: int) -> Visit | None:
        """By id."""
        found = self._list(select(patrol_visits).where(_v.id == visit_id))
        return found[0] if found else None

    def latest_of(self, staff_id: str, zone: str, *, since: datetime, now: datetime) -> Visit | None:
        """This person's last look at this point since then; none from when the clock was ahead."""
        own = select(patrol_visits).where(_v.staff_id == staff_id, _v.zone == zone)
        found = self._list(own.where(_v.at.between(since, now)).order_by(_v.at.desc(), _v.id.desc()).limit(1))
        return found[0] if found else None

    def between(self, begin: datetime, end: datetime) -> list[Visit]:
        """All in that time, in order."""
        return self._list(select(patrol_visits).where(_v.at >= begin, _v.at < end).order_by(_v.at, _v.id))

    def _list(self, statement: Select[Any]) -> list[Visit]:
        return [
            Visit(**{**row._asdict(), "state": VisitState(row.state)})
            for row in self._connection.execute(statement)
        ]
