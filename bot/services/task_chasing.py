"""The clock's part of tasks: nobody accepted, or it was not done in time."""

from __future__ import annotations

import structlog

from bot.domain.incident import Incident
from bot.domain.task import OVER, Task
from bot.domain.timeline import Event
from bot.services.task_effects import escalate, show
from bot.services.tasking import remind
from bot.services.turn import Turn

log = structlog.get_logger(__name__)


def chase_tasks(turn: Turn) -> None:
    """Each task that is due for a look, once; one that fails waits and holds up no other."""
    for task in turn.tx.tasks.due(turn.now):
        try:
            with turn.tx.savepoint():
                _chase_one(turn, task)
        except Exception:
            log.exception("task_not_chased", task=task.id, incident=task.incident_id)
            turn.tx.tasks.save(task, look_at=turn.now + turn.school.accept_within)


def _chase_one(turn: Turn, task: Task) -> None:
    incident = turn.tx.incidents.get(task.incident_id)
    if incident is None or incident.is_ended or incident.suspended_at or task.state in OVER:
        turn.tx.tasks.save(task, look_at=None)
        return
    if task.due_at is not None and task.due_at <= turn.now and not task.is_late:
        task = _note_late(turn, incident, task)
    show(turn, incident, escalate(turn, incident, task))


def _note_late(turn: Turn, incident: Incident, task: Task) -> Task:
    """Who holds it hears so first."""
    task = turn.tx.tasks.save(task, is_late=True)
    turn.record(incident, Event.TASK_LATE, is_quiet=True, title=task.title.to_params(), task=task.id)
    owner = turn.tx.people.get(task.owner_id) if task.owner_id else None
    if owner is not None:
        remind(turn, incident, task, owner)
    return task
