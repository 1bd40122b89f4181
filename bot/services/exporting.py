"""An incident's whole record as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.place import Campus
from bot.errors import Reason, RefusedError
from bot.services.brief import brief_incident, name_of
from bot.storage.transaction import Transaction


def export_record(tx: Transaction, number: str, campus: Campus, *, by: str, at: datetime) -> dict[str, Any]:
    """`{incident, reports: […], timeline: […], deliveries: […]}`; RefusedError when there is no such incident."""
    incident = tx.incidents.by_number(number)
    if incident is None:
        raise RefusedError(Reason.UNKNOWN_INCIDENT, number=number)
    tx.audit.append("export", at=at, actor=by, subject=incident.number)
    brief = brief_incident(tx, incident, campus)
    del brief["lines"]
    return {
        "incident": brief,
        "reports": [
            {
                "number": report.number,
                "at": report.at.isoformat(),
                "reporter_id": report.reporter_id,
                "reporter": name_of(tx, report.reporter_id),
                "presses": report.presses,
                "kind": report.kind,
                "zone": report.zone,
                "words": report.words,
            }
            for report in tx.reports.of_incident(incident.id)
        ],
        "timeline": [
            {
                "id": entry.id,
                "at": entry.at.isoformat(),
                "event": entry.event.value,
                "actor_id": entry.actor_id,
                "params": entry.params,
            }
            for entry in tx.timeline.all(incident.id)
        ],
        "deliveries": tx.outbox.of_incident(incident.id),
    }
