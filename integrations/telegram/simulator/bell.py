"""Wakes everybody who waits for a change: long polls, phones, the page."""

import asyncio


class Bell:
    """Rings for all who wait now; whoever comes later waits for the next ring."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """True when it rang within that time."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        done, _ = await asyncio.wait((mine,), timeout=max(seconds, 0))
        if not done:
            mine.cancel()
            if mine in self._waiting:
                self._waiting.remove(mine)
        return bool(done)
