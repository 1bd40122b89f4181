"""Who is away today, as class leads say it in the morning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from bot.domain.absence import name_in, read_absent, read_class
from bot.domain.headcount import PupilState, Said
from bot.domain.headcount_rights import classes_of
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.pupil_number import find_pupil, short_numbers
from bot.domain.roster import SchoolClass
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.counting import Mark, say
from bot.services.turn import Turn, Turns


class AbsenceService:
    """`/absent`: what class leads know before anything happens."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def absent(self, sender: Sender, words: str) -> Outcome:
        """`[class] number`, `[class] pupils…`, or nothing: what is on record."""
        return await self._turns.run(sender, absent, words)


def absent(turn: Turn, words: str) -> Outcome:
    """Keep what was said and say how it was understood; without anything said, show what is on record."""
    classes = turn.tx.roster.classes()
    own = countable(turn, classes)
    named, said = read_class(words, classes, own)
    if not own or (named is not None and named.name not in own):
        subject = f"absent {named.name}" if named else "absent"
        raise RefusedError(Reason.NOT_ALLOWED, right=Right.COUNT_CLASS.value, subject=subject)
    if said:
        shown = [named.name if named else _only(turn, own, said)]
        _keep(turn, shown[0], said)
    else:
        shown = [named.name] if named else sorted(own)
        turn.audit(Right.COUNT_CLASS.value, subject="absent")
    params = {
        "classes": _on_record(turn, shown),
        "is_new": bool(said),
        "must_be_named": bool(said) and _must_be_named(turn, shown[0], said),
        "command": f"/absent {shown[0]}" if len(own) > 1 else "/absent",
    }
    turn.reply(MessageKind.ABSENCES, params)
    return Outcome(Done.NOTHING)


def countable(turn: Turn, classes: Mapping[str, SchoolClass]) -> frozenset[str]:
    """The names of the classes that the asker may count today, those they stand in for among them."""
    covered = turn.tx.covers.classes_of(turn.person.staff_id, _today(turn))
    return classes_of(turn.person, classes, covered)


def _only(turn: Turn, own: Collection[str], said: str) -> str:
    """The one class that can be meant; a pupil's number may have letters, and look like a class."""
    word = name_in(said)
    pupils = _pupils_of(turn, next(iter(own))) if len(own) == 1 else []
    if word and find_pupil(word, pupils) is None:
        raise RefusedError(Reason.UNKNOWN_CLASS, word=word)
    if len(own) > 1:
        raise RefusedError(Reason.WHICH_CLASS, classes=sorted(own))
    return next(iter(own))


def _keep(turn: Turn, school_class: str, said: str) -> None:
    """The audit log gets the number; whose absence it is stands in the day's list alone."""
    pupils = _pupils_of(turn, school_class)
    if not pupils:
        raise RefusedError(Reason.CLASS_WITHOUT_PUPILS, name=school_class)
    who, day = read_absent(said, pupils), _today(turn)
    source: dict[str, Any] = {"said_by": turn.person.staff_id, "at": turn.now}
    if isinstance(who, int) and who > 0:
        named = len(turn.tx.absences.named(day) & set(pupils))
        if who < named:
            raise RefusedError(Reason.FEWER_THAN_NAMED, name=school_class, named=named)
        turn.tx.absences.set_count(day, school_class, who, **source)
    else:
        listed = frozenset[str]() if isinstance(who, int) else who
        turn.tx.absences.replace_class(day, school_class, pupils, listed, **source)
        _count(turn, school_class, listed)
    number = who if isinstance(who, int) else len(who)
    turn.audit(Right.COUNT_CLASS.value, subject=f"absent {school_class}", number=number)


def _count(turn: Turn, school_class: str, student_nos: Collection[str]) -> None:
    """In a roll call that runs already it is said about these very pupils, as by their buttons."""
    for roll_call in turn.tx.roll_calls.list_running():
        counted = turn.tx.headcounts.find_class(roll_call.id, school_class)
        pupils = turn.tx.headcounts.pupils(roll_call.id, school_class) if counted else []
        marks = [
            Mark(Said.ABSENT, pupil.id)
            for pupil in pupils
            if pupil.student_no in student_nos and pupil.status.state is not PupilState.ABSENT
        ]
        if counted and marks:
            say(turn, roll_call, counted, marks)


def _must_be_named(turn: Turn, school_class: str, said: str) -> bool:
    """A bare number says nothing in a roll call that began with another: who is away has to be named there."""
    is_number = isinstance(read_absent(said, _pupils_of(turn, school_class)), int)
    running = turn.tx.roll_calls.list_running()
    return is_number and any(turn.tx.headcounts.find_class(one.id, school_class) for one in running)


def _on_record(turn: Turn, school_classes: Collection[str]) -> list[dict[str, Any]]:
    """`{name, size, absent, numbers}` for each class; `numbers` are short ones, `absent` may be more."""
    day = _today(turn)
    away, counts = turn.tx.absences.named(day), turn.tx.absences.counts(day)
    enrolled = turn.tx.roster.student_nos(school_classes)
    found = []
    for name in school_classes:
        short = short_numbers(enrolled.get(name, []))
        numbers = sorted(short[number] for number in away & short.keys())
        total = min(len(short), max(len(numbers), counts.get(name, 0)))
        found.append({"name": name, "size": len(short), "absent": total, "numbers": numbers})
    return found


def _pupils_of(turn: Turn, school_class: str) -> list[str]:
    return turn.tx.roster.student_nos([school_class]).get(school_class, [])


def _today(turn: Turn) -> date:
    return turn.now.astimezone(turn.school.timezone).date()
