"""The server's clock is set back: what would fall due hours too late falls due now, and that is on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.ports import Clock
from bot.services.turn import Turn, Turns
from bot.storage.clock_step import move_waiting
from bot.storage.inbox import INBOX
from bot.storage.outbox import OUTBOX

# Less is a clock that NTP slews, or the moment between reading one clock and the other.
TOLERANCE: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class ClockStepService:
    """Follows a step of the clock."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def step_back(self, by: timedelta) -> None:
        """Move all that waits so much earlier, in one transaction.

        What was set before the clock went wrong is moved too early by it: it cannot be told from the rest, and to
        ring too soon is better than never.
        """
        await self._turns.tick(lambda turn: step_back(turn, by))
        log.warning("clock_set_back", by_s=by.total_seconds())


def step_back(turn: Turn, by: timedelta) -> None:
    """`by` is positive."""
    moved = move_waiting(turn.tx.connection, by)
    turn.tx.touched |= {INBOX, OUTBOX}
    turn.audit("clock set back", by_s=by.total_seconds(), moved=moved)


class ClockWatch:
    """Notices that the clock was set back between two ticks; of steps forward it says nothing, all falls due by them.

    `monotonic`: seconds that no setting of the clock changes. A step while Muster did not run is not seen.
    """

    def __init__(
        self, clock: Clock, monotonic: Callable[[], float], step_back: Callable[[timedelta], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._step_back = step_back
        self._began_at: datetime | None = None

    async def tick(self) -> None:
        """Every second. If `step_back` fails, the next tick tries again."""
        # When this program's monotonic seconds were 0, by the wall clock as it is now.
        began_at = self._clock() - timedelta(seconds=self._monotonic())
        if self._began_at is not None and self._began_at - began_at > TOLERANCE:
            await self._step_back(self._began_at - began_at)
        self._began_at = began_at
