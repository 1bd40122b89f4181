"""The report clock's life: it starts with the plan, warns, goes on after each report, ends with the final one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog

from bot.domain.channel import Carries
from bot.domain.incident import Incident, Mode, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.plan import Plan
from bot.domain.report_clock import WARNINGS, DueReport, Stage, first_due
from bot.domain.roster import Role
from bot.domain.timeline import Event
from bot.services.brief import name_of
from bot.services.task_effects import head, may_read
from bot.services.turn import Turn

log = structlog.get_logger(__name__)


def start_clock(turn: Turn, incident: Incident, plan: Plan) -> None:
    """By its kind and grade it has to be reported; a graver grade only brings the time forward."""
    is_due = plan.report_from is not None and incident.severity <= plan.report_from
    if not is_due or incident.mode is Mode.TEST:
        return
    due_at = first_due(
        turn.school.report_times,
        incident.severity,
        incident.opened_at,
        is_public_health=plan.is_public_health,
    )
    every = turn.tx.due_reports.of_incident(incident.id)
    if not every:
        turn.tx.due_reports.add(incident.id, Stage.FIRST, started_at=incident.opened_at, due_at=due_at)
    elif every[0].sent_at is None and due_at < every[0].due_at:
        sooner = replace(every[0], due_at=due_at)
        turn.tx.due_reports.save(sooner, look_at=sooner.warn_at(sooner.step))
    turn.touch(incident)


def go_on(turn: Turn, incident: Incident, sent: DueReport) -> None:
    """After a report the next follow-up; after the final one nothing more."""
    if sent.stage is Stage.FINAL or incident.all_clear_at is not None:
        return
    due_at = turn.now + turn.school.report_times.follow
    turn.tx.due_reports.add(incident.id, Stage.FOLLOW, started_at=turn.now, due_at=due_at)


def expect_final(turn: Turn, incident: Incident) -> None:
    """The danger is over: instead of one more follow-up, the final report."""
    every = turn.tx.due_reports.of_incident(incident.id)
    if not every:
        return
    for report in every:
        if report.stage is Stage.FOLLOW and report.sent_at is None:
            turn.tx.due_reports.forget(report.id)
    due_at = turn.now + turn.school.report_times.final
    turn.tx.due_reports.add(incident.id, Stage.FINAL, started_at=turn.now, due_at=due_at)


def stop_clock(turn: Turn, incident: Incident) -> None:
    """A false alarm, or a drill that something real ended: nothing has to be reported."""
    turn.tx.due_reports.forget_unsent(incident.id)


def chase_reports(turn: Turn) -> None:
    """Each report that is due for a warning, once; one that fails waits and holds up no other."""
    for report in turn.tx.due_reports.due(turn.now):
        try:
            with turn.tx.savepoint():
                _warn(turn, report)
        except Exception:
            log.exception("report_not_chased", report=report.id, incident=report.incident_id)
            turn.tx.due_reports.save(report, look_at=turn.now + turn.school.accept_within)


def _warn(turn: Turn, report: DueReport) -> None:
    incident = turn.tx.incidents.get(report.incident_id)
    if incident is None or incident.status is Status.CANCELLED or report.sent_at is not None:
        turn.tx.due_reports.save(report, look_at=None)
        return
    step = report.step
    while (moment := report.warn_at(step)) is not None and moment <= turn.now:
        step += 1
    report = turn.tx.due_reports.save(report, step=step, look_at=report.warn_at(step))
    is_late = step >= len(WARNINGS)
    event = Event.REPORT_LATE if is_late else Event.REPORT_DUE
    turn.record(incident, event, is_quiet=not is_late, stage=report.stage.value, n=report.number)
    turn.touch(incident)
    for staff_id in _warned(turn, incident):
        turn.tell(
            Address.person(staff_id),
            MessageKind.REPORT_DUE,
            {
                **head(turn, incident),
                **report_params(turn, report),
                "has_district": any(Carries.DISTRICT in one.carries for one in turn.school.channels),
            },
            incident,
            lane=Lane.COMMAND,
            coalesce=f"due:{report.id}",
            needs_right=Right.RUN_DESK.value,
        )


def _warned(turn: Turn, incident: Incident) -> list[str]:
    """The commander, and whoever is principal: of them those who may know."""
    principals = [p.staff_id for p in turn.tx.people.list_active() if Role.PRINCIPAL in p.roles]
    commander = [incident.commander_id] if incident.commander_id else []
    return [one for one in dict.fromkeys([*commander, *principals]) if may_read(turn, incident, one)]


def report_params(turn: Turn, report: DueReport) -> dict[str, Any]:
    """One report for messages."""
    return {
        "report": report.id,
        "stage": report.stage.value,
        "n": report.number,
        "due_at": report.due_at.isoformat(),
        "step": report.step,
        "sent_at": report.sent_at and report.sent_at.isoformat(),
        "sent_by": name_of(turn.tx, report.sent_by),
        "is_late": report.is_late or report.is_overdue(turn.now),
    }
