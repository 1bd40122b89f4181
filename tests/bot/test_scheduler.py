"""Ticks go on whatever happens to the clock on the wall, and whatever happens in one of them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from structlog.testing import capture_logs

from bot.scheduler import Tick, start_ticks

SOON_S = 20


class Counter:
    def __init__(self, *, takes_s: float = 0, fails: bool = False) -> None:
        self.count = self.at_once = 0
        self._takes_s, self._fails = takes_s, fails

    async def tick(self) -> None:
        self.at_once += 1
        assert self.at_once == 1
        await asyncio.sleep(self._takes_s)
        self.at_once -= 1
        self.count += 1
        if self._fails:
            raise ValueError("one of them")

    async def reaches(self, count: int) -> None:
        async with asyncio.timeout(SOON_S):
            while self.count < count:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "step", [timedelta(minutes=-5), timedelta(hours=-8), timedelta(days=60), timedelta(days=27 * 365)]
)
async def test_a_wall_clock_that_is_set_stops_no_tick_and_makes_up_for_nothing(step):
    counter = Counter()
    async with AsyncExitStack() as parts:
        start_ticks(parts, [Tick("count", 0.05, counter.tick)])
        await counter.reaches(2)
        before, began = counter.count, asyncio.get_running_loop().time()
        with time_machine.travel(datetime.now(UTC) + step):
            await counter.reaches(before + 3)
        assert counter.count - before <= (asyncio.get_running_loop().time() - began) / 0.05 + 2


async def test_a_failure_is_told_and_the_next_tick_comes():
    counter = Counter(fails=True)
    with capture_logs() as logs:
        async with AsyncExitStack() as parts:
            start_ticks(parts, [Tick("count", 0.01, counter.tick)])
            await counter.reaches(3)
    assert {(line["event"], line["tick"]) for line in logs} == {("tick_failed", "count")}


async def test_a_slow_tick_runs_once_at_a_time_and_ends_with_muster():
    counter = Counter(takes_s=0.05)
    async with AsyncExitStack() as parts:
        start_ticks(parts, [Tick("count", 0.01, counter.tick)])
        await counter.reaches(3)
    ended = counter.count
    await asyncio.sleep(0.1)
    assert counter.count == ended
