"""What each person told about an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from bot.domain.incident import CLOCK_TOLERANCE, Kind, Report
from bot.storage.tables import reports


class ReportStore:
    """Reports, numbered within their incident from 1."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, report: Report) -> Report:
        """Keep a new report (its id and number are given here)."""
        number = self.next_number(report.incident_id)
        result = self._connection.execute(
            reports.insert().values(
                incident_id=report.incident_id,
                number=number,
                reporter_id=report.reporter_id,
                at=report.at,
                presses=report.presses,
                kind=report.kind and report.kind.value,
                zone=report.zone,
                words=report.words,
            )
        )
        (key,) = result.inserted_primary_key or (0,)
        return replace(report, id=key, number=number)

    def save(self, report: Report) -> None:
        """Write back what may change: presses, kind, zone, words and what it became."""
        self._connection.execute(
            update(reports)
            .where(reports.c.id == report.id)
            .values(
                presses=report.presses,
                kind=report.kind and report.kind.value,
                zone=report.zone,
                words=report.words,
                parted_to=report.parted_to,
            )
        )

    def get(self, report_id: int) -> Report | None:
        """By id."""
        return self._one(select(reports).where(reports.c.id == report_id))

    def latest_of(self, reporter_id: str, *, since: datetime, now: datetime) -> Report | None:
        """The newest report of this person not older than `since`; none from when the clock was ahead."""
        return self._one(
            select(reports)
            .where(reports.c.reporter_id == reporter_id, _is_between(since, now))
            .order_by(reports.c.at.desc(), reports.c.id.desc())
            .limit(1)
        )

    def of_incident(self, incident_id: int) -> list[Report]:
        """All reports of an incident, first to last."""
        rows = self._connection.execute(
            select(reports).where(reports.c.incident_id == incident_id).order_by(reports.c.number)
        )
        return [_report(row) for row in rows]

    def count_of(self, reporter_id: str, *, since: datetime, now: datetime) -> int:
        """How many reports this person made lately; none from when the clock was ahead."""
        mine = (reports.c.reporter_id == reporter_id, _is_between(since, now))
        return self._connection.scalar(select(func.count()).select_from(reports).where(*mine)) or 0

    def first_words(self, incident_id: int) -> str:
        """What the first reporter wrote, empty when nothing."""
        mine = (reports.c.incident_id == incident_id, reports.c.number == 1)
        return self._connection.scalar(select(reports.c.words).where(*mine)) or ""

    def next_number(self, incident_id: int) -> int:
        """The number that the incident's next report gets."""
        mine = reports.c.incident_id == incident_id
        return (self._connection.scalar(select(func.max(reports.c.number)).where(mine)) or 0) + 1

    def _one(self, statement: Select[Any]) -> Report | None:
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _report(row)


def _is_between(since: datetime, now: datetime) -> ColumnElement[bool]:
    return reports.c.at.between(since, now + CLOCK_TOLERANCE)


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        incident_id=row.incident_id,
        number=row.number,
        reporter_id=row.reporter_id,
        at=row.at,
        presses=row.presses,
        kind=Kind(row.kind) if row.kind else None,
        zone=row.zone,
        words=row.words,
        parted_to=row.parted_to,
    )
