"""The day's reminders of what the school keeps up: once a day, and nothing in them a second time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.services.certificates import remind_of_certificates
from bot.services.drill_calendar import tell_drills
from bot.services.patrolling import tell_missed_rounds
from bot.services.plan_deciding import remind_of_plan_changes
from bot.services.school import School
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

FACT = "readiness:day"
PARTS: tuple[Callable[[Turn], None], ...] = (
    remind_of_certificates,
    tell_missed_rounds,
    tell_drills,
    remind_of_plan_changes,
)

log = structlog.get_logger(__name__)


class ReadinessService:
    """The clock's look."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """A look without a write on every tick but the day's first after the time set."""
        school, now = self._turns.school, self._turns.clock()
        if await self._turns.database.read(_is_due, school, now):
            await self._turns.tick(remind)


def _is_due(tx: Transaction, school: School, now: datetime) -> bool:
    local = now.astimezone(school.timezone)
    return local.time() >= school.readiness.tell_at and tx.facts.get(FACT) != local.date().isoformat()


def remind(turn: Turn) -> None:
    """What each part told is kept with it: a restart in the middle tells nothing twice and forgets nothing."""
    turn.tx.facts.set(FACT, turn.school.day(turn.now).isoformat())
    for part in PARTS:
        try:
            with turn.tx.savepoint():
                part(turn)
        except Exception:
            # It holds up no other, and is looked at again tomorrow.
            log.exception("readiness_part_failed", part=part.__name__)
