"""What waits for Telegram or for time, and ends at once when it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stopping:
    """Told once; then nothing waits any more."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    def __bool__(self) -> bool:
        return self._told.is_set()

    def tell(self) -> None:
        """End what waits."""
        self._told.set()

    async def sleep(self, seconds: float) -> None:
        """Not through the stop."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except TimeoutError:
            return

    async def unless(self, work: Awaitable[Result], limit_s: float | None = None) -> Result | None:
        """What `work` brings; None when the stop came first. TimeoutError after `limit_s`; then it is given up."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait((working, stopping), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            if stopping.done():
                return None
            raise TimeoutError(f"no answer in {limit_s} s")
        finally:
            await _give_up(working, stopping)


async def _give_up(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
