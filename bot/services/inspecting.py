"""Inspections of equipment: its custodian is reminded, confirms with a picture, and may take that back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.domain.after_action import Awaited
from bot.domain.equipment import Equipment, Inspection
from bot.domain.incident import Mode
from bot.domain.media import NO_WORDS
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.sender import Sender
from bot.domain.text import shorten
from bot.errors import Reason, RefusedError
from bot.services.after_actions import office_of
from bot.services.correcting import AGAIN, BEFORE, REMIND_AT
from bot.services.turn import Turn, Turns

# What the person's next picture is about.
PHOTO: Final = "inspection"
# Who has to climb a ladder first takes a while.
PHOTO_WITHIN: Final = timedelta(hours=1)
# `/inspections` looks so far ahead.
AHEAD: Final = timedelta(days=7)
WORDS_KEPT: Final = 1000


class InspectionService:
    """`/inspections`, the buttons below reminders, and the clock's part."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender) -> Outcome:
        """`/inspections`: what is due of one's own; of everything for the safety office."""
        return await self._turns.run(sender, show)

    async def ask(self, sender: Sender, equipment_id: int) -> Outcome:
        """The press on a piece: its picture comes next."""
        return await self._turns.run(sender, ask, equipment_id)

    async def undo(self, sender: Sender, inspection_id: int) -> Outcome:
        """It was another one."""
        return await self._turns.run(sender, undo, inspection_id)

    async def tick(self) -> None:
        """Remind; a look without a write while nothing is due."""
        now = self._turns.clock()
        if await self._turns.database.read(
            lambda tx: tx.equipment.unscheduled() or tx.equipment.to_remind(now)
        ):
            await self._turns.tick(remind)


def show(turn: Turn) -> Outcome:
    """The longest overdue first."""
    turn.require(Right.REPORT)
    found = turn.tx.equipment.due_until(turn.school.day(turn.now) + AHEAD)
    if not has_right(turn.person, Right.KEEP_ROSTER):
        found = [item for item in found if item.custodian_id == turn.person.staff_id]
    turn.reply(MessageKind.INSPECTIONS, {"items": _described(turn, found), "is_reminder": False})
    return Outcome(Done.NOTHING)


def ask(turn: Turn, equipment_id: int) -> Outcome:
    """The next picture that its custodian, or the safety office, sends is the proof."""
    item = _own(turn, equipment_id)
    turn.audit("inspection_begun", subject=item.number)
    turn.tx.after_actions.await_words(Awaited(turn.person.staff_id, item.id, PHOTO, turn.now))
    [params] = _described(turn, [item])
    turn.tell(Address.person(turn.person.staff_id), MessageKind.INSPECTION_PHOTO, params)
    return Outcome(Done.PHOTO_AWAITED)


def _own(turn: Turn, equipment_id: int) -> Equipment:
    turn.require(Right.REPORT)
    item = turn.tx.equipment.get(equipment_id)
    if item is None or item.custodian_id != turn.person.staff_id:
        turn.require(Right.KEEP_ROSTER, "inspection")
    if item is None:
        raise RefusedError(Reason.EQUIPMENT_GONE)
    return item


def confirm(turn: Turn, equipment_id: int, words: str) -> Outcome:
    """The picture is there: the next day is counted from today."""
    item = _own(turn, equipment_id)
    today = turn.school.day(turn.now)
    after = today + timedelta(days=item.every_days) if item.every_days else None
    said = "" if words in NO_WORDS else shorten(words, WORDS_KEPT)
    turn.tx.equipment.save([replace(item, due_on=after, remind_at=None)])
    inspection = turn.tx.inspections.add(
        Inspection(item.number, turn.person.staff_id, turn.now, f"📷 {said}".strip(), item.due_on, after)
    )
    turn.audit("inspection", subject=item.number)
    [params] = _described(turn, [replace(item, due_on=after)])
    params |= {"inspection": inspection.id, "words": said, "who": turn.person.name.to_params()}
    left = [one for one in turn.tx.equipment.due_until(today) if one.custodian_id == turn.person.staff_id]
    turn.reply(MessageKind.INSPECTION_DONE, {**params, "left": _described(turn, left), "is_own": True})
    for person in office_of(turn) if said else ():
        if person.staff_id != turn.person.staff_id:
            _tell(turn, person, MessageKind.INSPECTION_DONE, {**params, "left": [], "is_own": False})
    return Outcome(Done.NOTHING)


