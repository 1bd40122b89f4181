"""Drills that are planned."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from bot.domain.incident import Kind
from bot.domain.planned_drill import PlannedDrill
from bot.storage.new_id import new_id
from bot.storage.tables import planned_drills

_d = planned_drills.c


class PlannedDrillStore:
    """Add, drop, find."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, drill: PlannedDrill) -> PlannedDrill:
        """Keep a new one; its id is given here."""
        values = asdict(drill) | {"kind": drill.kind.value}
        del values["id"]
        return replace(drill, id=new_id(self._connection.execute(planned_drills.insert(), values)))

    def drop(self, drill_id: int, at: datetime) -> None:
        """It is not held after all; the row stays."""
        self._connection.execute(update(planned_drills).where(_d.id == drill_id).values(dropped_at=at))

    def since(self, day: date) -> list[PlannedDrill]:
        """Those of that day and later, in order."""
        wanted = select(planned_drills).where(_d.day >= day, _d.dropped_at.is_(None))
        return [
            PlannedDrill(**{**row._asdict(), "kind": Kind(row.kind)})
            for row in self._connection.execute(wanted.order_by(_d.day, _d.id))
        ]
