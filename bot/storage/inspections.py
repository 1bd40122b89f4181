"""Every inspection of equipment; none is deleted."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import Connection, select, update

from bot.domain.equipment import Inspection
from bot.storage.new_id import new_id
from bot.storage.tables import inspections

_c = inspections.c


class InspectionStore:
    """Added, found, taken back once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, inspection: Inspection) -> Inspection:
        """Keep a new one; its id is given here."""
        values = asdict(inspection)
        del values["id"]
        return replace(inspection, id=new_id(self._connection.execute(inspections.insert(), values)))

    def get(self, inspection_id: int) -> Inspection | None:
        """By id."""
        row = self._connection.execute(select(inspections).where(_c.id == inspection_id)).one_or_none()
        return None if row is None else Inspection(**row._asdict())

    def take_back(self, inspection_id: int) -> None:
        """It was a slip; the record says so."""
        self._connection.execute(update(inspections).where(_c.id == inspection_id).values(is_undone=True))
