"""Patrols: a scan is a check-in, one press says that all is well, and what is wrong reaches the safety office."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.digest import DAY
from bot.domain.media import NO_WORDS, Media
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.patrol import SAME_VISIT, Visit, VisitState, point_code, point_of
from bot.domain.permission import Right, has_right
from bot.domain.sender import Sender
from bot.domain.text import shorten
from bot.errors import Reason, RefusedError
from bot.services.after_actions import await_words, office_of
from bot.services.brief import name_of
from bot.services.passing_on import original_of
from bot.services.school import School
from bot.services.standing_figures import number_to_tell
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

KEY_FACT = "patrol:key"
KEY_BYTES = 32
MAX_WORDS = 500
# Who was asked what they found, as `awaited_words` keeps it.
FINDING = "patrol"


class PatrolService:
    """`/patrol`, the codes at the points, and their buttons."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def check_in(self, sender: Sender, code: str) -> Outcome:
        """Somebody scanned the code at a point."""
        return await self._turns.run(sender, check_in, code)

    async def all_well(self, sender: Sender, visit_id: int) -> Outcome:
        """The press: nothing to see there."""
        return await self._turns.run(sender, all_well, visit_id)

    async def ask_finding(self, sender: Sender, visit_id: int) -> Outcome:
        """The press: the next message says what is wrong."""
        return await self._turns.run(sender, ask_finding, visit_id)

    async def overview(self, sender: Sender) -> Outcome:
        """`/patrol`: today's rounds; for who runs no desk, their own."""
        return await self._turns.run(sender, overview)


def point_codes(tx: Transaction, zones: Iterable[str], *, is_renewed: bool = False) -> dict[str, str]:
    """The code of each point. `is_renewed`: with a new key, so that every sheet that hangs is void."""
    if is_renewed or tx.facts.get(KEY_FACT) is None:
        tx.facts.set(KEY_FACT, secrets.token_hex(KEY_BYTES))
    key = bytes.fromhex(tx.facts.get(KEY_FACT))
    return {zone: point_code(key, zone) for zone in zones}


def check_in(turn: Turn, code: str) -> Outcome:
    """Who, where, when; how it is comes by a button."""
    turn.require(Right.REPORT)
    key = turn.tx.facts.get(KEY_FACT)
    zone = point_of(code, bytes.fromhex(key), turn.school.readiness.patrol_zones) if key else None
    if zone is None:
        raise RefusedError(Reason.UNKNOWN_POINT)
    person = turn.person
    visit = turn.tx.patrols.latest_of(person.staff_id, zone, since=turn.now - SAME_VISIT, now=turn.now)
    if visit is None:
        visit = turn.tx.patrols.add(Visit(0, zone, person.staff_id, turn.now))
    turn.reply(MessageKind.PATROL_VISIT, describe(turn, visit))
    return Outcome(Done.NOTHING)


def describe(turn: Turn, visit: Visit) -> dict[str, Any]:
    """What messages about a visit need to know."""
    zone = turn.school.campus.name_of(visit.zone)
    today = turn.school.day(turn.now)
    return {
        "visit": visit.id,
        "zone": zone and zone.to_params(),
        "who": name_of(turn.tx, visit.staff_id),
        "at": visit.at.isoformat(),
        "state": visit.state.value,
        "words": visit.words,
        "number": number_to_tell(turn.tx, visit.incident_id) or "",
        "n": sum(one.zone == visit.zone for one in _of_day(turn.tx, turn.school, today)),
        "per_day": turn.school.readiness.patrols_per_day,
    }


def own_visit(turn: Turn, visit_id: int) -> Visit:
    """The visit of who presses."""
    turn.require(Right.REPORT)
    visit = turn.tx.patrols.get(visit_id)
    if visit is None or visit.staff_id != turn.person.staff_id:
        raise RefusedError(Reason.NOT_YOUR_VISIT)
    return visit


