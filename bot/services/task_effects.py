"""What happens to tasks whoever caused it: they begin, are offered, go up the chain, end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from bot.domain.incident import Incident
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.plan import Reach
from bot.domain.report_clock import DueReport, Stage
from bot.domain.roster import Person, Role
from bot.domain.task import A_MINUTE, Offer, OfferState, Task, TaskState, accept_by, due_by, may_begin
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.services.brief import name_of
from bot.services.discretion import in_the_know, sealed
from bot.services.turn import Turn

# What nobody took and had to be done this soon was about the danger; with the all-clear it is over.
ACUTE: Final = timedelta(hours=1)
WORDS_KEPT: Final = 1000


@dataclass
class Holders:
    """Who holds which role and may know of the incident, read once for a whole plan."""

    turn: Turn
    incident: Incident
    _staff: list[Person] | None = None
    _on_duty: dict[Role, list[Person]] = field(default_factory=dict)

    def of(self, role: Role) -> list[Person]:
        """Everybody with the role whom a message can reach."""
        if self._staff is None:
            self._staff = self._askable(self.turn.tx.people.list_active())
        return [person for person in self._staff if role in person.roles]

    def asked(self, role: Role, reach: Reach) -> list[Person]:
        """Whom a task of this role is offered to."""
        if reach is not Reach.DUTY:
            return self.of(role)
        if role not in self._on_duty:
            present = self.turn.tx.people.on_duty(role, self.turn.now)
            self._on_duty[role] = self._askable(present) or self.of(role)
        return self._on_duty[role]

    def _askable(self, people: Iterable[Person]) -> list[Person]:
        known = in_the_know(self.turn.tx, self.turn.school, self.incident, people)
        return [person for person in known if person.is_reachable]


def start(turn: Turn, task: Task) -> Task:
    """Its time begins now; that of the first report ends with the report's own."""
    owed = _first_report_owed(turn, task)
    task = due_by(task, turn.now, owed.due_at) if owed else task
    return replace(
        task,
        state=TaskState.OFFERED,
        opened_at=turn.now,
        due_at=turn.now + task.within,
        look_at=accept_by(task, turn.now, turn.school.accept_within),
    )


def _first_report_owed(turn: Turn, task: Task) -> DueReport | None:
    """The first report to the authorities, while it is not sent and the task is to make it."""
    waiting = turn.tx.due_reports.waiting(task.incident_id) if task.is_first_report else None
    return waiting if waiting and waiting.stage is Stage.FIRST else None


def hurry_first_report(turn: Turn, incident: Incident) -> None:
    """The report is due sooner now: so is the task to make it."""
    for task in turn.tx.tasks.of_incident(incident.id):
        owed = _first_report_owed(turn, task)
        if owed is None or task.is_over or task.opened_at is None or task.due_at is None:
            continue
        due_at = max(owed.due_at, turn.now + A_MINUTE)
        if due_at < task.due_at:
            sooner = replace(due_by(task, task.opened_at, due_at), due_at=due_at)
            look_at = min(task.look_at or due_at, due_at)
            show(turn, incident, turn.tx.tasks.save(sooner, look_at=look_at))


def begin(turn: Turn, incident: Incident, task: Task, people: Sequence[Person]) -> None:
    """A kept task that waited begins."""
    offer_all(turn, incident, [(turn.tx.tasks.save(start(turn, task)), people)])


def offer_all(turn: Turn, incident: Incident, offers: Sequence[tuple[Task, Sequence[Person]]]) -> None:
    """Tasks that have just begun, to their people. When there is nobody to ask, those above are asked at once."""
    turn.tx.tasks.offer_all([(task.id, one.staff_id) for task, people in offers for one in people], turn.now)
    is_silent = turn.is_hushed(incident)
    drafts = []
    for task, people in offers:
        params = task_params(turn, incident, task) if people else {}
        drafts += [_draft(incident, task, one.staff_id, params, is_silent=is_silent) for one in people]
    turn.tx.outbox.add_new(drafts, turn.now)
    for task, people in offers:
        if not people:
            escalate(turn, incident, task)


