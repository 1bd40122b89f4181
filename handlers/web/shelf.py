"""Answers kept for a moment: a whole school that looks at once costs one look into the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
LIFE_S: Final = 2.0
MOST: Final = 256


class Shelf(Generic[T]):
    """By key. Who asks while an answer is being made waits for that one; a failure is not kept."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """The kept answer, or a fresh one."""
        now = self._monotonic()
        until, task = self._kept.get(key, (now, None))
        if task is None or until <= now or _has_failed(task):
            self._clear(now)
            task = asyncio.ensure_future(_made(make))
            self._kept[key] = (now + LIFE_S, task)
        # A reader who goes away does not take the answer from the others.
        return await asyncio.shield(task)

    def _clear(self, now: float) -> None:
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
        if len(self._kept) >= MOST:
            self._kept.clear()


async def _made(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _has_failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
