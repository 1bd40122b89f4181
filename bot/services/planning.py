"""An incident runs on a plan: started, switched when the kind is named, longer when the incident gets graver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.incident import Incident, Kind
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.plan import Plan, PlanTask, Reach
from bot.domain.sender import IncidentRef, Sender
from bot.domain.task import OVER, Task, TaskState, fresh, may_begin
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.call_effects import ask_for_calls
from bot.services.dispatching import take_off_the_scene
from bot.services.leaving import end_link
from bot.services.plan_versions import approval_params, file_params, plan_of_kind
from bot.services.report_clock import start_clock
from bot.services.sighting import end_looks_of_others
from bot.services.task_effects import (
    Holders,
    asked_for,
    begin_waiting,
    drop,
    hurry_first_report,
    keep_from_others,
    offer_all,
    start,
)
from bot.services.tasking import remind
from bot.services.turn import Turn, Turns
from bot.storage.deadlines import Deadline, DeadlineKind

# Who pressed SOS gets so long to say what it is; then the plan for anything begins.
KIND_WITHIN: Final = timedelta(seconds=20)


class PlanService:
    """What the plans say."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender, kind: Kind | None, word: str) -> Outcome:
        """`/plan fire`; without a kind the plan that the incident runs on. `word` is what was typed."""
        return await self._turns.run(sender, show_plan, kind, word)


def show_plan(turn: Turn, kind: Kind | None, word: str) -> Outcome:
    """The plan as a reader follows it: who, what, by when."""
    turn.require(Right.RUN_DESK, "plan")
    if kind is None and word:
        raise RefusedError(Reason.UNKNOWN_KIND, word=word)
    plan = plan_of_kind(turn, kind) if kind else turn.tx.tasks.plan_of(turn.incident(IncidentRef()).id)
    if plan is None:
        raise RefusedError(Reason.NO_PLAN)
    file = file_params(turn.school, turn.tx.plan_changes.newest(kind)) if kind else None
    turn.reply(MessageKind.PLAN, {**plan.to_params(), "change": approval_params(turn, plan), "file": file})
    return Outcome(Done.NOTHING)


def start_plan(turn: Turn, incident: Incident) -> None:
    """The plan of its kind; an SOS without one gets a moment to say what it is."""
    if incident.kind is None:
        turn.tx.deadlines.start(incident.id, DeadlineKind.PLAN, turn.now + KIND_WITHIN)
    else:
        follow_kind(turn, incident)


