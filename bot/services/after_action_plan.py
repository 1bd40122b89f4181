"""The plan's part of the after-action report: tasks, calls outside, the report clock, who was at the scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.plan import Reach
from bot.domain.report_clock import DueReport
from bot.domain.task import Task, TaskState
from bot.services.after_action_reading import Reading, Section
from bot.services.brief import name_of

# Names of those who have not done what everybody had to.
MOST_NAMES = 40


def tasks(reading: Reading) -> dict[str, Any] | None:
    """`rows`: those that began, what everybody of a role had to do as one; `idle`: how many never began.

    Times in seconds since the incident was opened. `end_s`: until when an open one is drawn.
    """
    found = reading.tx.tasks.of_incident(reading.incident.id)
    begun = [task for task in found if task.opened_at is not None]
    if not found:
        return None
    own = [task for task in begun if task.reach is not Reach.ALL]
    shared: dict[str, list[Task]] = {}
    for task in begun:
        if task.reach is Reach.ALL:
            shared.setdefault(task.plan_key, []).append(task)
    rows = [
        *(_task(reading, task) for task in own),
        *(_shared(reading, members) for members in shared.values()),
    ]
    over = reading.incident.all_clear_at or reading.incident.ended_at or reading.now
    return {
        "rows": sorted(rows, key=lambda row: row["opened_s"]),
        "idle": len(found) - len(begun),
        "end_s": reading.since_s(over),
    }


def _task(reading: Reading, task: Task) -> dict[str, Any]:
    return {
        "title": task.title.to_params(),
        "role": task.role.value,
        "owner": name_of(reading.tx, task.owner_id),
        "given_by": name_of(reading.tx, task.given_by),
        "state": task.state.value,
        "opened_s": reading.since_s(task.opened_at),
        "accepted_s": reading.since_s(task.accepted_at),
        "done_s": reading.since_s(task.done_at),
        "due_s": reading.since_s(task.due_at),
        "is_late": task.is_late,
        "words": task.words,
    }


def _shared(reading: Reading, members: Sequence[Task]) -> dict[str, Any]:
    """Everybody's own copy as one row: done when all are, late when one was."""
    undone = [task for task in members if task.state is not TaskState.DONE]
    first = members[0]
    if len(members) == 1:
        return _task(reading, first)
    names = [name_of(reading.tx, task.owner_id) for task in undone]
    return {
        **_task(reading, first),
        "owner": None,
        "people": len(members),
        "done": len(members) - len(undone),
        "undone": [name for name in names if name][:MOST_NAMES],
        "state": (undone[0] if undone else first).state.value,
        "opened_s": reading.since_s(min(_moments(task.opened_at for task in members))),
        "accepted_s": reading.since_s(max(_moments(task.accepted_at for task in members), default=None)),
        "done_s": None if undone else reading.since_s(max(_moments(task.done_at for task in members))),
        "is_late": any(task.is_late for task in members),
        "words": "",
    }


def _moments(found: Any) -> list[datetime]:
    return [moment for moment in found if moment is not None]


def calls(reading: Reading) -> list[dict[str, Any]]:
    """Who outside was to be called, who says that they called, and what was answered."""
    agencies = reading.school.agencies
    return [
        {
            "agency": agencies[call.agency_id].name.to_params()
            if call.agency_id in agencies
            else {"zh": call.agency_id, "en": call.agency_id},
            "number": agencies[call.agency_id].number if call.agency_id in agencies else "",
            "state": call.state.value,
            "asked_s": reading.since_s(call.asked_at),
            "who": name_of(reading.tx, call.called_by),
            "at": call.called_at and call.called_at.isoformat(),
            "since_s": reading.since_s(call.called_at),
            "answer": call.answer,
        }
        for call in reading.tx.agency_calls.of_incident(reading.incident.id)
    ]


def reporting(reading: Reading) -> list[dict[str, Any]]:
    """The reports to the authorities as the clock had them: due, sent by whom, late by how much."""
    return [_report(reading, report) for report in reading.tx.due_reports.of_incident(reading.incident.id)]


def _report(reading: Reading, report: DueReport) -> dict[str, Any]:
    late = (report.sent_at or reading.now) - report.due_at
    is_late = report.is_late or report.is_overdue(reading.now)
    return {
        "stage": report.stage.value,
        "n": report.number,
        "due_at": report.due_at.isoformat(),
        "sent_at": report.sent_at and report.sent_at.isoformat(),
        "who": name_of(reading.tx, report.sent_by),
        "is_late": is_late,
        "late_s": int(late.total_seconds()) if is_late else None,
        "words": report.words,
    }


def on_scene(reading: Reading) -> list[dict[str, Any]]:
    """Who was sent to the scene, the leader first, and how they stood at last."""
    return [
        {
            "who": name_of(reading.tx, one.staff_id),
            "state": one.state.value,
            "is_leader": one.is_leader,
            "since_s": reading.since_s(one.at),
        }
        for one in reading.tx.on_scene.of_incident(reading.incident.id)
    ]


PLAN_SECTIONS: dict[str, Section] = {
    "tasks": tasks,
    "calls": calls,
    "reporting": reporting,
    "on_scene": on_scene,
}
