"""Training sessions: entered by the safety office from a phone, in a few words, each entry undone by one press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.sender import Sender
from bot.domain.text import clean_line
from bot.domain.training import (
    CAMERA,
    Certificate,
    Result,
    Training,
    TrainingEntry,
    held_certificates,
    read_training,
    results_of,
    split_names,
)
from bot.errors import Reason, RefusedError
from bot.services.after_actions import await_words
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

MOST_LISTED = 10
# Who was asked for names, and what for, as `awaited_words` keeps it.
AWAITED = {Result.ATTENDED: "trained", Result.FAILED: "not_trained"}
# A dropped session is undone as a whole; entries are counted from 1.
NO_BATCH = 0


class TrainingService:
    """`/training` and its buttons."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def overview(self, sender: Sender) -> Outcome:
        """`/training`: the latest sessions; for who keeps none, their own certificates."""
        return await self._turns.run(sender, overview)

    async def begin(self, sender: Sender, words: str) -> Outcome:
        """`/training TOPIC; DAY; EXPERT; UNIT; CERTIFICATE; UNTIL`."""
        return await self._turns.run(sender, begin, words)

    async def show(self, sender: Sender, training_id: int) -> Outcome:
        """`/training 3`."""
        return await self._turns.run(sender, show, training_id)

    async def enter(self, sender: Sender, training_id: int, result: Result, names: str) -> Outcome:
        """`/training 3 NAMES`, `/training 3 passed [NAMES]`."""
        return await self._turns.run(sender, enter, training_id, result, names)

    async def ask_names(self, sender: Sender, training_id: int, result: Result) -> Outcome:
        """The press: the next message names them."""
        return await self._turns.run(sender, ask_names, training_id, result)

    async def undo(self, sender: Sender, training_id: int, batch: int | None) -> Outcome:
        """Take the last entry back. `batch`: the one that the button meant, None for whichever is last."""
        return await self._turns.run(sender, undo, training_id, batch)


def overview(turn: Turn) -> Outcome:
    """Everybody may know what they hold themselves."""
    turn.require(Right.REPORT)
    today = turn.school.day(turn.now)
    mine = [one for one in certificates(turn.tx, today) if one.staff_id == turn.person.staff_id]
    params: dict[str, Any] = {
        "mine": [{"name": one.name, "until": one.until.isoformat()} for one in mine],
        "may_enter": has_right(turn.person, Right.KEEP_ROSTER),
        "trainings": [],
    }
    if has_right(turn.person, Right.RUN_DESK):
        found = turn.tx.trainings.newest(MOST_LISTED)
        params["trainings"] = [_in_short(turn, one) for one in found]
    turn.reply(MessageKind.TRAININGS, params)
    return Outcome(Done.NOTHING)


def _in_short(turn: Turn, training: Training) -> dict[str, Any]:
    results = list(results_of(turn.tx.trainings.entries(training.id)).values())
    return {
        "training": training.id,
        "topic": training.topic,
        "held_on": training.held_on.isoformat(),
        "n": len(results),
        "passed": results.count(Result.PASSED),
    }


def certificates(tx: Transaction, since: date) -> list[Certificate]:
    """What active people hold and lost no earlier than `since`: the cameras' of the roster, the others of passes."""
    people = tx.people.list_active()
    known = {person.staff_id for person in people}
    found = [
        Certificate(person.staff_id, CAMERA, person.camera_training_until)
        for person in people
        if person.camera_training_until and person.camera_training_until >= since
    ]
    sessions = tx.trainings.with_certificate(since=since)
    held = held_certificates(sessions, tx.trainings.entries(*(one.id for one in sessions)))
    found += [
        Certificate(staff_id, name, until)
        for (staff_id, name), until in held.items()
        if name != CAMERA and staff_id in known
    ]
    return sorted(found, key=lambda one: (one.until, one.staff_id, one.name))


def begin(turn: Turn, words: str) -> Outcome:
    """A session without anybody yet."""
    turn.require(Right.KEEP_ROSTER, "training")
    said = read_training(clean_line(words), turn.school.day(turn.now))
    if said is None:
        raise RefusedError(Reason.NOT_A_TRAINING)
    training = turn.tx.trainings.add(
        Training(
            0,
            said.topic,
            said.held_on,
            said.expert,
            said.unit,
            said.certificate,
            said.valid_until,
            turn.person.staff_id,
            turn.now,
        )
    )
    _reply(turn, training)
    return Outcome(Done.NOTHING)


def show(turn: Turn, training_id: int) -> Outcome:
    """The session with its names and buttons."""
    turn.require(Right.RUN_DESK, "training")
    _reply(turn, _found(turn, training_id))
    return Outcome(Done.NOTHING)


def _found(turn: Turn, training_id: int) -> Training:
    training = turn.tx.trainings.get(training_id)
    if training is None:
        raise RefusedError(Reason.UNKNOWN_TRAINING, number=str(training_id))
    return training