def start_plan_for_anything(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """Nobody has said what it is."""
    turn.tx.deadlines.clear(deadline.incident_id, DeadlineKind.PLAN)
    _run_on(turn, incident, plan_of_kind(turn, incident.kind or Kind.OTHER))


def follow_kind(turn: Turn, incident: Incident) -> Incident:
    """The kind is known now, or another one: its plan takes over, and repeats nothing. The incident as it is then."""
    if incident.kind is None:
        return incident
    turn.tx.deadlines.clear(incident.id, DeadlineKind.PLAN)
    _run_on(turn, incident, plan_of_kind(turn, incident.kind))
    return turn.tx.incidents.get(incident.id) or incident


def add_graver_tasks(turn: Turn, incident: Incident) -> None:
    """A graver incident has what its plan says of graver ones, beside all that it has already."""
    plan = turn.tx.tasks.plan_of(incident.id)
    if plan is not None:
        start_clock(turn, incident, plan)
        hurry_first_report(turn, incident)
        _add_tasks(turn, incident, plan)


def _run_on(turn: Turn, incident: Incident, plan: Plan | None) -> None:
    before = turn.tx.tasks.plan_of(incident.id)
    if plan is None or (before is not None and before.kind is plan.kind):
        return
    turn.tx.tasks.start_plan(incident.id, plan, turn.now)
    if plan.is_restricted and not incident.is_restricted:
        incident = restrict(turn, incident)
    if before is not None:
        _leave(turn, incident, before, plan)
    if incident.is_restricted:
        keep_from_others(turn, incident)
        take_off_the_scene(turn, incident)
    start_clock(turn, incident, plan)
    hurry_first_report(turn, incident)
    added = _add_tasks(turn, incident, plan)
    begin_waiting(turn, incident)
    turn.record(
        incident,
        Event.PLAN_STARTED,
        kind=plan.kind.value,
        version=plan.version,
        n=added,
        action=plan.action and plan.action.value,
        before=before and before.kind.value,
    )


def restrict(turn: Turn, incident: Incident) -> Incident:
    """It turns out to be one that few may know of: what others were given of it is taken back."""
    turn.tx.outbox.supersede(incident.id, [MessageKind.LINE, MessageKind.CALLS], turn.now)
    incident = turn.save(incident, is_restricted=True)
    _take_back_links(turn, incident)
    _end_drafts(turn, incident)
    end_looks_of_others(turn, incident)
    return incident


def _end_drafts(turn: Turn, incident: Incident) -> None:
    """What was to be announced about it is out of date: the announcements' clock says so on every card."""
    for draft in turn.tx.announcements.of_incident(incident.id):
        if draft.is_unpublished and not turn.tx.announcements.published(draft.number):
            turn.tx.announcements.set_due(draft.id, turn.now)


def _take_back_links(turn: Turn, incident: Incident) -> None:
    """Of those given to somebody outside before it was restricted only who may know of it answers for one."""
    for link in turn.tx.liaison_links.of_incident(incident.id):
        maker = turn.tx.people.get(link.made_by)
        if link.is_good(turn.now) and (maker is None or not turn.may_know(incident, maker)):
            end_link(turn, incident, link, is_restricted=True)


def _leave(turn: Turn, incident: Incident, before: Plan, plan: Plan) -> None:
    """What only the plan before asked for: dropped, or its owner hears that other things come first."""
    kept = {task.id: task for task in plan.tasks}
    left = {task.id for task in before.tasks} - set(kept)
    for task in turn.tx.tasks.of_incident(incident.id):
        if task.state in OVER:
            continue
        owner = turn.tx.people.get(task.owner_id) if task.owner_id else None
        if task.plan_key in left and owner is not None and turn.may_know(incident, owner):
            remind(turn, incident, task, owner, is_of_plan_before=True)
        elif task.plan_key in left:
            drop(turn, incident, task)
        elif task.plan_key in kept and task.state is TaskState.WAITING:
            turn.tx.tasks.save(task, after=kept[task.plan_key].after)


def _add_tasks(turn: Turn, incident: Incident, plan: Plan) -> int:
    """Those that the incident does not have yet, or had until another plan dropped them; how many."""
    holders = Holders(turn, incident)
    ordered = plan.ordering(incident.action)
    planned = [one for one in plan.tasks_at(incident.severity) if one.id not in ordered]
    wanted = [task for one in planned for task in _expand(incident, one, holders)]
    known = turn.tx.tasks.of_incident(incident.id)
    every = [*known, *wanted]
    ready = {task.key for task in wanted if may_begin(task, every)}
    fresh_ones = [start(turn, task) if task.key in ready else task for task in wanted]
    added = [*_revive(turn, known, fresh_ones), *turn.tx.tasks.add_all(fresh_ones)]
    begun = [task for task in added if task.key in ready]
    offer_all(turn, incident, [(task, asked_for(holders, task)) for task in begun])
    ask_for_calls(turn, incident, (task.calls for task in begun if task.calls))
    turn.touch(incident)
    return len(added)


def _revive(turn: Turn, known: Sequence[Task], wanted: Sequence[Task]) -> list[Task]:
    """What was dropped before anybody took it, as if it had never been."""
    dropped = {
        task.key: task.id for task in known if task.state is TaskState.DROPPED and task.owner_id is None
    }
    again = [replace(task, id=dropped[task.key]) for task in wanted if task.key in dropped]
    for task in again:
        turn.tx.tasks.forget_offers(task.id)
        turn.tx.tasks.save(task)
    return again


def _expand(incident: Incident, planned: PlanTask, holders: Holders) -> list[Task]:
    """One task, or one for each of those who all have to do it."""
    people = holders.of(planned.role) if planned.to is Reach.ALL else []
    keys = [f"{planned.id}@{person.staff_id}" for person in people] or [planned.id]
    return [fresh(incident.id, planned, key) for key in keys]
