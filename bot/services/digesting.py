"""Digests: what the principal reads in ten seconds, at the school's times and on demand, exactly once each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import structlog

from bot.domain.camera_health import BLIND
from bot.domain.digest import DAY, LATE_AFTER, NEVER_QUIET, WEEK, DigestKind, Due, newest_due, next_due
from bot.domain.document import DocumentKind
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.digest_figures import read_figures
from bot.services.school import School
from bot.services.turn import Turn, Turns
from bot.storage.digests import Handled
from bot.storage.transaction import Transaction

# A trend needs more than one week.
TREND = 12 * WEEK
# One that could not be made is tried again this much later, and holds up no other.
RETRY_AFTER = timedelta(minutes=1)
# Without a calendar a term is half a year.
HALF_YEAR = timedelta(days=182)
# Telegram's caption is short, and so is attention.
PRINTED = frozenset({DigestKind.WEEKLY, DigestKind.TERMLY})

log = structlog.get_logger(__name__)


class DigestService:
    """`/digest`, `/review`, and the clock's digests."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender, kind: DigestKind) -> Outcome:
        """`/digest [today|week|term]`."""
        return await self._turns.run(sender, show, kind)

    async def review(self, sender: Sender) -> Outcome:
        """`/review`: the term as a document for the file."""
        return await self._turns.run(sender, review)

    async def tick(self) -> None:
        """Send what is due; a look without a write when nothing is."""
        school, now = self._turns.school, self._turns.clock()
        if await self._turns.database.read(is_anything_due, school, now):
            await self._turns.tick(send_due)


def is_anything_due(tx: Transaction, school: School, now: datetime) -> bool:
    """Whether a digest, or a change of the rules, waits to be dealt with."""
    handled = tx.digests.all()
    return any(_is_due(school, kind, handled.get(kind), now) for kind in DigestKind)


def _is_due(school: School, kind: DigestKind, handled: Handled | None, now: datetime) -> bool:
    if handled is None or handled.rule != school.digests.rule(kind, school.timezone):
        return True
    return handled.due_at <= now or _is_ahead(school, handled, now)


def _is_ahead(school: School, handled: Handled, now: datetime) -> bool:
    """Whether it was dealt with while the clock was ahead: on a day that is still to come."""
    return handled.period > school.day(now)


def send_due(turn: Turn) -> None:
    """What is due and what was sent are one transaction: no restart sends anything twice, or forgets it."""
    school, handled = turn.school, turn.tx.digests.all()
    for kind in DigestKind:
        before = handled.get(kind)
        if not _is_due(school, kind, before, turn.now):
            continue
        # The first start sends nothing of the past, nor does a clock that was set back.
        if before is None or _is_ahead(school, before, turn.now):
            period = _last_passed(school, kind, turn.now)
        else:
            period = before.period
        try:
            with turn.tx.savepoint():
                _send_newest(turn, kind, period)
        except Exception:
            log.exception("digest_failed", kind=kind)
            rule = school.digests.rule(kind, school.timezone)
            turn.tx.digests.save(Handled(kind, period, rule, turn.now + RETRY_AFTER))


def _send_newest(turn: Turn, kind: DigestKind, period: date) -> None:
    newest = newest_due(turn.school.digests, kind, turn.school.timezone, after=period, now=turn.now)
    if newest is not None:
        send(turn, kind, newest)
        period = newest.day
    _note(turn, kind, period)


def _last_passed(school: School, kind: DigestKind, now: datetime) -> date:
    """Up to which day there is nothing to make up for."""
    today = school.day(now)
    at = school.digests.time_on(kind, today)
    is_over = at is None or datetime.combine(today, at, school.timezone) <= now
    return today if is_over else today - DAY


def _note(turn: Turn, kind: DigestKind, period: date) -> None:
    rules, zone = turn.school.digests, turn.school.timezone
    following = next_due(rules, kind, zone, after=period)
    # Switched off, or the calendar ends: looked at again every so often.
    due_at = following.at if following else turn.now + WEEK
    turn.tx.digests.save(Handled(kind, period, rules.rule(kind, zone), due_at))


def send(turn: Turn, kind: DigestKind, due: Due) -> None:
    """To everybody who reads it; none when there is nothing to tell, except the weekly and the termly."""
    params = read_digest(turn, kind, due.day)
    if params["is_quiet"] and kind not in NEVER_QUIET:
        return
    params["is_late"] = turn.now - due.at > LATE_AFTER
    for person in readers(turn):
        _tell(turn, person, params)


def readers(turn: Turn) -> list[Person]:
    """The principal, and whom the settings name."""
    also = set(turn.school.digests.also)
    staff = turn.tx.people.list_active()
    return [p for p in staff if p.is_reachable and (Role.PRINCIPAL in p.roles or p.staff_id in also)]


