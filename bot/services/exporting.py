"""An incident's whole record as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.incident import Incident
from bot.domain.place import Campus
from bot.domain.roll_call import seconds_since, tally_params
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.announcement_record import announcement_record
from bot.services.brief import brief_incident, name_of
from bot.storage.transaction import Transaction

# What a roll call adds, each a table.
# By what a picture or voice note that proves a task is named; the original lies in its sender's private chat.
SENT = ("media", "file_id", "message_id")
COUNT_PARTS = ("result", "headcount", "searches", "pupils", "statements")


def export_record(tx: Transaction, number: str, campus: Campus, *, by: str, at: datetime) -> dict[str, Any]:
    """`{incident, reports: […], timeline: […], deliveries: […], …}`; the rest is told below.

    RefusedError when there is no such incident.
    """
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
        **announcement_record(tx, incident.id),
        **_plan_record(tx, incident),
        **_count_record(tx, incident),
        "after_action": _after_action(tx, incident),
    }


def _plan_record(tx: Transaction, incident: Incident) -> dict[str, Any]:
    """`plan` as it ran; `tasks`, `calls` outside, `reports_due` to the authorities with late ones, `on_scene`."""
    plan = tx.tasks.plan_of(incident.id)
    done = [one.params for one in tx.timeline.all(incident.id) if one.event is Event.TASK_DONE]
    sent = {one["task"]: {key: one[key] for key in SENT if key in one} for one in done}
    return {
        "plan": plan and plan.to_params(),
        "tasks": [
            {
                "key": one.key,
                "title": one.title.to_params(),
                "role": one.role.value,
                "state": one.state.value,
                "owner_id": one.owner_id,
                "opened_at": one.opened_at and one.opened_at.isoformat(),
                "due_at": one.due_at and one.due_at.isoformat(),
                "accepted_at": one.accepted_at and one.accepted_at.isoformat(),
                "done_at": one.done_at and one.done_at.isoformat(),
                "is_late": one.is_late,
                "words": one.words,
                **dict.fromkeys(SENT),
                **sent.get(one.id, {}),
            }
            for one in tx.tasks.of_incident(incident.id)
        ],
        "calls": [
            {
                "agency": one.agency_id,
                "state": one.state.value,
                "asked_at": one.asked_at.isoformat(),
                "called_by": one.called_by,
                "called_at": one.called_at and one.called_at.isoformat(),
                "answer": one.answer,
            }
            for one in tx.agency_calls.of_incident(incident.id)
        ],
        "reports_due": [
            {
                "stage": one.stage.value,
                "number": one.number,
                "due_at": one.due_at.isoformat(),
                "sent_at": one.sent_at and one.sent_at.isoformat(),
                "sent_by": one.sent_by,
                "is_late": one.is_late,
                "words": one.words,
            }
            for one in tx.due_reports.of_incident(incident.id)
        ],
        "on_scene": [
            {
                "staff_id": one.staff_id,
                "state": one.state.value,
                "is_leader": one.is_leader,
                "at": one.at.isoformat(),
            }
            for one in tx.on_scene.of_incident(incident.id)
        ],
    }


def _after_action(tx: Transaction, incident: Incident) -> list[dict[str, Any]]:
    """Every version of the report with its data; a signature is of the SHA-256 of that data."""
    return [
        {
            "version": version.version,
            "made_at": version.made_at.isoformat(),
            "decision": version.decision,
            "decided_by": version.decided_by,
            "decided_at": version.decided_at and version.decided_at.isoformat(),
            "remarks": version.remarks,
            "signature": version.signature,
            "data": document.data,
        }
        for version in tx.after_actions.versions(incident.id)
        if (document := tx.documents.get(version.document_id))
    ]


def _count_record(tx: Transaction, incident: Incident) -> dict[str, Any]:
    """What the roll call adds.

    `roll_call`: times and figures, None when nobody was counted; `result`: the same times in seconds since the order,
    in one line; `headcount`: a line a class; `searches`: a line for each pupil who was missing, without who it was;
    `statements`: who said what, and `pupils`: what held at the end, both empty once they were purged.
    """
    roll_call = tx.roll_calls.of_incident(incident.id)
    if roll_call is None:
        return {"roll_call": None, **{part: [] for part in COUNT_PARTS}}
    classes = tx.headcounts.classes(roll_call.id)
    pupils = {one.id: one for counted in classes for one in tx.headcounts.pupils(roll_call.id, counted.name)}
    return {
        "roll_call": {
            "action": roll_call.action.value,
            "opened_at": roll_call.opened_at.isoformat(),
            "recount_from": roll_call.recount_from and roll_call.recount_from.isoformat(),
            "closed_at": roll_call.closed_at and roll_call.closed_at.isoformat(),
            "close_reason": roll_call.close_reason,
            "purged_at": roll_call.purged_at and roll_call.purged_at.isoformat(),
            "held_reason": roll_call.held_reason,
            "result": roll_call.result,
        },
        "result": [_figures(roll_call.result)] if roll_call.result else [],
        "searches": (roll_call.result or {}).get("searches", []),
        "headcount": [
            {
                "class": one.name,
                "grade": one.grade,
                "state": one.count.state.value,
                **tally_params(one.count.tally),
                "first_at": one.first_at and one.first_at.isoformat(),
                "complete_at": one.complete_at and one.complete_at.isoformat(),
                "first_s": seconds_since(roll_call, one.first_at),
                "complete_s": seconds_since(roll_call, one.complete_at),
                "said_by": one.said_by,
                "is_paper": one.is_paper,
            }
            for one in classes
        ],
        "pupils": [
            {
                "class": one.school_class,
                "student_no": one.student_no,
                "name": one.name,
                "state": one.status.state.value,
                "with_class": one.status.with_class,
                "is_disputed": one.status.is_disputed,
                "words": one.status.words,
                "said_by": one.status.said_by,
                "at": one.status.said_at and one.status.said_at.isoformat(),
            }
            for one in pupils.values()
        ],
        "statements": [
            {
                "id": said.id,
                "at": said.at.isoformat(),
                "class": said.school_class,
                "student_no": pupils[said.pupil].student_no if said.pupil in pupils else None,
                "said": said.said.value,
                "number": said.number,
                "words": said.words,
                "said_by": said.said_by,
                "source": said.source.value,
                "is_final": said.is_final,
            }
            for said in tx.headcounts.said(roll_call.id)
        ],
    }


def _figures(result: dict[str, Any]) -> dict[str, Any]:
    """The result in one line: how long it took, against the target, and how it stood at the end."""
    staff = {f"staff_{key}": number for key, number in result.get("staff", {}).items()}
    return {
        "action": result["action"],
        "opened_at": result["opened_at"],
        "closed_at": result["closed_at"],
        "target_s": result["target_s"],
        "first_s": result["first_s"],
        "all_s": result["all_s"],
        "is_in_time": result["all_s"] is not None and result["all_s"] <= result["target_s"],
        "slowest": ";".join(result["slowest"]),
        **result["tally"],
        **staff,
    }