def ask_names(turn: Turn, training_id: int, result: Result) -> Outcome:
    """Wait for them."""
    turn.require(Right.KEEP_ROSTER, "training")
    _found(turn, training_id)
    await_words(turn, str(training_id), training_id, AWAITED[result])
    return Outcome(Done.WORDS_AWAITED)


def enter(turn: Turn, training_id: int, result: Result, names: str) -> Outcome:
    """One entry. Names that the roster knows are kept, the others are told; without names all who were there."""
    turn.require(Right.KEEP_ROSTER, "training result")
    training = _found(turn, training_id)
    before = results_of(turn.tx.trainings.entries(training_id))
    if names:
        people, unknown = _read_names(turn, names)
    else:
        # Who failed is not swept along by "all passed".
        there = [staff_id for staff_id, had in before.items() if had is Result.ATTENDED]
        people, unknown = [p for p in map(turn.tx.people.get, there) if p is not None], []
    fresh = [person for person in people if _is_news(before.get(person.staff_id), result)]
    if not fresh and not unknown:
        return Outcome(Done.REPEATED)
    if fresh:
        _keep(turn, training, fresh, result)
    _reply(turn, training, unknown)
    return Outcome(Done.NOTHING)


def _is_news(before: Result | None, result: Result) -> bool:
    """To have attended is no news about somebody who passed or failed already."""
    return before is not result if result is not Result.ATTENDED else before is None


def _read_names(turn: Turn, names: str) -> tuple[list[Person], list[str]]:
    """Whole names first, for `Sun Li`; what is none is read word by word, for `T1 T2`."""
    found: dict[str, Person] = {}
    unknown: list[str] = []
    for name in split_names(names):
        for word in [name] if turn.tx.people.find(name) else name.split():
            person = turn.tx.people.find(word)
            if person is None:
                unknown.append(word)
            else:
                found[person.staff_id] = person
    return list(found.values()), unknown


def _keep(turn: Turn, training: Training, people: Sequence[Person], result: Result) -> None:
    batch = turn.tx.trainings.next_batch(training.id)
    turn.tx.trainings.enter(
        [
            TrainingEntry(
                training.id,
                batch,
                person.staff_id,
                result,
                turn.person.staff_id,
                turn.now,
                camera_before=person.camera_training_until,
            )
            for person in people
        ]
    )
    for person in people:
        _settle_camera(turn, training, person.staff_id)
    turn.audit(
        "training result",
        subject=str(training.id),
        result=result.value,
        staff=[person.staff_id for person in people],
    )


def _settle_camera(turn: Turn, training: Training, staff_id: str, undone: date | None = None) -> None:
    """A pass lets somebody see cameras until its last day; without it they are back at what they had before."""
    person, until = turn.tx.people.get(staff_id), training.valid_until
    if person is None or training.certificate != CAMERA or until is None:
        return
    own = [entry for entry in turn.tx.trainings.entries(training.id) if entry.staff_id == staff_id]
    has, had = person.camera_training_until, next(iter(own), None)
    if own and own[-1].result is Result.PASSED:
        lasting: date | None = until if has is None else max(has, until)
    elif has == until:
        lasting = had.camera_before if had else undone
    else:
        return
    if lasting != has:
        turn.tx.people.save([replace(person, camera_training_until=lasting)])


def undo(turn: Turn, training_id: int, batch: int | None) -> Outcome:
    """The last entry as if it had not been made; of a session without any, the session itself."""
    turn.require(Right.KEEP_ROSTER, "training undo")
    training = _found(turn, training_id)
    entries = turn.tx.trainings.entries(training_id)
    last = entries[-1].batch if entries else NO_BATCH
    if batch is not None and batch != last:
        raise RefusedError(Reason.ENTRY_NOT_LAST)
    turn.audit("training undone", subject=str(training_id), batch=last)
    if last == NO_BATCH:
        turn.tx.trainings.drop(training_id, turn.now)
        return Outcome(Done.TRAINING_DROPPED, {"n": training_id})
    turn.tx.trainings.undo(training_id, last, turn.now)
    for entry in entries:
        if entry.batch == last:
            _settle_camera(turn, training, entry.staff_id, entry.camera_before)
    _reply(turn, training)
    return Outcome(Done.ENTRY_UNDONE)


def _reply(turn: Turn, training: Training, unknown: Sequence[str] = ()) -> None:
    entries = turn.tx.trainings.entries(training.id)
    people = [(turn.tx.people.get(staff_id), result) for staff_id, result in results_of(entries).items()]
    params = {
        "training": training.id,
        "topic": training.topic,
        "held_on": training.held_on.isoformat(),
        "expert": training.expert,
        "unit": training.unit,
        "certificate": training.certificate,
        "valid_until": training.valid_until and training.valid_until.isoformat(),
        "people": [{"who": p.name.to_params(), "result": result.value} for p, result in people if p],
        "unknown": list(unknown),
        "last": entries[-1].batch if entries else NO_BATCH,
        "may_enter": has_right(turn.person, Right.KEEP_ROSTER),
    }
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.TRAINING, params, edit_of=edited)
