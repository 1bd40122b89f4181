"""Reports to the authorities: due, sent, late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from bot.domain.report_clock import DueReport, Stage
from bot.storage.new_id import new_id
from bot.storage.tables import due_reports

_d = due_reports.c


class DueReportStore:
    """By incident; those sent stay for ever."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, incident_id: int, stage: Stage, *, started_at: datetime, due_at: datetime) -> DueReport:
        """The next report of this stage."""
        mine = (_d.incident_id == incident_id, _d.stage == stage.value)
        number = (self._connection.scalar(select(func.max(_d.number)).where(*mine)) or 0) + 1
        report = DueReport(0, incident_id, stage, number, started_at, due_at, None)
        report = replace(report, look_at=report.warn_at(0))
        values = {"incident_id": incident_id, "stage": stage.value, "number": number, **_values(report)}
        result = self._connection.execute(due_reports.insert(), values)
        return replace(report, id=new_id(result))

    def save(self, report: DueReport, **changes: Any) -> DueReport:
        """Write back."""
        report = replace(report, **changes)
        self._connection.execute(update(due_reports).where(_d.id == report.id).values(**_values(report)))
        return report

    def get(self, report_id: int) -> DueReport | None:
        """By id."""
        found = self._list(select(due_reports).where(_d.id == report_id))
        return found[0] if found else None

    def of_incident(self, incident_id: int) -> list[DueReport]:
        """All of an incident, in the order in which they fell due."""
        mine = select(due_reports).where(_d.incident_id == incident_id)
        return self._list(mine.order_by(_d.due_at, _d.id))

    def waiting(self, incident_id: int) -> DueReport | None:
        """The one that has to go out next."""
        mine = select(due_reports).where(_d.incident_id == incident_id, _d.sent_at.is_(None))
        found = self._list(mine.order_by(_d.due_at, _d.id).limit(1))
        return found[0] if found else None

    def due(self, now: datetime) -> list[DueReport]:
        """Those that the clock has to look at."""
        return self._list(select(due_reports).where(_d.look_at <= now).order_by(_d.look_at, _d.id))

    def overdue(self, now: datetime) -> list[DueReport]:
        """Those that should be out and are not, of every incident, the longest overdue first."""
        unsent = select(due_reports).where(_d.sent_at.is_(None), _d.due_at < now)
        return self._list(unsent.order_by(_d.due_at, _d.id))

    def forget(self, report_id: int) -> None:
        """It need not go out."""
        self._connection.execute(delete(due_reports).where(_d.id == report_id))

    def forget_unsent(self, incident_id: int) -> None:
        """There is nothing to report after all."""
        unsent = (_d.incident_id == incident_id, _d.sent_at.is_(None))
        self._connection.execute(delete(due_reports).where(*unsent))

    def _list(self, statement: Select[Any]) -> list[DueReport]:
        return [_report(row) for row in self._connection.execute(statement)]


def _values(report: DueReport) -> dict[str, Any]:
    return {
        "started_at": report.started_at,
        "due_at": report.due_at,
        "look_at": report.look_at,
        "step": report.step,
        "sent_at": report.sent_at,
        "sent_by": report.sent_by,
        "words": report.words,
    }


def _report(row: Row[Any]) -> DueReport:
    return DueReport(
        id=row.id,
        incident_id=row.incident_id,
        stage=Stage(row.stage),
        number=row.number,
        started_at=row.started_at,
        due_at=row.due_at,
        look_at=row.look_at,
        step=row.step,
        sent_at=row.sent_at,
        sent_by=row.sent_by,
        words=row.words,
    )
