"""The drill calendar: what was held, what is planned, and the monthly duty, chased when it is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.domain.digest import DAY, WEEK
from bot.domain.incident import Incident, Kind, Mode, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.moment import read_day
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.planned_drill import PlannedDrill
from bot.domain.roster import Role
from bot.domain.sender import Sender
from bot.domain.text import clean_line, shorten
from bot.errors import Reason, RefusedError
from bot.services.school import School
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

# Held drills of this long are shown, the newest of many.
SHOWN_FOR = timedelta(days=184)
MOST_HELD = 12
MAX_WORDS = 200
# From this day on a drill is owed by a school that never held one.
SINCE_FACT = "drills:since"
# The safety office hears first; a week later the principal too.
OFFICE, PRINCIPAL = 1, 2


class DrillCalendarService:
    """`/drills` and its buttons."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def overview(self, sender: Sender) -> Outcome:
        """`/drills`."""
        return await self._turns.run(sender, overview)

    async def plan(self, sender: Sender, day: str, kind: Kind | None, zone: str | None, told: str) -> Outcome:
        """`/drills DAY KIND [ZONE] [WHO IS TOLD]`; the day is what was typed."""
        return await self._turns.run(sender, plan, day, kind, zone, told)

    async def drop(self, sender: Sender, drill_id: int) -> Outcome:
        """The press: it is not held after all."""
        return await self._turns.run(sender, drop, drill_id)


def overview(turn: Turn) -> Outcome:
    """The duty, what is planned, what was held."""
    turn.require(Right.RUN_DESK, "drills")
    _reply(turn)
    return Outcome(Done.NOTHING)


def plan(turn: Turn, day_word: str, kind: Kind | None, zone: str | None, told: str) -> Outcome:
    """One more drill; only its planners hear of it."""
    turn.require(Right.RUN_DESK, "drills")
    day = read_day(day_word, turn.school.day(turn.now), is_ahead=True)
    if day is None or kind is None:
        raise RefusedError(Reason.NOT_A_DRILL)
    if day < turn.school.day(turn.now):
        raise RefusedError(Reason.DAY_PASSED, word=day.isoformat())
    words = shorten(clean_line(told), MAX_WORDS)
    turn.tx.planned_drills.add(PlannedDrill(0, day, kind, zone, words, turn.person.staff_id, turn.now))
    _reply(turn)
    return Outcome(Done.NOTHING)


def drop(turn: Turn, drill_id: int) -> Outcome:
    """One that has not been yet."""
    turn.require(Right.RUN_DESK, "drills")
    ahead = turn.tx.planned_drills.since(turn.school.day(turn.now))
    if drill_id not in {one.id for one in ahead}:
        return Outcome(Done.REPEATED)
    turn.tx.planned_drills.drop(drill_id, turn.now)
    _reply(turn)
    return Outcome(Done.DRILL_DROPPED)


def _reply(turn: Turn) -> None:
    today = turn.school.day(turn.now)
    held = [_held(turn.school, one) for one in held_drills(turn.tx, turn.school, today - SHOWN_FOR, today)]
    params = {
        **duty(turn.tx, turn.school, today),
        "planned": [_planned(turn.school, one) for one in turn.tx.planned_drills.since(today)],
        "held": held[-MOST_HELD:],
    }
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.DRILLS, params, edit_of=edited)


def held_drills(tx: Transaction, school: School, begin: date, end: date) -> list[Incident]:
    """Drills of these days, both included, that were brought to their end."""
    found = tx.incidents.opened_between(school.midnight(begin), school.midnight(end + DAY))
    return [
        one
        for one in found
        if one.mode is Mode.DRILL
        and one.status in (Status.ALL_CLEAR, Status.CLOSED)
        and one.suspended_at is None
        and not one.is_restricted
    ]


def _held(school: School, incident: Incident) -> dict[str, Any]:
    zone = school.campus.name_of(incident.zone)
    return {
        "number": incident.number,
        "day": school.day(incident.opened_at).isoformat(),
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
    }


def _planned(school: School, drill: PlannedDrill) -> dict[str, Any]:
    zone = school.campus.name_of(drill.zone)
    return {
        "drill": drill.id,
        "day": drill.day.isoformat(),
        "kind": drill.kind.value,
        "zone": zone and zone.to_params(),
        "told": drill.told,
    }


def duty(tx: Transaction, school: School, today: date) -> dict[str, Any]:
    """Held last, and due by when; of a school that never held one, from the day that Muster began to look."""
    last, since = tx.incidents.last_drill(), tx.facts.get(SINCE_FACT)
    held_on = school.day(last.opened_at) if last else None
    begin = held_on or (date.fromisoformat(since) if since else today)
    due_on = begin + timedelta(days=school.digests.drill_days)
    return {
        "days": school.digests.drill_days,
        "held_on": held_on and held_on.isoformat(),
        "due_on": due_on.isoformat(),
        "is_overdue": due_on < today,
    }


def tell_drills(turn: Turn) -> None:
    """Overdue: the safety office once, a week later the principal once. Planned for today: the safety office."""
    today = turn.school.day(turn.now)
    if turn.tx.facts.get(SINCE_FACT) is None:
        turn.tx.facts.set(SINCE_FACT, today.isoformat())
    planned = turn.tx.planned_drills.since(today)
    owed = {
        **duty(turn.tx, turn.school, today),
        "planned": [_planned(turn.school, one) for one in planned[:1]],
    }
    subject = f"drill:{owed['due_on']}"
    if owed["is_overdue"] and turn.tx.told_once.claim(subject, OFFICE, turn.now):
        _tell(turn, Role.SAFETY_OFFICE, {**owed, "is_today": False})
    is_late = date.fromisoformat(owed["due_on"]) + WEEK < today
    if owed["is_overdue"] and is_late and turn.tx.told_once.claim(subject, PRINCIPAL, turn.now):
        _tell(turn, Role.PRINCIPAL, {**owed, "is_today": False})
    for one in planned:
        if one.day == today and turn.tx.told_once.claim(f"planned_drill:{one.id}", OFFICE, turn.now):
            _tell(
                turn, Role.SAFETY_OFFICE, {**owed, "planned": [_planned(turn.school, one)], "is_today": True}
            )


def _tell(turn: Turn, role: Role, params: dict[str, Any]) -> None:
    for person in turn.tx.people.list_active():
        if role in person.roles and person.is_reachable:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.DRILL_DUE,
                params,
                lane=Lane.DIGEST,
                needs_right=Right.RUN_DESK.value,
            )