def begin_waiting(turn: Turn, incident: Incident) -> None:
    """Something is done: what waited for it begins."""
    every = turn.tx.tasks.of_incident(incident.id)
    holders = Holders(turn, incident)
    for task in every:
        if task.state is TaskState.WAITING and may_begin(task, every):
            begin(turn, incident, task, asked_for(holders, task))
    turn.touch(incident)


def complete(
    turn: Turn, incident: Incident, task: Task, words: str = "", *, is_quiet: bool = False, **sent: Any
) -> None:
    """It is done, by who owns it. `words`: its proof; `sent`: by what the record names a picture that proves it.

    `is_quiet`: another line in the topic says so already.
    """
    task = turn.tx.tasks.save(
        task,
        state=TaskState.DONE,
        done_at=turn.now,
        look_at=None,
        proof_from=None,
        words=shorten(words, WORDS_KEPT),
    )
    said: dict[str, Any] = {"title": task.title.to_params(), "task": task.id, "words": task.words, **sent}
    turn.record(incident, Event.TASK_DONE, is_quiet=is_quiet, **said)
    show(turn, incident, task)
    begin_waiting(turn, incident)


def asked_for(holders: Holders, task: Task) -> list[Person]:
    """The people of a task; who has one of their own is the only one asked."""
    if task.asked_id:
        return [person for person in holders.of(task.role) if person.staff_id == task.asked_id]
    return holders.asked(task.role, task.reach)


def escalate(turn: Turn, incident: Incident, task: Task) -> Task:
    """The next above is asked. Who holds the task holds it on; when nobody is left, the topic says so, once."""
    above = next_above(turn, incident, task)
    changes: dict[str, Any] = {"look_at": turn.now + turn.school.accept_within if above else None}
    if task.owner_id is None:
        changes["state"] = TaskState.ESCALATED
    task = turn.tx.tasks.save(task, **changes)
    turn.record(
        incident,
        Event.TASK_ESCALATED,
        is_quiet=above is not None,
        line=f"nobody:{incident.id}",
        title=task.title.to_params(),
        task=task.id,
        n=turn.tx.tasks.figures(incident.id).escalated,
        to=above and above.name.to_params(),
    )
    turn.touch(incident)
    if above is not None:
        turn.tx.tasks.offer(task.id, above.staff_id, turn.now, is_above=True)
        bring(turn, incident, above)
    return task


def bring(turn: Turn, incident: Incident, above: Person) -> None:
    """All that came up to this person, in one message: somebody who leads must not drown in tasks."""
    turn.tx.outbox.add(_brought(turn, incident, above.staff_id), turn.now)


def _brought(turn: Turn, incident: Incident, staff_id: str) -> Draft:
    came_up = sorted(turn.tx.tasks.brought_to(incident.id, staff_id), key=lambda one: one.urgency)
    dropped = turn.tx.tasks.dropped_above(incident.id, staff_id)
    params = {
        **head(turn, incident),
        "tasks": [_came_up(turn, one) for one in came_up if one.owner_id != staff_id and needs_somebody(one)],
        "dropped": [{"title": one.title.to_params()} for one in dropped],
    }
    return Draft(
        Address.person(staff_id),
        MessageKind.TASKS_ABOVE,
        params if may_read(turn, incident, staff_id) else sealed(params),
        lane=Lane.COMMAND,
        incident_id=incident.id,
        is_silent=turn.is_hushed(incident),
        coalesce=f"above:{incident.id}",
        needs_right=Right.REPORT.value,
    )


def needs_somebody(task: Task) -> bool:
    """Whether those above should take it: nobody holds it, or it is overdue."""
    return task.owner_id is None or task.is_late


