"""Alerts about which the command centre is asked first, once for each zone and kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.incident import JOIN_WINDOW, Incident
from bot.domain.message import CENTRE, Address, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef
from bot.errors import Reason, RefusedError
from bot.services.alert_effects import alert_params, attach, find_about, may_open, open_alert
from bot.services.alert_pictures import bring_pictures
from bot.services.turn import Turn
from bot.storage.alerts import AlertStage, KeptAlert

JOINABLE_SHOWN = 3


def ask(turn: Turn, fresh: KeptAlert) -> None:
    """Ask the command centre, once for each zone and kind within a window."""
    leader = turn.tx.alerts.leader(
        kind=fresh.kind, zone=fresh.zone, mode=fresh.mode, since=turn.now - JOIN_WINDOW
    )
    kept = turn.tx.alerts.add(
        replace(fresh, stage=AlertStage.REVIEW, leader_id=leader.id if leader else None)
    )
    if leader is not None:
        count_question(turn, leader.id)
    show_question(turn, leader.id if leader else kept.id, is_new=leader is None)


def count_question(turn: Turn, leader_id: int) -> None:
    """One more alarm of the same zone and kind."""
    leader = turn.tx.alerts.get(leader_id)
    if leader is not None:
        turn.tx.alerts.save(replace(leader, alarms=leader.alarms + 1, last_at=turn.now))


def show_question(turn: Turn, leader_id: int, *, is_new: bool = False, **more: Any) -> None:
    """Send the question, or bring the one that is out up to date. `more`: what was decided, by whom."""
    leader = turn.tx.alerts.get(leader_id)
    if leader is None:
        return
    open_now = [i for i in turn.tx.incidents.list_open() if i.is_in_force and _may_hold(i, leader)]
    params = {
        **alert_params(turn, leader),
        "count": leader.alarms,
        "stage": leader.stage.value,
        "joinable": [{"id": i.id, "number": i.number} for i in open_now[:JOINABLE_SHOWN]],
        **more,
    }
    draft = Draft(
        Address(CENTRE), MessageKind.ALERT_REVIEW, params, lane=Lane.COMMAND, coalesce=f"review:{leader.id}"
    )
    if is_new:
        turn.tx.outbox.add(draft, turn.now)
    else:
        turn.tx.outbox.refresh(replace(draft, lane=Lane.THREAD), turn.now)


def _may_hold(incident: Incident, leader: KeptAlert) -> bool:
    """Hardly anybody would hear it in a restricted one; a drill holds nothing real."""
    return incident.mode is leader.mode and not incident.is_restricted


def _question(turn: Turn, alert_id: int) -> KeptAlert:
    turn.require(Right.RUN_DESK, "alert")
    leader = turn.tx.alerts.get(alert_id)
    if leader is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if leader.stage is not AlertStage.REVIEW:
        raise RefusedError(Reason.ALERT_DECIDED)
    return leader


def open_question(turn: Turn, alert_id: int) -> Outcome:
    """It becomes an incident, or joins the one that was opened about the same meanwhile."""
    leader = _question(turn, alert_id)
    incident = find_about(turn, leader)
    if incident is None and not may_open(turn, leader.mode):
        raise RefusedError(Reason.ALERT_NOT_NOW)
    if incident is None:
        incident = open_alert(turn, leader)
    else:
        attach(turn, leader, incident)
    turn.tx.alerts.move(leader.id, stage=AlertStage.OPENED, incident_id=incident.id)
    bring_pictures(turn, incident, turn.tx.alerts.of_question(leader.id))
    number = "" if incident.is_restricted else incident.number
    show_question(turn, leader.id, number=number, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_OPENED, {"number": incident.number}, is_told=True)


def join_question(turn: Turn, alert_id: int, incident_id: int) -> Outcome:
    """It belongs to that incident."""
    leader = _question(turn, alert_id)
    incident = turn.incident(IncidentRef(incident_id))
    if not _may_hold(incident, leader):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident.require_in_force()
    turn.tx.alerts.move(leader.id, stage=AlertStage.JOINED, incident_id=incident.id)
    bring_pictures(turn, incident, turn.tx.alerts.of_question(leader.id))
    attach(turn, leader, incident)
    show_question(turn, leader.id, number=incident.number, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_JOINED, {"number": incident.number}, is_told=True)


def dismiss_question(turn: Turn, alert_id: int, reason: str) -> Outcome:
    """It means nothing. Why is asked for first and kept in the audit log."""
    leader = _question(turn, alert_id)
    if not reason:
        show_question(turn, leader.id, asks_reason=True)
        return Outcome(Done.ASKED, is_told=True)
    turn.audit("dismiss alert", subject=str(leader.id), reason=reason, source=leader.source)
    turn.tx.alerts.move(leader.id, stage=AlertStage.DISMISSED, incident_id=None)
    show_question(turn, leader.id, reason=reason, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_DISMISSED, is_told=True)
