"""Who stands in for a class today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.storage.new_id import new_id
from bot.storage.tables import covers

_ON = (
    select(covers)
    .where(covers.c.day.in_(bindparam("of_days", expanding=True)), covers.c.ended_at.is_(None))
    .order_by(covers.c.id)
)


@dataclass(frozen=True, slots=True)
class Cover:
    """One person standing in for one class, for one day of the school's calendar."""

    id: int
    school_class: str
    staff_id: str
    day: date
    ended_at: datetime | None = None


class CoverStore:
    """Covers by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, school_class: str, staff_id: str, day: date, at: datetime) -> Cover:
        """Begin."""
        values = {"class": school_class, "staff_id": staff_id, "day": day, "at": at}
        result = self._connection.execute(covers.insert(), values)
        return Cover(new_id(result), school_class, staff_id, day)

    def get(self, cover_id: int) -> Cover | None:
        """By id."""
        row = self._connection.execute(select(covers).where(covers.c.id == cover_id)).one_or_none()
        return None if row is None else _cover(row)

    def end(self, cover_id: int, by: str, at: datetime) -> None:
        """It is over."""
        statement = update(covers).where(covers.c.id == cover_id, covers.c.ended_at.is_(None))
        self._connection.execute(statement.values(ended_at=at, ended_by=by))

    def on(self, *days: date) -> list[Cover]:
        """All that hold on any of these days."""
        return [_cover(row) for row in self._connection.execute(_ON, {"of_days": days})]

    def classes_of(self, staff_id: str, *days: date) -> frozenset[str]:
        """The classes that somebody stands in for on any of these days."""
        return frozenset(cover.school_class for cover in self.on(*days) if cover.staff_id == staff_id)


def _cover(row: Row[Any]) -> Cover:
    return Cover(row.id, row._mapping["class"], row.staff_id, row.day, row.ended_at)  # noqa: SLF001 - `class` is a keyword