def _came_up(turn: Turn, task: Task) -> dict[str, Any]:
    return {
        "task": task.id,
        "title": task.title.to_params(),
        "role": task.role.value,
        "asked": name_of(turn.tx, task.asked_id),
        "owner": name_of(turn.tx, task.owner_id),
        "is_late": task.is_late,
        "due_at": task.due_at and task.due_at.isoformat(),
    }


def next_above(turn: Turn, incident: Incident, task: Task) -> Person | None:
    """The commander, then the chain in its order; nobody twice, and nobody who may not know."""
    already = set(turn.tx.tasks.offers(task.id)) | {task.owner_id}
    on_duty, off_duty = turn.tx.people.chain(turn.now)
    commander = turn.tx.people.get(incident.commander_id) if incident.commander_id else None
    for person in [*([commander] if commander else []), *on_duty, *off_duty]:
        if not turn.may_know(incident, person):
            continue
        if person.is_active and person.is_reachable and person.staff_id not in already:
            return person
    return None


def send(turn: Turn, incident: Incident, task: Task, people: Iterable[Person]) -> None:
    """The task itself, to people who have not got it."""
    people = list(people)
    if not people:
        return
    params, is_silent = task_params(turn, incident, task), turn.is_hushed(incident)
    drafts = [
        _draft(
            incident,
            task,
            person.staff_id,
            {**params, "is_mine": person.staff_id == task.owner_id},
            is_silent=is_silent,
        )
        for person in people
    ]
    turn.tx.outbox.add_new(drafts, turn.now)


def show(turn: Turn, incident: Incident, task: Task) -> None:
    """Bring the messages of everybody who was asked up to date, without a sound."""
    params, is_silent = task_params(turn, incident, task), turn.is_hushed(incident)
    for offer in turn.tx.tasks.offers(task.id).values():
        if offer.is_above:
            turn.tx.outbox.refresh(_brought(turn, incident, offer.staff_id), turn.now)
        own = {**params, "is_mine": offer.staff_id == task.owner_id, "is_declined": _is_declined(offer, task)}
        if not may_read(turn, incident, offer.staff_id):
            own = sealed(own)
        turn.tx.outbox.refresh(_draft(incident, task, offer.staff_id, own, is_silent=is_silent), turn.now)
    turn.touch(incident)


def may_read(turn: Turn, incident: Incident, staff_id: str) -> bool:
    """Whether who was asked may read on: what kind it is may be said late."""
    if not incident.is_restricted:
        return True
    person = turn.tx.people.get(staff_id)
    return person is not None and turn.may_know(incident, person)


def _is_declined(offer: Offer, task: Task) -> bool:
    return offer.state is OfferState.DECLINED and offer.staff_id != task.owner_id


def _draft(
    incident: Incident, task: Task, staff_id: str, params: dict[str, Any], *, is_silent: bool
) -> Draft:
    return Draft(
        Address.person(staff_id),
        MessageKind.TASK,
        params,
        lane=Lane.COMMAND,
        incident_id=incident.id,
        is_silent=is_silent,
        coalesce=f"task:{task.id}",
        needs_right=Right.REPORT.value,
    )


def head(turn: Turn, incident: Incident) -> dict[str, Any]:
    """Which incident it is about."""
    zone = turn.school.campus.name_of(incident.zone)
    return {
        "id": incident.id,
        "number": incident.number,
        "mode": incident.mode.value,
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
    }


