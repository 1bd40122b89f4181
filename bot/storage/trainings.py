"""Training sessions, and what was entered about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from bot.domain.training import Result, Training, TrainingEntry
from bot.storage.new_id import new_id
from bot.storage.tables import training_entries, trainings

_t, _e = trainings.c, training_entries.c


class TrainingStore:
    """Sessions by id; entries by session, without those taken back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, training: Training) -> Training:
        """Keep a new one; its id is given here."""
        values = asdict(training)
        del values["id"]
        return replace(training, id=new_id(self._connection.execute(trainings.insert(), values)))

    def get(self, training_id: int) -> Training | None:
        """By id; None also for one that was dropped."""
        found = self._list(select(trainings).where(_t.id == training_id))
        return found[0] if found else None

    def newest(self, limit: int) -> list[Training]:
        """The latest held first."""
        return self._list(select(trainings).order_by(_t.held_on.desc(), _t.id.desc()).limit(limit))

    def held_between(self, begin: date, end: date) -> list[Training]:
        """Both days included, in order."""
        return self._list(
            select(trainings).where(_t.held_on >= begin, _t.held_on <= end).order_by(_t.held_on, _t.id)
        )

    def drop(self, training_id: int, at: datetime) -> None:
        """It was entered by mistake."""
        self._connection.execute(update(trainings).where(_t.id == training_id).values(dropped_at=at))

    def enter(self, entries: Sequence[TrainingEntry]) -> None:
        """Keep one entry's rows."""
        self._connection.execute(training_entries.insert(), [asdict(entry) for entry in entries])

    def next_batch(self, training_id: int) -> int:
        """The number of the entry that comes; none is used twice, also after one was taken back."""
        newest = select(func.max(_e.batch)).where(_e.training_id == training_id)
        return (self._connection.scalar(newest) or 0) + 1

    def entries(self, *training_ids: int) -> list[TrainingEntry]:
        """In the order in which they were made."""
        wanted = select(training_entries).where(_e.training_id.in_(training_ids), _e.undone_at.is_(None))
        return [_entry(row) for row in self._connection.execute(wanted.order_by(_e.id))]

    def undo(self, training_id: int, batch: int, at: datetime) -> None:
        """Take one entry back; it stays on record as undone."""
        same = (_e.training_id == training_id, _e.batch == batch, _e.undone_at.is_(None))
        self._connection.execute(update(training_entries).where(*same).values(undone_at=at))

    def with_certificate(self, *, since: date) -> list[Training]:
        """Those whose certificate holds on that day or later."""
        return self._list(select(trainings).where(_t.valid_until >= since).order_by(_t.id))

    def _list(self, statement: Select[Any]) -> list[Training]:
        there = statement.where(_t.dropped_at.is_(None))
        return [Training(**row._asdict()) for row in self._connection.execute(there)]


def _entry(row: Row[Any]) -> TrainingEntry:
    return TrainingEntry(
        training_id=row.training_id,
        batch=row.batch,
        staff_id=row.staff_id,
        result=Result(row.result),
        made_by=row.made_by,
        made_at=row.made_at,
        camera_before=row.camera_before,
    )
