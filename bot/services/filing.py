"""Cameras that are not filed with the county police yet (备案), reminded before it is late and as long as it is.

Order 799 art. 14; art. 29: who does not file after an order is fined.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from bot.domain.camera_health import Filing
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.roster import Role
from bot.services.turn import Turn, Turns

FIRST: Final = timedelta(days=14)
AGAIN: Final = timedelta(days=7)
OFFICE_HOURS: Final = range(8, 18)


class FilingService:
    """The hourly tick; most of the time it says nothing."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """Remind, in office hours."""
        hour = self._turns.clock().astimezone(self._turns.school.timezone).hour
        if hour in OFFICE_HOURS and any(map(_is_owed, self._turns.school.watching.filings.values())):
            await self._turns.tick(remind)


def remind(turn: Turn) -> None:
    """One message to the safety office about all that are due."""
    today = turn.school.day(turn.now)
    due = [one for one in turn.school.watching.filings.values() if _is_due(turn, one, today)]
    if not due:
        return
    for filing in due:
        turn.tx.facts.set(_fact(filing), today.isoformat())
    cameras = [
        {
            "camera": turn.school.cameras[filing.camera_id].name.to_params(),
            "due": turn.school.noon(filing.due_on).isoformat(),
            "is_late": filing.due_on < today,
        }
        for filing in due
        if filing.due_on is not None
    ]
    for person in turn.tx.people.list_active():
        if Role.SAFETY_OFFICE in person.roles:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.FILING_DUE,
                {"cameras": cameras},
                lane=Lane.THREAD,
                needs_right=Right.KEEP_ROSTER.value,
            )


def _is_owed(filing: Filing) -> bool:
    return filing.filed_on is None and filing.due_on is not None


def _is_due(turn: Turn, filing: Filing, today: date) -> bool:
    """From two weeks before, every week, and once more on the day before."""
    if filing.filed_on is not None or filing.due_on is None or filing.due_on - today > FIRST:
        return False
    told = turn.tx.facts.get(_fact(filing))
    last = date.fromisoformat(told) if told else None
    # Told on a day that is still to come: the clock was ahead.
    if last is None or not timedelta() <= today - last < AGAIN:
        return True
    return filing.due_on - today == timedelta(days=1) and last != today


def _fact(filing: Filing) -> str:
    return f"filing:{filing.camera_id}"