def _may_read(turn: Turn, person: Person) -> bool:
    return has_right(person, Right.ACCEPT_REPORT) or person.staff_id in turn.school.digests.also


def _tell(turn: Turn, person: Person, params: dict[str, Any]) -> None:
    right = Right.ACCEPT_REPORT if has_right(person, Right.ACCEPT_REPORT) else Right.REPORT
    if params.get("document"):
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.DOCUMENT_PICTURE,
            {"document": params["document"]},
            lane=Lane.DIGEST,
            needs_right=right.value,
        )
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.DIGEST,
        params,
        lane=Lane.DIGEST,
        needs_right=right.value,
    )


def read_digest(turn: Turn, kind: DigestKind, day: date) -> dict[str, Any]:
    """The figures of its span; the weekly and the termly have a document with all of them."""
    begin, end, trend = span_of(turn.school, kind, day)
    data = read_figures(turn.tx, turn.school, begin=begin, end=end, now=turn.now, weeks_from=trend)
    if kind is DigestKind.MORNING:
        _since_evening(turn, data, day)
    params = {**data, "kind": kind.value, "day": day.isoformat(), "is_late": False}
    params["is_quiet"] = not has_news(kind, data)
    if kind in PRINTED:
        shelf = DocumentKind.REVIEW if kind is DigestKind.TERMLY else DocumentKind.DIGEST
        school = {"zh": turn.school.name, "en": turn.school.name_en}
        printed = {**params, "school": school, "made_at": turn.now.isoformat()}
        params["document"] = turn.tx.documents.add(shelf, printed, turn.now)
    # What only the paper shows need not be in every message's row.
    return {key: value for key, value in params.items() if key not in ("weeks", "causes")}


def _since_evening(turn: Turn, data: dict[str, Any], day: date) -> None:
    """The morning tells of the night: what came after the last evening's digest."""
    at = turn.school.digests.evening
    since = turn.school.midnight(day) if at is None else datetime.combine(day - DAY, at, turn.school.timezone)
    for key in ("incidents", "drills"):
        data[key] = [line for line in data[key] if datetime.fromisoformat(line["opened_at"]) >= since]


def span_of(school: School, kind: DigestKind, day: date) -> tuple[date, date, date | None]:
    """First and last day, and where the trend's weeks begin."""
    if kind is DigestKind.MORNING:
        return day - DAY, day, None
    if kind is DigestKind.EVENING:
        return day, day, None
    if kind is DigestKind.WEEKLY:
        return day - WEEK + DAY, day, day - TREND
    term = school.digests.term_of(day)
    if term is None:
        return day - HALF_YEAR, day, None
    return term.begins, min(term.ends, day), None


def has_news(kind: DigestKind, data: dict[str, Any]) -> bool:
    """Whether there is anything that the principal would want to know."""
    happened = data["incidents"] or data["restricted"] or data["drills"] or data["open"]
    if kind is DigestKind.EVENING:
        return bool(happened)
    return bool(happened or _is_anything_owed(data) or _is_anything_out(data))


def _is_anything_owed(data: dict[str, Any]) -> bool:
    """What somebody has to do, today or since long."""
    is_known = data["drilled_on"] is not None
    return bool(
        [action for action in data["actions"] if action["due_on"] <= data["today"]]
        or any(data["overdue"].values())
        or data["reports"]
        or data["plan_changes"]
        or data["certificates"]
        or data["readiness"]["certificates"]
        or data["readiness"]["drills_today"]
        or data["filings"]
        or any(data["inspections"].values())
        or (is_known and data["is_drill_overdue"])
    )


def _is_anything_out(data: dict[str, Any]) -> bool:
    """What does not do what the school counts on: cameras, recorders, patrols, classes that said nothing."""
    return bool(
        [camera for camera in data["cameras"] if camera["state"] in BLIND]
        or data["recordings"]
        or data["readiness"]["missed"]
        or data["unreported"]
    )


def show(turn: Turn, kind: DigestKind) -> Outcome:
    """On demand, up to now, in private."""
    _require_reader(turn, "digest")
    params = read_digest(turn, kind, turn.school.day(turn.now))
    _tell(turn, turn.person, params)
    return Outcome(Done.NOTHING)


def review(turn: Turn) -> Outcome:
    """The term so far."""
    return show(turn, DigestKind.TERMLY)


def _require_reader(turn: Turn, subject: str) -> None:
    if not _may_read(turn, turn.person):
        raise RefusedError(Reason.NOT_ALLOWED, right=Right.ACCEPT_REPORT.value, subject=subject)
    turn.audit("digest", subject=subject)
