"""How ready the school was for what happened: the last drill of the kind, training, inspections, patrols.

All of it as of the incident's own day: what was renewed or made up for afterwards changes nothing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.domain.digest import DAY
from bot.domain.equipment import EquipmentKind
from bot.domain.patrol import VisitState
from bot.domain.plan import Reach
from bot.domain.snapshot import Act
from bot.domain.training import CAMERA, held_certificates
from bot.services.after_action_reading import Reading, Section
from bot.services.brief import name_of
from bot.storage.transaction import Transaction

# People listed one by one; the sums are of all.
MOST_PEOPLE = 40


def readiness(reading: Reading) -> dict[str, Any]:
    """`drill`, `patrols`: None where there was none, or nothing to patrol; `people`: those without training first."""
    day = reading.school.day(reading.incident.opened_at)
    plan = reading.tx.tasks.plan_of(reading.incident.id)
    people = _people(reading, day)
    return {
        "drill": _drill(reading, day),
        "plan_version": plan and plan.version,
        "trained": sum(bool(one["certificates"]) for one in people),
        "untrained": sum(not one["certificates"] for one in people),
        "people": people[:MOST_PEOPLE],
        "inspections": _inspections(reading, day),
        "patrols": _patrols(reading, day),
    }


def _drill(reading: Reading, day: date) -> dict[str, Any] | None:
    last = reading.tx.incidents.last_drill_before(reading.incident)
    if last is None:
        return None
    held_on, plan = reading.school.day(last.opened_at), reading.tx.tasks.plan_of(last.id)
    return {
        "number": last.number,
        "held_on": held_on.isoformat(),
        "days": (day - held_on).days,
        "plan_version": plan and plan.version,
    }


def _people(reading: Reading, day: date) -> list[dict[str, Any]]:
    """Who took a task on that not everybody had, or looked through a camera; and what they held on that day."""
    tasks = [
        task
        for task in reading.tx.tasks.of_incident(reading.incident.id)
        if task.accepted_at is not None and task.reach is not Reach.ALL
    ]
    looked = {
        line.staff_id
        for line in reading.tx.register.of_incident(reading.incident.id)
        if line.act is Act.VIEW and line.staff_id
    }
    held = _certificates(reading.tx, day)
    owners = [task.owner_id for task in tasks if task.owner_id]
    found = [
        {
            "who": name_of(reading.tx, staff_id),
            "tasks": owners.count(staff_id),
            "cameras": staff_id in looked,
            "certificates": _of_person(reading, staff_id, held, day, has_looked=staff_id in looked),
        }
        for staff_id in dict.fromkeys([*owners, *sorted(looked)])
    ]
    return sorted(found, key=lambda one: bool(one["certificates"]))


def _certificates(tx: Transaction, day: date) -> dict[tuple[str, str], date]:
    """By person and certificate, from sessions that had been held by then."""
    sessions = [one for one in tx.trainings.with_certificate(since=day) if one.held_on <= day]
    return held_certificates(sessions, tx.trainings.entries(*(one.id for one in sessions)))


def _of_person(
    reading: Reading, staff_id: str, held: dict[tuple[str, str], date], day: date, *, has_looked: bool
) -> list[dict[str, str]]:
    """The cameras' own, which the roster keeps, counts for who looked through one."""
    found = {name: until for (holder, name), until in held.items() if holder == staff_id and name != CAMERA}
    person = reading.tx.people.get(staff_id)
    camera = person.camera_training_until if person and has_looked else None
    if camera is not None and camera >= day:
        found[CAMERA] = camera
    return [{"name": name, "until": until.isoformat()} for name, until in sorted(found.items())]


def _inspections(reading: Reading, day: date) -> list[dict[str, Any]]:
    """Equipment in the place whose inspection was overdue when it began, whoever has looked at it since."""
    zone = reading.incident.zone
    items = reading.tx.equipment.near(list(EquipmentKind), [zone]) if zone else []
    since = reading.tx.inspections.first_since(reading.incident.opened_at, {item.number for item in items})
    due = [(item, since[item.number].due_before if item.number in since else item.due_on) for item in items]
    return [
        {"number": item.number, "kind": item.kind.value, "due_on": due_on.isoformat()}
        for item, due_on in sorted(due, key=lambda one: one[0].number)
        if due_on is not None and due_on < day
    ]


def _patrols(reading: Reading, day: date) -> dict[str, Any] | None:
    """Of that day; `last`: who looked at the place last before it began."""
    school, zone, opened_at = reading.school, reading.incident.zone, reading.incident.opened_at
    if zone not in school.readiness.patrol_zones:
        return None
    visits = reading.tx.patrols.between(school.midnight(day), school.midnight(day + DAY))
    here = [visit for visit in visits if visit.zone == zone]
    before = [visit for visit in here if visit.at < opened_at]
    last = before[-1] if before else None
    return {
        "n": len(here),
        "per_day": school.readiness.patrols_per_day,
        "findings": sum(visit.state is VisitState.FINDING for visit in here),
        "last": last and {"who": name_of(reading.tx, last.staff_id), "at": last.at.isoformat()},
    }


READINESS_SECTIONS: dict[str, Section] = {"readiness": readiness}
