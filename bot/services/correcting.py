"""Corrective actions: agreed, reminded of, done with a proof; the digest shows those that are still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.corrective import CorrectiveAction, read_agreed
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.after_actions import await_words, office_of
from bot.services.turn import Turn, Turns

# The owner hears so long before the day, on the day, and every week after it until it is done.
BEFORE = timedelta(days=3)
AGAIN = timedelta(days=7)
REMIND_AT = time(9, 0)
MAX_WORDS = 1000
PROOF = "done"


class CorrectiveService:
    """`/corrective`, `/corrected`, and the clock's reminders."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def list_open(self, sender: Sender) -> Outcome:
        """`/corrective`: all that is open; who runs no desk sees their own."""
        return await self._turns.run(sender, list_open)

    async def agree(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/corrective [number] OWNER DATE WORDS`."""
        return await self._turns.run(sender, agree, ref, words)

    async def finish(self, sender: Sender, action_id: int, proof: str) -> Outcome:
        """`/corrected NUMBER PROOF`: by its owner or the desk."""
        return await self._turns.run(sender, finish, action_id, proof)

    async def ask_proof(self, sender: Sender, action_id: int) -> Outcome:
        """The press on Done: the next message says how it can be seen."""
        return await self._turns.run(sender, ask_proof, action_id)

    async def tick(self) -> None:
        """Remind the owners."""
        now = self._turns.clock()
        if await self._turns.database.read(lambda tx: tx.corrective_actions.to_remind(now)):
            await self._turns.tick(remind)


def list_open(turn: Turn) -> Outcome:
    """The earliest due first."""
    turn.require(Right.REPORT)
    is_desk = has_right(turn.person, Right.RUN_DESK)
    found = [
        action
        for action in turn.tx.corrective_actions.open()
        if may_list(turn, action, action.owner_id, is_desk=is_desk)
    ]
    today = turn.school.day(turn.now)
    params = {"actions": [describe(turn, action, today) for action in found]}
    turn.reply(MessageKind.CORRECTIVE_LIST, params)
    return Outcome(Done.NOTHING)


def may_know_of(turn: Turn, action: CorrectiveAction | None, person: Person | None = None) -> bool:
    """Whether who asks, or `person`, may know of the incident that it came of."""
    incident = _incident_of(turn, action)
    return incident is None or turn.may_know(incident, person)


def may_list(turn: Turn, action: CorrectiveAction | None, owner_id: str, *, is_desk: bool) -> bool:
    """Whether it, or a plan change that came of it, stands in the list that who asks reads here: their own always."""
    is_theirs = owner_id == turn.person.staff_id or (is_desk and may_know_of(turn, action))
    return is_theirs and turn.may_stand_here(_incident_of(turn, action))


def _incident_of(turn: Turn, action: CorrectiveAction | None) -> Incident | None:
    return turn.tx.incidents.get(action.incident_id) if action and action.incident_id else None


def describe(turn: Turn, action: CorrectiveAction, today: date) -> dict[str, Any]:
    """What messages about an action need to know."""
    owner = turn.tx.people.get(action.owner_id)
    incident = _incident_of(turn, action)
    return {
        "action": action.id,
        "words": action.words,
        "owner": owner and owner.name.to_params(),
        "due_on": action.due_on.isoformat(),
        "is_overdue": action.is_overdue(today),
        "number": incident.number if incident else "",
        "mode": incident.mode.value if incident else "REAL",
    }


def agree(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """It has an owner and a day from the beginning; the owner is told."""
    turn.require(Right.RUN_DESK, "corrective action")
    today = turn.school.day(turn.now)
    said = read_agreed(words, today)
    if said is None or not said.words:
        raise RefusedError(Reason.NOT_A_DAY)
    person = turn.tx.people.find(said.owner)
    if person is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=said.owner)
    if said.due_on < today:
        raise RefusedError(Reason.DAY_PASSED, word=said.due_on.isoformat())
    incident = _came_of(turn, ref)
    if incident is not None and not turn.may_know(incident, person):
        raise RefusedError(Reason.MAY_NOT_KNOW, who=person.name.to_params())
    action = turn.tx.corrective_actions.add(
        CorrectiveAction(
            0,
            shorten(said.words, MAX_WORDS),
            person.staff_id,
            said.due_on,
            turn.person.staff_id,
            turn.now,
            incident_id=incident.id if incident else None,
            remind_at=_first_reminder(turn, said.due_on),
        )
    )
    if incident is not None:
        name = person.name.to_params()
        turn.record(incident, Event.ACTION_AGREED, is_quiet=True, who=name, words=action.words, n=action.id)
    _tell_owner(turn, action, person, is_new=True)
    return Outcome(Done.ACTION_AGREED, {"n": action.id, "who": person.name.to_params()})


def _came_of(turn: Turn, ref: IncidentRef) -> Incident | None:
    """The incident named, or that of the topic; an action may also come of none."""
    if ref.number is not None or ref.id is not None:
        return turn.incident(ref)
    spoken_in = turn.spoken_in()
    return spoken_in if spoken_in and turn.may_know(spoken_in) else None


def _first_reminder(turn: Turn, due_on: date) -> datetime:
    early = _morning(turn, due_on - BEFORE)
    return early if early > turn.now else _morning(turn, due_on)


def _morning(turn: Turn, day: date) -> datetime:
    return datetime.combine(day, REMIND_AT, turn.school.timezone)


def _tell_owner(turn: Turn, action: CorrectiveAction, person: Person, *, is_new: bool) -> None:
    params = {**describe(turn, action, turn.school.day(turn.now)), "is_new": is_new}
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.CORRECTIVE,
        params,
        lane=Lane.DIGEST,
        needs_right=Right.REPORT.value,
    )


def ask_proof(turn: Turn, action_id: int) -> Outcome:
    """Wait for the words that say how it can be seen."""
    turn.require(Right.REPORT)
    open_action(turn, action_id)
    turn.audit("corrective action", subject=str(action_id))
    await_words(turn, str(action_id), action_id, PROOF)
    return Outcome(Done.WORDS_AWAITED)


def open_action(turn: Turn, action_id: int) -> CorrectiveAction:
    """Its owner's, or anybody's of the desk."""
    action = turn.tx.corrective_actions.get(action_id)
    is_own = action is not None and action.owner_id == turn.person.staff_id
    if action is None or not (is_own or may_know_of(turn, action)):
        raise RefusedError(Reason.UNKNOWN_ACTION, number=str(action_id))
    if not is_own:
        turn.require(Right.RUN_DESK, "corrective action")
    if not action.is_open:
        raise RefusedError(Reason.ACTION_DONE, number=str(action_id))
    return action


def finish(turn: Turn, action_id: int, proof: str) -> Outcome:
    """Done, with words that say how it can be seen; the safety office is told."""
    turn.require(Right.REPORT)
    action = open_action(turn, action_id)
    if not proof:
        raise RefusedError(Reason.WORDS_MISSING, command=f"corrected {action_id}")
    done = replace(
        action,
        done_at=turn.now,
        done_by=turn.person.staff_id,
        proof=shorten(proof, MAX_WORDS),
        remind_at=None,
    )
    turn.tx.corrective_actions.save(done)
    turn.audit("corrective action done", subject=str(action_id))
    incident = _incident_of(turn, done)
    if incident is not None:
        turn.record(incident, Event.ACTION_DONE, is_quiet=True, words=done.proof, n=done.id)
    params = {
        **describe(turn, done, turn.school.day(turn.now)),
        "proof": done.proof,
        "who": turn.person.name.to_params(),
    }
    for person in office_of(turn):
        if person.staff_id != turn.person.staff_id and may_know_of(turn, done, person):
            turn.tell(Address.person(person.staff_id), MessageKind.CORRECTIVE_DONE, params, lane=Lane.DIGEST)
    return Outcome(Done.ACTION_DONE, {"n": done.id})


def remind(turn: Turn) -> None:
    """The owner, or whom they left it to: the safety office, once the owner has left the roster."""
    for action in turn.tx.corrective_actions.to_remind(turn.now):
        due = _morning(turn, action.due_on)
        following = due if due > turn.now else _morning(turn, turn.school.day(turn.now) + AGAIN)
        turn.tx.corrective_actions.save(replace(action, remind_at=following))
        owner = turn.tx.people.get(action.owner_id)
        is_there = owner is not None and owner.is_active and owner.is_reachable
        for person in [owner] if owner and is_there else office_of(turn):
            if person.staff_id == action.owner_id or may_know_of(turn, action, person):
                _tell_owner(turn, action, person, is_new=False)
