"""APScheduler's fixed ticks. Every real deadline is a row in the database; this only looks at the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing done every so many seconds."""

    name: str
    seconds: float
    do: Callable[[], Awaitable[Any]]


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel it, and wait until it is over."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def make_scheduler(ticks: list[Tick]) -> AsyncIOScheduler:
    """In memory; a tick missed is made up once, however late, and never runs twice at a time."""
    scheduler = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
    )
    for tick in ticks:
        scheduler.add_job(_guarded(tick), "interval", seconds=tick.seconds, id=tick.name)
    return scheduler


def _guarded(tick: Tick) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await tick.do()
        except asyncio.CancelledError:
            # Muster ends; passed on, APScheduler would log it as an error.
            return
        except Exception:
            log.exception("tick_failed", tick=tick.name)

    return run
