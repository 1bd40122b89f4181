"""Emergency equipment as the last import and the inspections since have left it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.equipment import Equipment, EquipmentKind
from bot.storage.tables import equipment

_c = equipment.c
_OF_KINDS = select(equipment).where(_c.kind.in_(bindparam("kinds", expanding=True))).order_by(_c.number)
_NEAR = _OF_KINDS.where(_c.zone.in_(bindparam("zones", expanding=True)))
_ANY = select(_c.id).where(_c.kind.in_(bindparam("kinds", expanding=True))).limit(1)


class EquipmentStore:
    """Found by number, kind and place; saved by number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, Equipment]:
        """Everything, by number."""
        return {item.number: item for item in self._list(select(equipment).order_by(_c.number))}

    def get(self, equipment_id: int) -> Equipment | None:
        """By id."""
        found = self._list(select(equipment).where(_c.id == equipment_id))
        return found[0] if found else None

    def of_kinds(self, kinds: Collection[EquipmentKind]) -> list[Equipment]:
        """All of these kinds; of every kind when there is none."""
        if not kinds:
            return list(self.all().values())
        return [_item(row) for row in self._connection.execute(_OF_KINDS, {"kinds": _values(kinds)})]

    def near(self, kinds: Collection[EquipmentKind], zones: Collection[str]) -> list[Equipment]:
        """Those of these kinds in these zones."""
        params = {"kinds": _values(kinds), "zones": list(zones)}
        return [_item(row) for row in self._connection.execute(_NEAR, params)]

    def has_any(self, kinds: Collection[EquipmentKind]) -> bool:
        """Whether there is one of these kinds anywhere."""
        return self._connection.execute(_ANY, {"kinds": _values(kinds)}).first() is not None

    def counts(self) -> dict[EquipmentKind, tuple[int, int]]:
        """Kind → in how many places, and how many pieces."""
        wanted = select(_c.kind, func.count(), func.sum(_c.amount)).group_by(_c.kind)
        found = {
            EquipmentKind(kind): (places, int(pieces))
            for kind, places, pieces in self._connection.execute(wanted)
        }
        return {kind: found[kind] for kind in EquipmentKind if kind in found}

    def by_number(self, number: str) -> Equipment | None:
        """By the number on its label."""
        found = self._list(select(equipment).where(_c.number == number))
        return found[0] if found else None

    def due_until(self, day: date) -> list[Equipment]:
        """What somebody has to look at by that day, what is overdue longest first."""
        return self._list(select(equipment).where(_c.due_on <= day).order_by(_c.due_on, _c.number))

    def unscheduled(self) -> list[Equipment]:
        """Inspected regularly, but nobody has worked out when to remind of it."""
        regular = or_(_c.due_on.is_not(None), _c.every_days.is_not(None))
        return self._list(select(equipment).where(_c.remind_at.is_(None), regular).order_by(_c.number))

    def to_remind(self, now: datetime) -> list[Equipment]:
        """Whose custodian is to be reminded."""
        return self._list(select(equipment).where(_c.remind_at <= now).order_by(_c.due_on, _c.number))

    def save(self, items: Iterable[Equipment]) -> None:
        """Add, or write over what has the same number; its id stays."""
        rows = [_values_of(item) for item in items]
        if rows:
            statement = insert(equipment)
            own = {name: statement.excluded[name] for name in rows[0] if name != "number"}
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["number"], set_=own), rows
            )

    def remove(self, numbers: Collection[str]) -> None:
        """They are no longer there; their inspections stay on record."""
        self._connection.execute(delete(equipment).where(_c.number.in_(numbers)))

    def _list(self, statement: Select[Any]) -> list[Equipment]:
        return [_item(row) for row in self._connection.execute(statement)]


def _values(kinds: Collection[EquipmentKind]) -> list[str]:
    return [kind.value for kind in kinds]


def _values_of(item: Equipment) -> dict[str, Any]:
    values = asdict(item)
    del values["id"]
    return {**values, "kind": item.kind.value}


def _item(row: Row[Any]) -> Equipment:
    return Equipment(**{**row._asdict(), "kind": EquipmentKind(row.kind)})
