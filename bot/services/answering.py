"""What readers answer to an announcement, and who is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.announcement import Announcement, Asks
from bot.domain.message import CENTRE, Address, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import CheckInState
from bot.domain.sender import Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.addressing import incident_of
from bot.services.announcement_posts import private_posts
from bot.services.chasing import ring_for_call
from bot.services.checking_in import check_in
from bot.services.drafts import by_id
from bot.services.figures import figures_soon
from bot.services.hearing import expect_where
from bot.services.publishing import in_force
from bot.services.turn import Turn, Turns

# Who was chased is left in peace so long.
CHASE_AGAIN = timedelta(minutes=2)
MOST_NAMES = 40


class AnswerService:
    """Readers' answers, and those who give none."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def answer(self, sender: Sender, announcement_id: int, answer: str) -> Outcome:
        """`read`, `safe` or `help`."""
        return await self._turns.run(sender, take_answer, announcement_id, answer)

    async def chase(self, sender: Sender, announcement_id: int) -> Outcome:
        """Once more to all who have not answered."""
        return await self._turns.run(sender, chase_silent, announcement_id)

    async def list_silent(self, sender: Sender, announcement_id: int) -> Outcome:
        """By name, who has not answered and whom it did not reach."""
        return await self._turns.run(sender, list_silent, announcement_id)


def take_answer(turn: Turn, announcement_id: int, answer: str) -> Outcome:
    """Kept once a reader, the last one counts; a call for help reaches those who deal with it at once."""
    turn.require(Right.REPORT)
    announcement = by_id(turn, announcement_id)
    allowed = {Asks.READ: {"read"}, Asks.SAFE: {"safe", "help"}}.get(announcement.asks, set())
    if announcement.published_at is None or answer not in allowed:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    staff_id = turn.person.staff_id
    before = turn.tx.readers.answer(announcement.id, staff_id, answer, turn.now)
    if before != answer:
        figures_soon(turn, announcement)
        if announcement.asks is Asks.SAFE:
            _pass_on(turn, announcement, answer)
    return Outcome(Done.ANSWER_KEPT, {"answer": answer, "mode": announcement.mode.value})


def _pass_on(turn: Turn, announcement: Announcement, answer: str) -> None:
    """To the roll call, if one runs for the incident, so that nobody is asked twice; else to who can help."""
    incident = incident_of(turn, announcement)
    roll_call = turn.tx.roll_calls.running(announcement.mode)
    state = CheckInState.NEEDS_HELP if answer == "help" else CheckInState.SAFE
    if incident is not None and roll_call is not None and roll_call.incident_id == incident.id:
        check_in(turn, state, "", incident.id)
        return
    if answer != "help":
        return
    who = turn.person.name.to_params()
    if incident is not None and incident.is_in_force:
        turn.record(incident, Event.CHECKED_IN, state=state.value, words="")
        ring_for_call(turn, incident)
        expect_where(turn, incident)
    params = {
        "number": announcement.number,
        "mode": announcement.mode.value,
        "who": who,
        "phone": turn.person.phone,
    }
    for staff_id in sorted({announcement.author_id, announcement.approver_id or announcement.author_id}):
        turn.tell(Address.person(staff_id), MessageKind.ANNOUNCEMENT_HELP, params, incident, lane=Lane.ALARM)
    if incident is None:
        turn.tell(Address(CENTRE), MessageKind.ANNOUNCEMENT_HELP, params, lane=Lane.ALARM)


def chase_silent(turn: Turn, announcement_id: int) -> Outcome:
    """By its author, or anybody who runs the desk, with the text that holds now; not again and again."""
    turn.require(Right.RUN_DESK, "chase announcement")
    announcement = in_force(turn, announcement_id)
    if announcement.asks is Asks.NONE:
        raise RefusedError(Reason.ANNOUNCEMENT_OVER, number=announcement.number)
    key = f"chased:{announcement.id}"
    last = turn.tx.facts.get(key)
    if last and abs(turn.now - datetime.fromisoformat(last)) < CHASE_AGAIN:
        raise RefusedError(Reason.CHASED_ALREADY)
    silent = set(turn.tx.readers.silent(announcement.id))
    people = [one for one in turn.tx.people.list_active() if one.staff_id in silent]
    turn.tx.facts.set(key, turn.now.isoformat())
    reminders = [_reminder(draft) for draft in private_posts(turn, announcement, people)]
    asked = [draft for draft in reminders if draft.params["asks"] != "none"]
    turn.tx.outbox.add_many(asked, turn.now)
    figures_soon(turn, announcement)
    return Outcome(Done.SILENT_CHASED, {"n": len(asked)})


def _reminder(draft: Draft) -> Draft:
    key = f"ann:{draft.announcement_id}:r:{draft.to.chat}"
    return replace(draft, params={**draft.params, "is_reminder": True}, coalesce=key)


def list_silent(turn: Turn, announcement_id: int) -> Outcome:
    """Names of staff with their phones: who has to be told by voice."""
    turn.require(Right.RUN_DESK, "chase announcement")
    announcement = by_id(turn, announcement_id)
    lines = turn.tx.readers.record(announcement.id)
    unreached = [one for one in lines if one["state"] in ("failed", "not_connected", "withdrawn")]
    asked = announcement.asks is not Asks.NONE
    silent = [one for one in lines if asked and one["answer"] is None and one not in unreached]
    helpless = [one for one in lines if one["answer"] == "help"]
    params = {
        "number": announcement.number,
        "mode": announcement.mode.value,
        "groups": {
            "help": _named(turn, helpless),
            "unreached": _named(turn, unreached),
            "silent": _named(turn, silent),
        },
    }
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.ANNOUNCEMENT_SILENT, params, needs_right=Right.RUN_DESK.value)
    return Outcome(is_told=True)


def _named(turn: Turn, lines: list[dict[str, Any]]) -> dict[str, Any]:
    people = [turn.tx.people.get(line["staff_id"]) for line in lines[:MOST_NAMES]]
    shown = [{"who": one.name.to_params(), "phone": one.phone} for one in people if one is not None]
    return {"n": len(lines), "people": shown}
