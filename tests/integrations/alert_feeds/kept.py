"""What a feed is given to hand its bodies to, and a way to run one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.domain.alert_format import Body
from bot.scheduler import end_task
from integrations.alert_feeds import Feed

PATIENCE_S = 15.0


class Kept:
    """Keeps bodies in order; first raises each of `faults`."""

    def __init__(self, *faults: Exception) -> None:
        self.bodies: list[Body] = []
        self.faults = list(faults)
        self.offers = 0
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def __call__(self, body: Body) -> None:
        self.offers += 1
        await self.is_open.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.bodies.append(body)

    @property
    def texts(self) -> list[str]:
        return [body.data.decode("utf-8", "replace") for body in self.bodies]

    async def until(self, count: int) -> list[str]:
        await until(lambda: len(self.bodies) >= count)
        return self.texts


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(feed: Feed) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.ensure_future(feed.run())
    try:
        yield task
        assert not task.done(), "no error of network or payload ends a feed"
    finally:
        await end_task(task)
