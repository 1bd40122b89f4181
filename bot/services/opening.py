"""An incident begins: the same for a person's report, a machine's alert and a drill."""

from __future__ import annotations

from bot.domain.incident import Incident, Kind, Mode, Severity, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.timeline import Event
from bot.services import situation
from bot.services.audience import staff_leaders_first
from bot.services.broadcasting import broadcast
from bot.services.calling_roll import close_roll_call
from bot.services.chasing import ring_by_severity, stop_chase
from bot.services.plan_versions import plan_of_kind
from bot.services.planning import add_graver_tasks
from bot.services.report_clock import stop_clock
from bot.services.task_effects import end_tasks
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
    plan = plan_of_kind(turn, kind)
    is_restricted = plan is not None and plan.is_restricted
    # Of a restricted one nobody else may even learn that it is there.
    if mode is Mode.REAL and not is_restricted:
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
        is_restricted=is_restricted,
    )
    opened = turn.tx.incidents.add(fresh, year=turn.now.astimezone(turn.school.timezone).year)
    situation.watch(turn, opened)
    return opened


def take_seriously(turn: Turn, incident: Incident, severity: Severity) -> Incident:
    """Something graver joins: the incident is as grave, and rings whoever that rings. A commander's grade stands."""
    if severity >= incident.severity or incident.commander_id is not None:
        return incident
    before = int(incident.severity)
    incident = turn.save(incident, severity=severity)
    turn.record(incident, Event.SEVERITY_CHANGED, before=before, after=int(severity))
    ring_by_severity(turn, incident)
    add_graver_tasks(turn, incident)
    situation.tell(turn, incident)
    return incident


def suspend_drills(turn: Turn) -> None:
    """A real incident begins: whoever was drilling must know that the drill is over."""
    for drill in turn.tx.incidents.list_in_force(Mode.DRILL):
        if drill.suspended_at is None:
            _suspend(turn, drill)


def _suspend(turn: Turn, drill: Incident) -> None:
    stop_chase(turn, drill)
    outdated = [MessageKind.DIRECTIVE, MessageKind.CONFIRM, MessageKind.ANNOUNCEMENT]
    turn.tx.outbox.supersede(drill.id, outdated, turn.now)
    turn.record(drill, Event.DRILL_SUSPENDED)
    end_tasks(turn, drill)
    stop_clock(turn, drill)
    close_roll_call(turn, drill, "")
    params = turn.brief(turn.save(drill, suspended_at=turn.now))
    for person in staff_leaders_first(turn):
        to = Address.person(person.staff_id)
        turn.tell(to, MessageKind.DRILL_SUSPENDED, params, drill, lane=Lane.COMMAND)
    broadcast(turn, drill, MessageKind.DRILL_SUSPENDED, params)


def open_drill(turn: Turn) -> Incident | None:
    """The drill that reports and exercise alerts belong to, if one is running and who reports may know of it."""
    if any(not one.is_restricted for one in turn.tx.incidents.list_in_force(Mode.REAL)):
        return None
    drills = [d for d in turn.tx.incidents.list_in_force(Mode.DRILL) if d.suspended_at is None]
    return next((drill for drill in drills if turn.may_know(drill)), None)