def undo(turn: Turn, inspection_id: int) -> Outcome:
    """Back to the day before, unless somebody has looked at it again or the list was changed since."""
    turn.require(Right.REPORT)
    inspection = turn.tx.inspections.get(inspection_id)
    if inspection is None or inspection.done_by != turn.person.staff_id:
        turn.require(Right.KEEP_ROSTER, "inspection")
    item = turn.tx.equipment.by_number(inspection.number) if inspection else None
    if inspection is None or item is None:
        raise RefusedError(Reason.EQUIPMENT_GONE)
    if inspection.is_undone or item.due_on != inspection.due_after:
        raise RefusedError(Reason.INSPECTION_OVER, number=item.number)
    item = replace(item, due_on=inspection.due_before, remind_at=None)
    turn.tx.inspections.take_back(inspection.id)
    turn.tx.equipment.save([item])
    turn.audit("inspection undone", subject=item.number)
    [params] = _described(turn, [item])
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.INSPECTION_UNDONE, params, edit_of=edited)
    return Outcome(Done.INSPECTION_UNDONE, {"number": item.number}, is_told=True)


# ── the clock ──────────────────────────────────────────────────────────────────────────────────────────────
def remind(turn: Turn) -> None:
    """One message a person, with all that is due; nothing while somebody may be hiding."""
    if any(incident.is_silent for incident in turn.tx.incidents.list_in_force(Mode.REAL)):
        return
    _schedule(turn)
    due = turn.tx.equipment.to_remind(turn.now)
    if not due:
        return
    today = turn.school.day(turn.now)
    turn.tx.equipment.save([replace(item, remind_at=_following(turn, item, today)) for item in due])
    told: dict[str, list[Equipment]] = {}
    for item in due:
        for person in _who_looks(turn, item):
            told.setdefault(person.staff_id, []).append(item)
    for staff_id, items in told.items():
        params = {"items": _described(turn, items), "is_reminder": True}
        turn.tell(
            Address.person(staff_id),
            MessageKind.INSPECTIONS,
            params,
            lane=Lane.DIGEST,
            needs_right=Right.REPORT.value,
        )
    for person in office_of(turn):
        own = {item.number for item in told.get(person.staff_id, ())}
        late = [item for item in due if item.is_overdue(today) and item.number not in own]
        if late:
            _tell(turn, person, MessageKind.INSPECTIONS_OVERDUE, {"items": _described(turn, late)})


def _schedule(turn: Turn) -> None:
    """Ahead of the day, on the day, or the next morning; what has only an interval is first due one from today."""
    today = turn.school.day(turn.now)
    for item in turn.tx.equipment.unscheduled():
        due_on = item.due_on or today + timedelta(days=item.every_days or 0)
        days = (due_on - BEFORE, due_on, today, today + timedelta(days=1))
        remind_at = next(at for day in days if (at := _morning(turn, day)) > turn.now)
        turn.tx.equipment.save([replace(item, due_on=due_on, remind_at=remind_at)])


def _following(turn: Turn, item: Equipment, today: date) -> datetime:
    at = _morning(turn, item.due_on or today)
    return at if at > turn.now else _morning(turn, today + AGAIN)


def _morning(turn: Turn, day: date) -> datetime:
    return datetime.combine(day, REMIND_AT, turn.school.timezone)


def _who_looks(turn: Turn, item: Equipment) -> list[Person]:
    """Its custodian; the safety office for what nobody keeps who can be reached."""
    custodian = turn.tx.people.get(item.custodian_id) if item.custodian_id else None
    is_there = custodian is not None and custodian.is_active and custodian.is_reachable
    return [custodian] if custodian and is_there else office_of(turn)


def _tell(turn: Turn, person: Person, kind: MessageKind, params: dict[str, Any]) -> None:
    """To somebody of the safety office."""
    right = Right.KEEP_ROSTER.value
    turn.tell(Address.person(person.staff_id), kind, params, lane=Lane.DIGEST, needs_right=right)


def _described(turn: Turn, items: list[Equipment]) -> list[dict[str, Any]]:
    today = turn.school.day(turn.now)
    return [
        {
            "id": item.id,
            "number": item.number,
            "kind": item.kind.value,
            "zone": (name := turn.school.campus.name_of(item.zone)) and name.to_params(),
            "place": item.place,
            "is_here": False,
            "due_on": item.due_on and item.due_on.isoformat(),
            "is_overdue": item.is_overdue(today),
            "custodian": (one := turn.tx.people.get(item.custodian_id or "")) and one.name.to_params(),
        }
        for item in items
    ]
