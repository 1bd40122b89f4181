"""Fixed ticks. Every real deadline is a row in the database; this only sees to it that somebody looks at the clock.

By monotonic time: a wall clock that is set back or forward, by seconds or by years, neither stops a tick nor makes up
for what it never missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import structlog

CANCEL_AGAIN_S: Final = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing done every so many seconds."""

    name: str
    seconds: float
    do: Callable[[], Awaitable[Any]]

    async def run(self) -> None:
        """Until it is cancelled; one that took too long is made up once, and never runs twice at a time."""
        time = asyncio.get_running_loop().time
        due = time() + self.seconds
        while True:
            await asyncio.sleep(due - time())
            try:
                await self.do()
            except Exception:
                log.exception("tick_failed", tick=self.name)
            due = max(due + self.seconds, time())


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel it, and wait until it is over; once more when a library took the cancelling for its own."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_S)
    await asyncio.gather(task, return_exceptions=True)


def start_ticks(parts: AsyncExitStack, ticks: list[Tick]) -> None:
    """Each in a task of its own, from now on until `parts` closes."""
    for tick in ticks:
        parts.push_async_callback(end_task, asyncio.create_task(tick.run(), name=f"tick {tick.name}"))