def task_params(turn: Turn, incident: Incident, task: Task) -> dict[str, Any]:
    """What the message needs, the same for every reader but `is_mine` and `is_declined`."""
    agency = turn.school.agencies.get(task.calls)
    return {
        **head(turn, incident),
        "task": task.id,
        "title": task.title.to_params(),
        "role": task.role.value,
        "reach": task.reach.value,
        "state": task.state.value,
        "due_at": task.due_at and task.due_at.isoformat(),
        "minutes": int(task.within.total_seconds() // 60),
        "owner": name_of(turn.tx, task.owner_id),
        "given_by": name_of(turn.tx, task.given_by),
        "is_late": task.is_late,
        "proof": task.proof.value,
        "owes_proof": task.proof_from is not None,
        "words": task.words,
        "calls": agency and {"id": agency.id, "number": agency.number, "name": agency.name.to_params()},
        "is_mine": False,
        "is_declined": False,
    }


def end_tasks(turn: Turn, incident: Incident) -> None:
    """Nothing more is expected."""
    for task in turn.tx.tasks.of_incident(incident.id):
        if not task.is_over:
            drop(turn, incident, task)


def end_acute_tasks(turn: Turn, incident: Incident) -> None:
    """The all-clear: what nobody took and was about the danger ends, what comes after it begins."""
    plan, holders = turn.tx.tasks.plan_of(incident.id), Holders(turn, incident)
    acute = []
    for task in turn.tx.tasks.of_incident(incident.id):
        is_lasting = task.outlasts_danger(plan)
        if is_lasting and task.state is TaskState.WAITING:
            begin(turn, incident, task, asked_for(holders, task))
        # The duty to report runs on.
        elif not (is_lasting or task.is_over or task.owner_id or _first_report_owed(turn, task)):
            acute += [task] if task.within <= ACUTE else []
    _bring_dropped(turn, incident, acute)
    begin_waiting(turn, incident)


def _bring_dropped(turn: Turn, incident: Incident, tasks: Sequence[Task]) -> None:
    """What ends without anybody, to those above: also what had not come up to them, or not begun."""
    told = set()
    for task in tasks:
        is_brought = any(offer.is_above for offer in turn.tx.tasks.offers(task.id).values())
        above = None if is_brought else next_above(turn, incident, task)
        if above is not None:
            turn.tx.tasks.offer(task.id, above.staff_id, turn.now, is_above=True)
            told.add(above.staff_id)
        drop(turn, incident, task)
    for staff_id in sorted(told):
        turn.tx.outbox.add(replace(_brought(turn, incident, staff_id), is_standing=True), turn.now)


def keep_from_others(turn: Turn, incident: Incident) -> None:
    """Of a restricted incident who may not know does nothing any more."""
    for task in turn.tx.tasks.of_incident(incident.id):
        if not task.is_over and task.state is not TaskState.WAITING:
            show(turn, incident, _kept_from_others(turn, incident, task))


def _kept_from_others(turn: Turn, incident: Incident, task: Task) -> Task:
    """When nobody who may know has it or was asked, those above are."""
    if task.owner_id is not None:
        if may_read(turn, incident, task.owner_id):
            return task
        task = _free(turn, task, task.owner_id)
    asked = turn.tx.tasks.offers(task.id).values()
    is_asked = any(one.state is OfferState.OPEN and may_read(turn, incident, one.staff_id) for one in asked)
    return task if is_asked else escalate(turn, incident, task)


def release_tasks(turn: Turn, person: Person) -> None:
    """Who lost their rights holds nothing any more: those above are asked."""
    for task in turn.tx.tasks.owned_by(person.staff_id):
        incident = turn.tx.incidents.get(task.incident_id)
        if incident is None or incident.is_ended:
            continue
        show(turn, incident, escalate(turn, incident, _free(turn, task, person.staff_id)))


def _free(turn: Turn, task: Task, owner_id: str) -> Task:
    """Nobody holds it, and who did is not asked again."""
    turn.tx.tasks.say(task.id, owner_id, OfferState.DECLINED, turn.now)
    return turn.tx.tasks.save(task, owner_id=None, state=TaskState.OFFERED, proof_from=None)


def drop(turn: Turn, incident: Incident, task: Task) -> None:
    """It is no longer needed; who has it reads so."""
    task = turn.tx.tasks.save(task, state=TaskState.DROPPED, look_at=None, proof_from=None)
    show(turn, incident, task)
