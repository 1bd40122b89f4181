"""What messages about an incident need to know, as JSON values with names in both languages."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident
from bot.domain.place import Campus
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.storage.transaction import Transaction

CARD_LINES = 3
WORDS_IN_ALARM = 400
# A panicking thumb, and what the tally shows anyway, must not push what matters off the card.
_NOT_ON_CARD = frozenset(
    {
        *(Event.PRESSED_AGAIN, Event.CLASS_COUNTED, Event.CHECKED_IN, Event.CAMERAS_SHOWN),
        *(
            Event.TASK_ACCEPTED,
            Event.TASK_DECLINED,
            Event.TASK_HANDED_OVER,
            Event.TASK_ESCALATED,
            Event.TASK_DONE,
        ),
        *(Event.TASK_LATE, Event.PLAN_STARTED, Event.REPORT_DUE, Event.CHANNEL_ANSWERED),
        *(Event.INJURED_COUNTED, Event.LIAISON_MADE, Event.LIAISON_OPENED, Event.LIAISON_REVOKED),
    }
)


def brief_incident(tx: Transaction, incident: Incident, campus: Campus) -> dict[str, Any]:
    """The incident's state now: for the card, the topic's title, alarms and directives."""
    zone = campus.name_of(incident.zone)
    return {
        "id": incident.id,
        "number": incident.number,
        "mode": incident.mode.value,
        "status": incident.status.value,
        "severity": int(incident.severity),
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
        "first_words": shorten(tx.reports.first_words(incident.id), WORDS_IN_ALARM),
        "reporter": name_of(tx, incident.reporter_id),
        "commander": name_of(tx, incident.commander_id),
        "acknowledged_by": name_of(tx, incident.acknowledged_by),
        "opened_at": incident.opened_at.isoformat(),
        "action": incident.action and incident.action.value,
        "action_zones": zone_names(campus, incident.action_zones),
        "action_words": _action_words(tx, incident),
        "action_at": incident.action_at and incident.action_at.isoformat(),
        "all_clear_at": incident.all_clear_at and incident.all_clear_at.isoformat(),
        "ended_at": incident.ended_at and incident.ended_at.isoformat(),
        "is_suspended": incident.suspended_at is not None,
        "outcome": incident.outcome,
        "alerts": [
            {"source": source, "title": title, "n": total, "firing": firing}
            for source, title, total, firing in tx.alerts.tally(incident.id)
        ],
        "lines": last_lines(tx, incident.id, CARD_LINES, without=_NOT_ON_CARD),
        "report": _report_due(tx, incident.id),
        "tasks": tx.tasks.figures(incident.id).to_params(),
        "injured": tx.injured.figures(incident.id).to_params(),
    }


def name_of(tx: Transaction, staff_id: str | None) -> dict[str, str] | None:
    """A person's name for params."""
    person = tx.people.get(staff_id) if staff_id else None
    return person.name.to_params() if person else None


def zone_names(campus: Campus, zones: tuple[str, ...]) -> list[dict[str, str]]:
    """Names of zones for params."""
    return [name.to_params() for name in (campus.name_of(zone) for zone in zones) if name]


def _action_words(tx: Transaction, incident: Incident) -> str:
    """What the order in force adds to its directive, such as the way."""
    if incident.action is None:
        return ""
    ordered = tx.timeline.last(incident.id, 1, without=frozenset(Event) - {Event.ACTION_ORDERED})
    return str(ordered[0].params.get("words", "")) if ordered else ""


def _report_due(tx: Transaction, incident_id: int) -> dict[str, Any] | None:
    """The report to the authorities that has to go out next."""
    due = tx.due_reports.waiting(incident_id)
    if due is None:
        return None
    return {"stage": due.stage.value, "n": due.number, "due_at": due.due_at.isoformat(), "step": due.step}


def last_lines(
    tx: Transaction, incident_id: int, count: int, *, without: frozenset[Event]
) -> list[dict[str, Any]]:
    """The newest entries of the record for params, but for those passed over."""
    shown = tx.timeline.last(incident_id, count, without=without)
    return [{"event": entry.event.value, "at": entry.at.isoformat(), **entry.params} for entry in shown]
