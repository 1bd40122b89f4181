"""The hot wash: those who took part are asked while they still know; the command centre writes the school's words.

A question that needs words is a press; the presser's next message in the private chat is the answer.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.after_action import (
    MAX_WORDS,
    Grade,
    Question,
    Stage,
    Words,
)
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.errors import Reason, RefusedError
from bot.services.after_actions import await_words, found
from bot.services.turn import Turn, Turns

RETURN = "return"
OFFICIAL = "!"
"""Before a question that is awaited: the answer is the school's own text."""


class HotWashService:
    """Answers, and the school's text."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def grade(self, sender: Sender, incident_id: int, grade: Grade) -> Outcome:
        """One press."""
        return await self._turns.run(sender, answer, IncidentRef(incident_id), Question.GRADE, grade.value)

    async def ask(
        self, sender: Sender, incident_id: int, question: Question, *, is_official: bool
    ) -> Outcome:
        """A pressed question: the next message is the answer."""
        return await self._turns.run(sender, ask, incident_id, question, is_official)

    async def ask_remarks(self, sender: Sender, incident_id: int, version: int) -> Outcome:
        """The press on Return: the next message says why."""
        return await self._turns.run(sender, ask_remarks, incident_id, version)

    async def write(self, sender: Sender, ref: IncidentRef, question: Question, words: str) -> Outcome:
        """`/afteraction [number] question words`: of the command centre it is the school's text, else an answer."""
        return await self._turns.run(sender, write, ref, question, words)


def invite(turn: Turn, incident: Incident) -> None:
    """Ask everybody who took part, without a sound. After a false alarm only the cause is asked, of who commanded."""
    one = turn.tx.after_actions.get(incident.id)
    is_short = one is not None and one.is_short
    asked = {incident.commander_id} if is_short else took_part(turn, incident)
    zone = turn.school.campus.name_of(incident.zone)
    params = {
        "id": incident.id,
        "number": incident.number,
        "mode": incident.mode.value,
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
        "is_short": is_short,
    }
    # Who took part before it turned out to be restricted may know no more of it.
    people = [person for key in sorted(filter(None, asked)) if (person := turn.tx.people.get(key))]
    for staff_id in [person.staff_id for person in people if turn.may_know(incident, person)]:
        turn.tell(
            Address.person(staff_id),
            MessageKind.HOT_WASH,
            {**params, "is_commander": staff_id == incident.commander_id},
            incident,
            lane=Lane.DIGEST,
            is_silent=True,
            needs_right=Right.REPORT.value,
        )


def took_part(turn: Turn, incident: Incident) -> set[str]:
    """Everybody whom the timeline names as doing something, and who reported."""
    return turn.tx.timeline.actors(incident.id) | {
        report.reporter_id for report in turn.tx.reports.of_incident(incident.id)
    }


def _may_answer(turn: Turn, incident: Incident) -> None:
    if not has_right(turn.person, Right.RUN_DESK) and turn.person.staff_id not in took_part(turn, incident):
        raise RefusedError(Reason.NOT_TAKEN_PART, number=incident.number)


def answer(turn: Turn, ref: IncidentRef, question: Question, words: str) -> Outcome:
    """Somebody who took part says something; their earlier words to the same question no longer count."""
    turn.require(Right.REPORT)
    incident = turn.incident(ref)
    _may_answer(turn, incident)
    keep(turn, incident, question, words, is_official=False)
    return Outcome(Done.WORDS_KEPT, {"number": incident.number, "question": question.value})


def keep(turn: Turn, incident: Incident, question: Question, words: str, *, is_official: bool) -> None:
    """What somebody said; the school's own text only while nobody decides on it."""
    one = turn.tx.after_actions.get(incident.id)
    if one is None:
        raise RefusedError(Reason.REPORT_NOT_READY, number=incident.number)
    if one.is_frozen or (is_official and one.stage is Stage.SUBMITTED):
        one.require_open(incident.number)
    kept = shorten(words, MAX_WORDS)
    turn.tx.after_actions.say(Words(incident.id, turn.person.staff_id, question, kept, turn.now, is_official))
    if one.is_short:  # nobody submits it, so it is made anew at once
        turn.tx.after_actions.save(replace(one, build_at=turn.now))


def ask(turn: Turn, incident_id: int, question: Question, is_official: bool) -> Outcome:  # noqa: FBT001 - passed on by `Turns.run`
    """Wait for this person's words, and say so."""
    turn.require(Right.RUN_DESK if is_official else Right.REPORT, "after-action report")
    incident = turn.incident(IncidentRef(incident_id))
    _may_answer(turn, incident)
    one = turn.tx.after_actions.get(incident.id)
    if one is None:
        raise RefusedError(Reason.REPORT_NOT_READY, number=incident.number)
    if one.is_frozen or is_official:
        one.require_open(incident.number)
    what = f"{OFFICIAL if is_official else ''}{question.value}"
    before = _before(turn, incident, question, is_official=is_official)
    await_words(turn, incident.number, incident.id, what, incident=incident, before=before)
    return Outcome(Done.WORDS_AWAITED, {"number": incident.number})


def ask_remarks(turn: Turn, incident_id: int, version: int) -> Outcome:
    """Wait for the principal's remarks."""
    turn.require(Right.ACCEPT_REPORT, "return report")
    incident, one = found(turn, IncidentRef(incident_id))
    one.require_submitted(incident.number, version)
    await_words(turn, incident.number, incident.id, RETURN, incident=incident)
    return Outcome(Done.WORDS_AWAITED, {"number": incident.number})


def _before(turn: Turn, incident: Incident, question: Question, *, is_official: bool) -> str:
    said = turn.tx.after_actions.said(incident.id)
    mine = [
        words.words
        for words in said
        if words.question is question
        and words.is_official is is_official
        and (is_official or words.staff_id == turn.person.staff_id)
    ]
    return mine[-1] if mine else ""


def write(turn: Turn, ref: IncidentRef, question: Question, words: str) -> Outcome:
    """By command: the school's text from the command centre, an answer from everybody else who took part."""
    if not words:
        raise RefusedError(Reason.WORDS_MISSING, command=f"afteraction {question.value}")
    if not has_right(turn.person, Right.RUN_DESK):
        return answer(turn, ref, question, words)
    turn.require(Right.RUN_DESK, "after-action report")
    incident, _ = found(turn, ref)
    keep(turn, incident, question, words, is_official=True)
    return Outcome(Done.WORDS_KEPT, {"number": incident.number, "question": question.value})
