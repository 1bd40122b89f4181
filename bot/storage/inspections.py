"""Every inspection of equipment; none is deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

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

    def first_since(self, since: datetime, numbers: Collection[str]) -> dict[str, Inspection]:
        """By number, the first of each piece after that moment; those taken back do not count."""
        wanted = select(inspections).where(
            _c.number.in_(numbers), _c.done_at > since, _c.is_undone.is_(False)
        )
        rows = self._connection.execute(wanted.order_by(_c.done_at.desc(), _c.id.desc()))
        return {row.number: Inspection(**row._asdict()) for row in rows}

    def take_back(self, inspection_id: int) -> None:
        """It was a slip; the record says so."""
        self._connection.execute(update(inspections).where(_c.id == inspection_id).values(is_undone=True))
