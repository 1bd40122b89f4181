"""What holds now, whatever a digest's span: waiting reports and plan changes, corrective actions, machines, filings.

Nothing of a restricted incident: not every reader may know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.camera_health import Uptime
from bot.domain.incident import Mode
from bot.domain.reading_order import reading_order
from bot.services.brief import name_of
from bot.services.camera_health import watched
from bot.services.school import School
from bot.storage.transaction import Transaction

# A camera certificate that runs out within this time is told, and a filing that falls due.
SOON = timedelta(days=30)


def read_standing(
    tx: Transaction, school: School, *, begin: date, end: date, now: datetime
) -> dict[str, Any]:
    """`begin`, `end`: the days over which the cameras' uptime is summed, both included."""
    today = school.day(now)
    last = tx.incidents.last_drill()
    drilled_on = school.day(last.opened_at) if last else None
    due_on = drilled_on + timedelta(days=school.digests.drill_days) if drilled_on else None
    return {
        "today": today.isoformat(),
        "reports": _waiting(tx),
        "overdue": _overdue(tx, now),
        "actions": _actions(tx, today),
        "plan_changes": _plan_changes(tx),
        "certificates": _certificates(tx, today),
        "cameras": _cameras(tx, school, tx.camera_health.uptimes(begin, end)),
        "recordings": _recordings(tx, school),
        "filings": _filings(school, today),
        "inspections": _inspections(tx, today),
        **_absent(tx, today),
        "drilled_on": drilled_on and drilled_on.isoformat(),
        "drill_due_on": due_on and due_on.isoformat(),
        "is_drill_overdue": due_on is None or due_on < today,
    }


def _absent(tx: Transaction, today: date) -> dict[str, Any]:
    """How many pupils are away; `unreported`: classes that have said nothing on a day on which others have."""
    away, counts = tx.absences.named(today), tx.absences.counts(today)
    enrolled = tx.roster.student_nos(list(tx.roster.classes()))
    named = {name: len(away & set(pupils)) for name, pupils in enrolled.items()}
    silent = [name for name in named if name not in counts and not named[name]] if counts else []
    return {
        "absent": sum(max(number, counts.get(name, 0)) for name, number in named.items()),
        "unreported": sorted(silent, key=reading_order),
    }


def number_to_tell(tx: Transaction, incident_id: int | None) -> str | None:
    """The incident's number; None when there is none, or when it is restricted."""
    incident = tx.incidents.get(incident_id) if incident_id else None
    return None if incident is None or incident.is_restricted else incident.number


def _real(tx: Transaction, incident_id: int) -> str | None:
    """A drill's report goes nowhere."""
    incident = tx.incidents.get(incident_id)
    is_real = incident is not None and incident.mode is Mode.REAL
    return number_to_tell(tx, incident_id) if is_real else None


def is_told(tx: Transaction, incident_id: int | None) -> bool:
    """Whether something about this incident, or about none, may stand in a digest."""
    return incident_id is None or number_to_tell(tx, incident_id) is not None


def _waiting(tx: Transaction) -> list[str]:
    numbers = (number_to_tell(tx, one.incident_id) for one in tx.after_actions.waiting())
    return [number for number in numbers if number is not None]


def _overdue(tx: Transaction, now: datetime) -> dict[str, Any]:
    """Of real ones. `tasks`: late, by open incident; `reports`: to the authorities, also of what is closed."""
    tasks = {
        one.number: tx.tasks.figures(one.id).late
        for one in tx.incidents.list_open()
        if one.mode is Mode.REAL and not one.is_restricted
    }
    reports = [(_real(tx, one.incident_id), one) for one in tx.due_reports.overdue(now)]
    return {
        "tasks": [{"number": number, "n": late} for number, late in tasks.items() if late],
        "reports": [
            {"number": number, "stage": one.stage.value, "n": one.number, "due_at": one.due_at.isoformat()}
            for number, one in reports
            if number is not None
        ],
    }


def _actions(tx: Transaction, today: date) -> list[dict[str, Any]]:
    return [
        {
            "action": action.id,
            "words": action.words,
            "owner": name_of(tx, action.owner_id),
            "due_on": action.due_on.isoformat(),
            "is_overdue": action.is_overdue(today),
        }
        for action in tx.corrective_actions.open()
        if is_told(tx, action.incident_id)
    ]


def _plan_changes(tx: Transaction) -> list[int]:
    """Those that wait for the principal."""
    actions = tx.corrective_actions
    found = [(change.id, actions.get(change.action_id)) for change in tx.plan_changes.proposed()]
    return [number for number, action in found if action and is_told(tx, action.incident_id)]


def _inspections(tx: Transaction, today: date) -> dict[str, int]:
    """Of equipment: how many are overdue, and how many are due today."""
    due = tx.equipment.due_until(today)
    overdue = sum(item.is_overdue(today) for item in due)
    return {"overdue": overdue, "today": len(due) - overdue}


def _certificates(tx: Transaction, today: date) -> list[dict[str, Any]]:
    return [
        {"who": person.name.to_params(), "until": person.camera_training_until.isoformat()}
        for person in tx.people.list_active()
        if person.camera_training_until and person.camera_training_until < today + SOON
    ]


def _cameras(tx: Transaction, school: School, uptimes: Mapping[str, Uptime]) -> list[dict[str, Any]]:
    """Those that are watched, in the order of the settings; what was taken out of them is nobody's any more."""
    known = {one.camera_id: one for one in tx.camera_health.list_all()}
    return [
        {
            "camera": camera.id,
            "name": camera.name.to_params(),
            "state": known[camera.id].state,
            "since": known[camera.id].since.isoformat(),
            "uptime": uptimes[camera.id].share if camera.id in uptimes else None,
        }
        for camera in watched(school)
        if camera.id in known
    ]


def _recordings(tx: Transaction, school: School) -> list[dict[str, Any]]:
    """Recorders that do not keep what they must."""
    return [
        {
            "name": school.cameras[camera_id].name.to_params(),
            "faults": [fault.value for fault in check.faults],
        }
        for camera_id, check in tx.footage.checks().items()
        if check.faults and camera_id in school.cameras
    ]


def _filings(school: School, today: date) -> list[dict[str, Any]]:
    """Cameras that have to be filed with the police soon, or had to be."""
    return [
        {"name": school.cameras[camera_id].name.to_params(), "due_on": filing.due_on.isoformat()}
        for camera_id, filing in school.watching.filings.items()
        if filing.filed_on is None and filing.due_on and filing.due_on < today + SOON
        if camera_id in school.cameras
    ]
