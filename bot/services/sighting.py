"""Who may look now: `bot.domain.clearance` asked with what the database says, and what is written of a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.camera import Camera
from bot.domain.clearance import Barrier, Cleared, Grounds, barrier_of, decide
from bot.domain.incident import Incident, Mode
from bot.domain.look import IN_CHAT_FOR, Look
from bot.domain.permission import Right
from bot.domain.roster import Person
from bot.domain.snapshot import Act
from bot.services import register
from bot.services.discretion import may_know
from bot.services.school import School
from bot.services.turn import Turn
from bot.storage.transaction import Transaction

NO_CAMERA = "-"
"""In the register, for who was refused before any camera was chosen."""

_DRILL = {Mode.REAL: "", Mode.DRILL: "（演练）", Mode.TEST: "（测试）"}


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that a picture for one look needs to know, as it is now."""

    look: Look
    person: Person
    camera: Camera
    incident: Incident | None
    grounds: Grounds

    @property
    def reason(self) -> str:
        """For the register."""
        return reason_of(self.incident if self.grounds is Grounds.INCIDENT else None, self.look.reason)


def is_under_way(incident: Incident | None) -> bool:
    """Whether the incident is a reason to look."""
    return incident is not None and incident.is_in_force and incident.suspended_at is None


def causes(turn: Turn) -> list[Incident]:
    """Everything that goes on and that who asks may know of, newest first."""
    return [one for one in turn.tx.incidents.list_open() if is_under_way(one) and turn.may_know(one)]


def cause_of(turn: Turn, camera: Camera) -> Incident | None:
    """The incident that is the reason to look there: one at that place, else the newest."""
    under_way = causes(turn)
    here = [incident for incident in under_way if incident.zone == camera.zone]
    return next(iter([*here, *under_way]), None)


def may_look(
    school: School, person: Person, camera: Camera, *, incident: Incident | None, reason: str, now: datetime
) -> Cleared | Barrier:
    """The law's rules for this person, this camera, now."""
    return decide(
        person,
        school.campus.zones.get(camera.zone),
        day=school.day(now),
        incident_in_force=is_under_way(incident),
        reason=reason,
    )


def look_again(tx: Transaction, school: School, look_id: int, now: datetime) -> Sight | Barrier:
    """Asked anew before every picture: person, certificate, place, incident. A stated reason lasts a quarter hour."""
    look = tx.looks.get(look_id)
    person = tx.people.get(look.staff_id) if look else None
    if look is None or person is None:
        return Barrier.NO_RIGHT
    incident = tx.incidents.get(look.incident_id) if look.incident_id is not None else None
    if incident is not None and not may_know(tx, school, incident, person):
        return barrier_of(person, school.day(now)) or Barrier.LOOK_OVER
    if look.ended_at is not None:
        return barrier_of(person, school.day(now)) or Barrier.NO_REASON
    camera = school.cameras.get(look.camera_id)
    if camera is None:
        return Barrier.UNKNOWN_PLACE
    reason = look.reason if incident is None and look.is_fresh(now) else ""
    cleared = may_look(school, person, camera, incident=incident, reason=reason, now=now)
    return cleared if isinstance(cleared, Barrier) else Sight(look, person, camera, incident, cleared.grounds)


def end_look(tx: Transaction, look: Look, now: datetime) -> None:
    """No picture is taken for it any more, and one that is in the chat goes at once."""
    tx.looks.save(replace(look, ended_at=look.ended_at or now, next_at=None, watch_until=None))
    tx.outbox.hurry(look.removal_key, now)


def end_looks_of(tx: Transaction, staff_id: str, now: datetime) -> None:
    """Every one of a person who may not look any more."""
    for look in tx.looks.of_person(staff_id, now - IN_CHAT_FOR):
        end_look(tx, look, now)


def end_looks_of_others(turn: Turn, incident: Incident) -> None:
    """Those for the incident by people who may not know of it: for one that has become restricted."""
    for look in turn.tx.looks.of_incident(incident.id):
        person = turn.tx.people.get(look.staff_id)
        if person is None or not turn.may_know(incident, person):
            end_look(turn.tx, look, turn.now)


def note_refusal(
    tx: Transaction,
    person: Person,
    camera_id: str,
    barrier: Barrier,
    *,
    at: datetime,
    reason: str = "",
    content: str = "",
    incident_id: int | None = None,
) -> None:
    """Into the register and the audit log."""
    register.enter(
        tx,
        person,
        Act.REFUSAL,
        camera_id,
        at=at,
        reason=reason,
        content=content,
        incident_id=incident_id,
        outcome=barrier.value,
    )
    tx.audit.append(
        Right.SEE_CAMERAS.value, at=at, actor=person.staff_id, outcome="refused", subject=camera_id
    )


def reason_of(incident: Incident | None, said: str) -> str:
    """The law's 事由: the incident, what was said, or both."""
    event = f"应急事件 {incident.number}{_DRILL[incident.mode]}" if incident else ""
    return "：".join(part for part in (event, said) if part)


def incident_params(incident: Incident | None, school: School) -> dict[str, Any]:
    """What messages and marks say of the incident; nothing when there is none."""
    if incident is None:
        return {"mode": Mode.REAL.value, "number": "", "kind": None, "zone": None}
    zone = school.campus.name_of(incident.zone)
    return {
        "mode": incident.mode.value,
        "number": incident.number,
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
    }
