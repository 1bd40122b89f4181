"""Standing in for a class lead: anybody enrolled may, at once; the lead and the safety office can undo it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.headcount_rights import find_class, leads_of
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role
from bot.domain.sender import Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.brief import name_of
from bot.services.calling_roll import reassign
from bot.services.tallying import ask_class
from bot.services.turn import Turn, Turns
from bot.storage.covers import Cover


class CoverService:
    """`/cover` and its undoing."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def begin(self, sender: Sender, class_word: str) -> Outcome:
        """`/cover 7-3`."""
        return await self._turns.run(sender, begin_cover, class_word)

    async def end(self, sender: Sender, cover_id: int) -> Outcome:
        """Undo: by the cover, the class's lead or the safety office."""
        return await self._turns.run(sender, end_cover, cover_id)


def begin_cover(turn: Turn, class_word: str) -> Outcome:
    """For today. The count's question comes to the cover's chat at once when a roll call runs."""
    turn.require(Right.REPORT)
    if not class_word:
        raise RefusedError(Reason.WORDS_MISSING, command="cover")
    found = find_class(class_word, turn.tx.roster.classes())
    if found is None:
        raise RefusedError(Reason.UNKNOWN_CLASS, word=class_word)
    day = turn.school.day(turn.now)
    if found.name in turn.tx.covers.classes_of(turn.person.staff_id, day):
        raise RefusedError(Reason.COVERED_ALREADY, **{"class": found.name})
    cover = turn.tx.covers.add(found.name, turn.person.staff_id, day, turn.now)
    turn.audit("cover", subject=found.name)
    _record(turn, Event.CLASS_COVERED, found.name)
    who = turn.person.name.to_params()
    params = {**_mode(turn), "class": found.name, "who": who, "cover": cover.id, "is_over": False}
    _tell_concerned(turn, cover, params)
    _hand_question(turn, found.name)
    turn.reply(MessageKind.CLASS_COVERED, {**params, "is_mine": True}, turn.about)
    return Outcome(Done.COVERED, params, is_told=True)


def end_cover(turn: Turn, cover_id: int) -> Outcome:
    """Who stood in counts this class no more; what they said stays."""
    cover = turn.tx.covers.get(cover_id)
    if cover is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    person = turn.person
    is_lead = person in leads_of(cover.school_class, [person])
    if not (person.staff_id == cover.staff_id or is_lead or has_right(person, Right.COUNT_ALL)):
        raise RefusedError(Reason.NOT_YOUR_CLASS, **{"class": cover.school_class})
    if cover.ended_at is None:
        turn.tx.covers.end(cover.id, person.staff_id, turn.now)
        turn.audit("cover ended", subject=cover.school_class)
        _record(turn, Event.COVER_ENDED, cover.school_class, who=name_of(turn.tx, cover.staff_id))
        params = {
            **_mode(turn),
            "class": cover.school_class,
            "who": name_of(turn.tx, cover.staff_id),
            "cover": cover.id,
            "is_over": True,
        }
        _tell_concerned(turn, cover, params)
        _take_question(turn, cover)
    return Outcome(Done.COVER_ENDED, {**_mode(turn), "class": cover.school_class})


def _record(turn: Turn, event: Event, school_class: str, **params: Any) -> None:
    """On the record of whatever is being counted."""
    for roll_call in turn.tx.roll_calls.list_running():
        incident = turn.tx.incidents.get(roll_call.incident_id)
        if incident is not None:
            turn.about = incident
            turn.record(incident, event, school_class=school_class, **params)


def _mode(turn: Turn) -> dict[str, str]:
    return {"mode": turn.about.mode.value} if turn.about else {}


def _tell_concerned(turn: Turn, cover: Cover, params: dict[str, Any]) -> None:
    staff = turn.tx.people.list_active()
    concerned = leads_of(cover.school_class, staff)
    concerned += [person for person in staff if Role.SAFETY_OFFICE in person.roles]
    if params["is_over"]:
        concerned += [person for person in staff if person.staff_id == cover.staff_id]
    for person in _each_once(concerned):
        if person.telegram_id is not None and person.staff_id != turn.person.staff_id:
            to = Address.person(person.staff_id)
            told = {**params, "is_mine": person.staff_id == cover.staff_id}
            turn.tell(to, MessageKind.CLASS_COVERED, told, turn.about, lane=Lane.ANNOUNCEMENT)


def _each_once(people: list[Person]) -> list[Person]:
    return list({person.staff_id: person for person in people}.values())


def _hand_question(turn: Turn, school_class: str) -> None:
    for roll_call in turn.tx.roll_calls.list_running():
        counted = turn.tx.headcounts.find_class(roll_call.id, school_class)
        if counted is not None and turn.person.staff_id not in counted.asked:
            asked = (*counted.asked, turn.person.staff_id)
            changed = replace(counted, asked=asked, is_leaderless=False)
            turn.tx.headcounts.save_class(changed)
            ask_class(turn, roll_call, changed)


def _take_question(turn: Turn, cover: Cover) -> None:
    person = turn.tx.people.get(cover.staff_id)
    if person is not None and leads_of(cover.school_class, [person]):
        return
    for roll_call in turn.tx.roll_calls.list_running():
        counted = turn.tx.headcounts.find_class(roll_call.id, cover.school_class)
        if counted is not None and cover.staff_id in counted.asked:
            asked = tuple(key for key in counted.asked if key != cover.staff_id)
            turn.tx.headcounts.save_class(replace(counted, asked=asked))
            reassign(turn, roll_call)
