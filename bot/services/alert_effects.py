"""What can be done with a kept alert: name it, find what it is about, open, attach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.incident import SOS_SEVERITY, Incident, Mode, Severity, joins
from bot.domain.timeline import Event
from bot.services.alert_pictures import bring_pictures
from bot.services.chasing import start_chase
from bot.services.opening import open_drill, open_incident
from bot.services.plan_versions import severity_of
from bot.services.planning import start_plan
from bot.services.turn import Turn
from bot.storage.alerts import AlertStage, KeptAlert


def said_of(kept: KeptAlert) -> dict[str, Any]:
    """Who says it, and the shortest thing said."""
    return {"source": kept.source, "title": kept.content["title"]}


def find_about(turn: Turn, kept: KeptAlert) -> Incident | None:
    """The open incident that an alert of this kind and place belongs to."""
    if kept.mode is Mode.DRILL:
        return open_drill(turn)
    for incident in turn.tx.incidents.list_in_force(Mode.REAL):
        if joins(incident, kind=kept.kind, zone=kept.zone, at=turn.now):
            return incident
        is_same = kept.kind is not None and (incident.kind, incident.zone) == (kept.kind, kept.zone)
        if is_same and not incident.is_restricted:
            return incident
    return None


def may_open(turn: Turn, mode: Mode) -> bool:
    """An exercise opens nothing while something real is in force, nor beside another drill."""
    if mode is Mode.REAL:
        return True
    real = [one for one in turn.tx.incidents.list_in_force(Mode.REAL) if not one.is_restricted]
    return not real and not turn.tx.incidents.list_in_force(Mode.DRILL)


def grade_of(turn: Turn, kept: KeptAlert) -> Severity | None:
    """How grave it is by its source, else by its kind's plan; None when it names neither."""
    return kept.severity or (severity_of(turn, kept.kind) if kept.kind else None)


def open_alert(turn: Turn, kept: KeptAlert) -> Incident:
    """An incident of its own, rung for like a person's report."""
    severity = grade_of(turn, kept) or SOS_SEVERITY
    incident = open_incident(
        turn, mode=kept.mode, severity=severity, kind=kept.kind, zone=kept.zone, reporter_id=None
    )
    turn.tx.alerts.save(replace(kept, stage=AlertStage.OPENED, incident_id=incident.id))
    bring_pictures(turn, incident, [kept])
    turn.tx.alerts.count_for(incident.id, kept.source, kept.content["title"], alarms=kept.alarms)
    turn.record(incident, Event.ALERT_OPENED, words=kept.content["words"], **said_of(kept))
    start_chase(turn, incident)
    start_plan(turn, incident)
    return incident


def attach(turn: Turn, leader: KeptAlert, incident: Incident) -> None:
    """What was asked about belongs to this incident."""
    turn.tx.alerts.count_for(incident.id, leader.source, leader.content["title"], alarms=leader.alarms)
    turn.record(incident, Event.ALERT_JOINED, words=leader.content["words"], **said_of(leader))


def alert_params(turn: Turn, kept: KeptAlert) -> dict[str, Any]:
    """What messages about the alert need to know."""
    zone = turn.school.campus.name_of(kept.zone)
    return {
        "alert": kept.id,
        "source": kept.source,
        "mode": kept.mode.value,
        "kind": kept.kind and kept.kind.value,
        "zone": zone and zone.to_params(),
        "severity": kept.severity and int(kept.severity),
        "at": kept.received_at.isoformat(),
        "is_resolved": kept.resolved_at is not None,
        **kept.content,
    }