def all_well(turn: Turn, visit_id: int) -> Outcome:
    """Nothing found. What was found before does not vanish by a press."""
    visit = own_visit(turn, visit_id)
    if visit.state is not VisitState.HERE:
        return Outcome(Done.REPEATED)
    visit = replace(visit, state=VisitState.ALL_WELL)
    turn.tx.patrols.save(visit)
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.PATROL_VISIT, describe(turn, visit), edit_of=edited)
    return Outcome(Done.NOTED_PATROL)


def ask_finding(turn: Turn, visit_id: int) -> Outcome:
    """Wait for the words."""
    own_visit(turn, visit_id)
    await_words(turn, "", visit_id, FINDING)
    return Outcome(Done.WORDS_AWAITED)


def keep_finding(turn: Turn, visit_id: int, words: str, media: Media | None) -> Outcome:
    """To the safety office, and its photo, and back to who found it, each with one button that makes it a report."""
    visit = own_visit(turn, visit_id)
    found = media.sign if media and words in NO_WORDS else words
    said = shorten(f"{visit.words}\n{found}".strip(), MAX_WORDS)
    photo = media.file_id if media else visit.photo
    visit = replace(visit, state=VisitState.FINDING, words=said, photo=photo)
    turn.tx.patrols.save(visit)
    turn.audit("patrol finding", subject=visit.zone, visit=visit.id)
    params = describe(turn, visit)
    copy = params | ({"original": original_of(turn)} if media and media.file_id else {})
    for person in office_of(turn):
        if person.staff_id != turn.person.staff_id:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.PATROL_VISIT,
                copy,
                lane=Lane.COMMAND,
                needs_right=Right.RUN_DESK.value,
            )
    turn.reply(MessageKind.PATROL_VISIT, params)
    return Outcome(Done.NOTHING)


def overview(turn: Turn) -> Outcome:
    """Of today, point by point."""
    turn.require(Right.REPORT)
    today = turn.school.day(turn.now)
    params = rounds(turn.tx, turn.school, today)
    if not has_right(turn.person, Right.RUN_DESK):
        own = [v for v in _of_day(turn.tx, turn.school, today) if v.staff_id == turn.person.staff_id]
        params["points"] = []
        params["own"] = [describe(turn, visit) for visit in own]
    turn.reply(MessageKind.PATROL, params)
    return Outcome(Done.NOTHING)


def _of_day(tx: Transaction, school: School, day: date) -> list[Visit]:
    return tx.patrols.between(school.midnight(day), school.midnight(day + DAY))


def rounds(tx: Transaction, school: School, day: date) -> dict[str, Any]:
    """How often each point was looked at on that day, and who did last."""
    visits = _of_day(tx, school, day)
    points = []
    for zone_id in school.readiness.patrol_zones:
        here = [visit for visit in visits if visit.zone == zone_id]
        zone = school.campus.name_of(zone_id)
        points.append(
            {
                "zone": zone and zone.to_params(),
                "n": len(here),
                "findings": sum(visit.state is VisitState.FINDING for visit in here),
                "last": {"who": name_of(tx, here[-1].staff_id), "at": here[-1].at.isoformat()}
                if here
                else None,
            }
        )
    return {"day": day.isoformat(), "per_day": school.readiness.patrols_per_day, "points": points, "own": []}


def tell_missed_rounds(turn: Turn) -> None:
    """Yesterday's, to the safety office in one message; nothing when every point had its rounds."""
    yesterday = turn.school.day(turn.now) - DAY
    params = rounds(turn.tx, turn.school, yesterday)
    params["points"] = [point for point in params["points"] if point["n"] < params["per_day"]]
    if not params["points"] or not turn.tx.told_once.claim("patrol", yesterday.toordinal(), turn.now):
        return
    for person in office_of(turn):
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.PATROL_MISSED,
            params,
            lane=Lane.DIGEST,
            needs_right=Right.RUN_DESK.value,
        )
