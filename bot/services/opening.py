"""An incident begins: the same for a person's report, a machine's alert and a drill."""

from __future__ import annotations

from bot.domain.incident import Incident, Kind, Mode, Severity, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.timeline import Event
from bot.services.audience import staff_leaders_first
from bot.services.chasing import ring_by_severity, stop_chase
from bot.services.turn import Turn


def open_incident(
    turn: Turn,
    *,
    mode: Mode,
    severity: Severity,
    kind: Kind | None,
    zone: str | None,
    reporter_id: str | None,
) -> Incident:
    """Keep a new incident, numbered in the school's year. A real one suspends whatever drill is running."""
    if mode is Mode.REAL:
        suspend_drills(turn)
    fresh = Incident(
        id=0,
        number="",
        mode=mode,
        status=Status.REPORTED,
        severity=severity,
        opened_at=turn.now,
        reporter_id=reporter_id,
        kind=kind,
        zone=zone,
    )
    return turn.tx.incidents.add(fresh, year=turn.now.astimezone(turn.school.timezone).year)


def take_seriously(turn: Turn, incident: Incident, severity: Severity) -> Incident:
    """Something graver joins: the incident is as grave, and rings whoever that rings. A commander's grade stands."""
    if severity >= incident.severity or incident.commander_id is not None:
        return incident
    before = int(incident.severity)
    incident = turn.save(incident, severity=severity)
    turn.record(incident, Event.SEVERITY_CHANGED, before=before, after=int(severity))
    ring_by_severity(turn, incident)
    return incident


def suspend_drills(turn: Turn) -> None:
    """A real incident begins: whoever was drilling must know that the drill is over."""
    for drill in turn.tx.incidents.list_in_force(Mode.DRILL):
        if drill.suspended_at is None:
            _suspend(turn, drill)


def _suspend(turn: Turn, drill: Incident) -> None:
    stop_chase(turn, drill)
    turn.tx.outbox.supersede(drill.id, [MessageKind.DIRECTIVE, MessageKind.CONFIRM], turn.now)
    turn.record(drill, Event.DRILL_SUSPENDED)
    params = turn.brief(turn.save(drill, suspended_at=turn.now))
    for person in staff_leaders_first(turn):
        to = Address.person(person.staff_id)
        turn.tell(to, MessageKind.DRILL_SUSPENDED, params, drill, lane=Lane.COMMAND)


def open_drill(turn: Turn) -> Incident | None:
    """The drill that reports and exercise alerts belong to, if one is running."""
    if turn.tx.incidents.list_in_force(Mode.REAL):
        return None
    drills = [d for d in turn.tx.incidents.list_in_force(Mode.DRILL) if d.suspended_at is None]
    return drills[0] if drills else None
