"""What people do with tasks: accept, done, cannot, hand over, and add new ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.domain.incident import Incident
from bot.domain.media import NO_WORDS, Media
from bot.domain.message import Address, MessageKind
from bot.domain.moment import read_moment
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.place import Name
from bot.domain.plan import Proof, Reach
from bot.domain.roster import Person, Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.task import OVER, OfferState, Task, TaskState
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.calling_out import offer_call
from bot.services.passing_on import original_of, pass_on
from bot.services.task_effects import begin, complete, escalate, send, show, task_params
from bot.services.turn import Turn, Turns

# A task that says no time.
USUAL: Final = timedelta(minutes=30)
TITLE_KEPT: Final = 1000
COLLEAGUES_SHOWN: Final = 8
# A proof that was asked for; after this long what somebody sends is a report again.
PROOF_WITHIN: Final = timedelta(minutes=10)


class TaskService:
    """Each method is one button or command."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def accept(self, sender: Sender, task_id: int) -> Outcome:
        """I do it."""
        return await self._turns.run(sender, accept, task_id)

    async def decline(self, sender: Sender, task_id: int) -> Outcome:
        """I cannot."""
        return await self._turns.run(sender, decline, task_id)

    async def finish(self, sender: Sender, task_id: int) -> Outcome:
        """Done; a task that wants proof asks for it."""
        return await self._turns.run(sender, finish, task_id)

    async def ask_colleague(self, sender: Sender, task_id: int) -> Outcome:
        """Hand over: to whom?"""
        return await self._turns.run(sender, ask_colleague, task_id)

    async def hand_over(self, sender: Sender, task_id: int, staff_id: str) -> Outcome:
        """To this colleague, who has to accept."""
        return await self._turns.run(sender, hand_over, task_id, staff_id)

    async def give(self, sender: Sender, ref: IncidentRef, words: str, due: str) -> Outcome:
        """`/task @name words by 10:20`; `words` open with the name, `due` is the time as typed."""
        return await self._turns.run(sender, give, ref, words, due)

    async def show_tasks(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/task`, and the card's button: how all tasks stand, or one's own."""
        return await self._turns.run(sender, show_tasks, ref)


def accept(turn: Turn, task_id: int) -> Outcome:
    """One owner: the first who accepts. What is overdue may be taken over by whoever it was brought to."""
    turn.require(Right.REPORT)
    task, incident = _offered(turn, task_id)
    me = turn.person.staff_id
    if task.owner_id == me:
        return Outcome(Done.REPEATED)
    if task.state is TaskState.ACCEPTED and not (task.is_late or _was_handed(turn, task)):
        raise RefusedError(Reason.TASK_TAKEN, who=_name(turn, task.owner_id))
    before, offer = task.owner_id, turn.tx.tasks.offers(task.id)[me]
    is_in_time = task.due_at is not None and task.due_at > turn.now
    task = turn.tx.tasks.save(
        task,
        state=TaskState.ACCEPTED,
        owner_id=me,
        accepted_at=turn.now,
        look_at=task.due_at if is_in_time else turn.now + task.within,
        proof_from=None,
    )
    turn.tx.tasks.say(task.id, me, OfferState.HELD, turn.now)
    _record(turn, incident, Event.TASK_ACCEPTED, task, is_quiet=True, before=_name(turn, before))
    if offer.is_above and offer.state is OfferState.OPEN:
        send(turn, incident, task, [turn.person])
    show(turn, incident, task)
    if task.calls in turn.school.agencies:
        offer_call(turn, incident, task.calls)
    return Outcome(Done.TASK_ACCEPTED)


def _was_handed(turn: Turn, task: Task) -> bool:
    """Whether the owner asked this person to take it."""
    return task.given_by == task.owner_id and _open_offer(turn, task)


def _open_offer(turn: Turn, task: Task) -> bool:
    offer = turn.tx.tasks.offers(task.id).get(turn.person.staff_id)
    return offer is not None and offer.state is OfferState.OPEN


def decline(turn: Turn, task_id: int) -> Outcome:
    """Somebody else is asked; when nobody of the role is left, those above."""
    turn.require(Right.REPORT)
    task, incident = _offered(turn, task_id)
    me = turn.person.staff_id
    turn.tx.tasks.say(task.id, me, OfferState.DECLINED, turn.now)
    _record(turn, incident, Event.TASK_DECLINED, task, is_quiet=True)
    if task.owner_id == me:
        task = turn.tx.tasks.save(
            task, state=TaskState.OFFERED, owner_id=None, given_by=None, proof_from=None
        )
    left = [o for o in turn.tx.tasks.offers(task.id).values() if o.state is OfferState.OPEN]
    if task.owner_id is None and not left:
        task = escalate(turn, incident, task)
    elif task.owner_id is None:
        soon = turn.now + turn.school.accept_within
        task = turn.tx.tasks.save(task, look_at=min(task.look_at or soon, soon))
    show(turn, incident, task)
    return Outcome(Done.TASK_DECLINED)


def finish(turn: Turn, task_id: int) -> Outcome:
    """Only who holds it can say so. Proof comes as the next message."""
    turn.require(Right.REPORT)
    task, incident = _offered(turn, task_id)
    if task.owner_id != turn.person.staff_id:
        raise RefusedError(Reason.TASK_NOT_YOURS)
    if task.proof is not Proof.NONE:
        task = turn.tx.tasks.save(task, proof_from=turn.person.staff_id)
        turn.tx.tasks.say(task.id, turn.person.staff_id, OfferState.HELD, turn.now)
        show(turn, incident, task)
        turn.tell(
            Address.person(turn.person.staff_id),
            MessageKind.TASK_PROOF,
            task_params(turn, incident, task),
            incident,
        )
        return Outcome(Done.TASK_PROOF_WANTED, is_told=True)
    complete(turn, incident, task)
    return Outcome(Done.TASK_DONE)


def proof_asked_at(turn: Turn) -> datetime | None:
    """When this person was last asked for a proof that they still owe."""
    owed = turn.tx.tasks.owing_proof(turn.person.staff_id)
    return owed and owed[1]


def prove_task(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    """What somebody writes or sends soon after "done" is the proof; None when nobody waits for one, or it is none.

    What comes too late is none, and they are told so: they may have meant it for one.
    """
    task, asked_at = turn.tx.tasks.owing_proof(turn.person.staff_id) or (None, turn.now)
    incident = turn.tx.incidents.get(task.incident_id) if task else None
    photo = media if media and media.file_id and not media.is_voice else None
    if task is None or incident is None or not turn.may_know(incident):
        return None
    if task.proof is Proof.PHOTO and photo is None:
        return None
    if abs(turn.now - asked_at) > PROOF_WITHIN:
        remind(turn, incident, task, turn.person, is_lapsed=True)
        return None
    if media is None:
        complete(turn, incident, task, words)
        return Outcome(Done.TASK_DONE)
    said = media.sign if words in NO_WORDS else f"{media.sign} {words}"
    sent: dict[str, Any] = media.to_params() | {"message_id": original_of(turn)["message_id"]}
    complete(turn, incident, task, said, **sent)
    if photo is not None:
        pass_on(turn, incident, photo, words, title=task.title.to_params())
    return Outcome(Done.TASK_DONE)


def finish_ordering(turn: Turn, incident: Incident) -> None:
    """An action has been ordered: whoever was to see to that has nothing left to do."""
    plan = turn.tx.tasks.plan_of(incident.id)
    ordering = plan.ordering(incident.action) if plan else ()
    if not ordering:
        return
    for task in turn.tx.tasks.of_incident(incident.id):
        if task.plan_key in ordering and task.state not in OVER:
            complete(turn, incident, replace(task, owner_id=turn.person.staff_id), is_quiet=True)


def ask_colleague(turn: Turn, task_id: int) -> Outcome:
    """Who else of this role could do it."""
    turn.require(Right.REPORT)
    task, incident = _offered(turn, task_id)
    if task.owner_id != turn.person.staff_id:
        raise RefusedError(Reason.TASK_NOT_YOURS)
    colleagues = _colleagues(turn, task)
    if not colleagues:
        raise RefusedError(Reason.NO_COLLEAGUE)
    people = [{"id": p.staff_id, "name": p.name.to_params()} for p in colleagues[:COLLEAGUES_SHOWN]]
    params = {**task_params(turn, incident, task), "people": people}
    turn.tell(Address.person(turn.person.staff_id), MessageKind.TASK_HAND_OVER, params, incident)
    return Outcome(Done.ASKED, is_told=True)


def _colleagues(turn: Turn, task: Task) -> list[Person]:
    """The same role first, then the same department."""
    me, declined = turn.person, {
        o.staff_id for o in turn.tx.tasks.offers(task.id).values() if o.state is OfferState.DECLINED
    }  # fmt: skip
    others = [p for p in turn.tx.people.list_active() if p.is_reachable and p.staff_id != me.staff_id]
    if turn.about is not None:
        others = [p for p in others if turn.may_know(turn.about, p)]
    free = [p for p in others if p.staff_id not in declined]
    peers = [p for p in free if task.role in p.roles and task.role is not Role.STAFF]
    near = [p for p in free if p.department and p.department == me.department]
    return list({p.staff_id: p for p in [*peers, *near]}.values())


def hand_over(turn: Turn, task_id: int, staff_id: str) -> Outcome:
    """The colleague is asked; until they accept, the task stays where it is."""
    turn.require(Right.REPORT)
    task, incident = _offered(turn, task_id)
    if task.owner_id != turn.person.staff_id:
        raise RefusedError(Reason.TASK_NOT_YOURS)
    colleague = next((p for p in _colleagues(turn, task) if p.staff_id == staff_id), None)
    if colleague is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=staff_id)
    task = turn.tx.tasks.save(task, given_by=turn.person.staff_id)
    is_new = turn.tx.tasks.offer(task.id, staff_id, turn.now)
    turn.tx.tasks.say(task.id, staff_id, OfferState.OPEN, turn.now)
    _record(turn, incident, Event.TASK_HANDED_OVER, task, is_quiet=True, to=colleague.name.to_params())
    if is_new:
        send(turn, incident, task, [colleague])
    else:
        show(turn, incident, task)
        remind(turn, incident, task, colleague)
    return Outcome(Done.TASK_HANDED_OVER, {"who": colleague.name.to_params()})


def remind(
    turn: Turn,
    incident: Incident,
    task: Task,
    person: Person,
    *,
    is_lapsed: bool = False,
    is_of_plan_before: bool = False,
) -> None:
    """The task's message is there already; this one makes a sound. `is_lapsed`: what they sent came too late."""
    params = {
        **task_params(turn, incident, task),
        "is_mine": task.owner_id == person.staff_id,
        "is_lapsed": is_lapsed,
        "is_of_plan_before": is_of_plan_before,
    }
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.TASK_REMINDER,
        params,
        incident,
        coalesce=f"{'lapsed' if is_lapsed else 'remind'}:{task.id}",
        is_standing=is_lapsed,
        needs_right=Right.REPORT.value,
    )


def give(turn: Turn, ref: IncidentRef, words: str, due: str) -> Outcome:
    """A task that no plan foresaw, for one person by name; without `due` it has the usual time."""
    turn.require(Right.ORDER_ACTION, "task")
    incident = turn.incident(ref)
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    person, title = _addressee(turn, words)
    if not title:
        raise RefusedError(Reason.WORDS_MISSING, command="task")
    if not turn.may_know(incident, person):
        raise RefusedError(Reason.MAY_NOT_KNOW, who=person.name.to_params())
    if not person.is_reachable:
        raise RefusedError(Reason.UNREACHABLE, who=person.name.to_params())
    within = _until(turn, due) if due else USUAL
    number = sum(1 for task in turn.tx.tasks.of_incident(incident.id) if task.key.startswith("+")) + 1
    added = turn.tx.tasks.add(_new_task(turn, incident, f"+{number}", title, within))
    if added is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    begin(turn, incident, added, [person])
    _record(turn, incident, Event.TASK_ADDED, added, to=person.name.to_params())
    return Outcome(Done.TASK_GIVEN, {"who": person.name.to_params()})


def _until(turn: Turn, due: str) -> timedelta:
    moment = read_moment(due, turn.now, turn.school.timezone)
    if moment is None:
        raise RefusedError(Reason.NOT_A_TIME)
    if moment <= turn.now:
        raise RefusedError(Reason.TIME_PAST)
    # Both in UTC: two times of one zone would be subtracted as the wall shows them.
    return moment - turn.now.astimezone(UTC)


def _new_task(turn: Turn, incident: Incident, key: str, title: str, within: timedelta) -> Task:
    return Task(
        id=0,
        incident_id=incident.id,
        key=key,
        title=Name(shorten(title, TITLE_KEPT)),
        role=Role.STAFF,
        reach=Reach.FIRST,
        state=TaskState.WAITING,
        within=within,
        given_by=turn.person.staff_id,
    )


# An English name has three words at most on this roster's form.
_NAME_WORDS: Final = 3


def _addressee(turn: Turn, words: str) -> tuple[Person, str]:
    """The person that the words open with, the longest name first, and the rest."""
    parts = words.split()
    for count in range(min(_NAME_WORDS, len(parts)), 0, -1):
        person = turn.tx.people.find(" ".join(parts[:count]))
        if person is not None:
            return person, " ".join(parts[count:])
    raise RefusedError(Reason.UNKNOWN_PERSON, word=parts[0] if parts else "")


def show_tasks(turn: Turn, ref: IncidentRef) -> Outcome:
    """The desk sees an incident's, everybody else their own."""
    turn.require(Right.REPORT)
    if not has_right(turn.person, Right.RUN_DESK):
        turn.reply(MessageKind.TASKS, {"tasks": _own_lines(turn), "is_own": True})
        return Outcome(Done.NOTHING)
    incident = turn.incident(ref)
    tasks = sorted(turn.tx.tasks.of_incident(incident.id), key=lambda one: one.urgency)
    lines = [_line(turn, one) for one in tasks if one.state is not TaskState.DROPPED]
    params = {**turn.brief(incident), "tasks": lines, "is_own": False}
    turn.reply(MessageKind.TASKS, params, incident)
    return Outcome(Done.NOTHING)


def _own_lines(turn: Turn) -> list[dict[str, Any]]:
    """Of several incidents, so that each says which: somebody may drill and have something real to do."""
    lines = []
    for task in sorted(turn.tx.tasks.open_of(turn.person.staff_id), key=lambda one: one.urgency):
        incident = turn.tx.incidents.get(task.incident_id)
        if incident is not None and turn.may_name(incident):
            which = {"number": incident.number, "mode": incident.mode.value}
            lines.append({**_line(turn, task), **which})
    return lines


def _line(turn: Turn, task: Task) -> dict[str, Any]:
    return {
        "title": task.title.to_params(),
        "state": task.state.value,
        "role": task.role.value,
        "asked": _name(turn, task.asked_id),
        "owner": _name(turn, task.owner_id),
        "due_at": task.due_at and task.due_at.isoformat(),
        "done_at": task.done_at and task.done_at.isoformat(),
        "is_late": task.is_late,
    }


def _offered(turn: Turn, task_id: int) -> tuple[Task, Incident]:
    """The task, if this person was asked to do it and it is not over."""
    task = turn.tx.tasks.get(task_id)
    incident = turn.tx.incidents.get(task.incident_id) if task else None
    if task is None or incident is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = incident
    if turn.person.staff_id not in turn.tx.tasks.offers(task.id):
        raise RefusedError(Reason.TASK_NOT_YOURS)
    if task.state in OVER or incident.is_ended or not turn.may_know(incident):
        raise RefusedError(Reason.TASK_OVER)
    return task, incident


def _name(turn: Turn, staff_id: str | None) -> dict[str, str] | None:
    person = turn.tx.people.get(staff_id) if staff_id else None
    return person.name.to_params() if person else None


def _record(
    turn: Turn, incident: Incident, event: Event, task: Task, *, is_quiet: bool = False, **more: Any
) -> None:
    turn.record(incident, event, is_quiet=is_quiet, title=task.title.to_params(), task=task.id, **more)
    turn.touch(incident)
