"""What happened, told to everyone who looks: the browser page, and phones that wait for a message."""

import asyncio
from typing import Any

from integrations.telegram.simulator.bell import Bell

WATCHER_BACKLOG = 2_000
"""Events that one slow browser may lag behind before it is told to reload everything."""


class Feed:
    """Numbers every change and hands it to the watchers."""

    def __init__(self) -> None:
        self.number = 0
        self.bell = Bell()
        self._watchers: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, event: str, **what: object) -> None:
        self.number += 1
        self.bell.ring()
        if not self._watchers:
            return
        told = {"event": event, "number": self.number, **what}
        for watcher in self._watchers:
            self._tell(watcher, told)

    def watch(self) -> asyncio.Queue[dict[str, Any]]:
        watcher: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WATCHER_BACKLOG)
        self._watchers.add(watcher)
        return watcher

    def leave(self, watcher: asyncio.Queue[dict[str, Any]]) -> None:
        self._watchers.discard(watcher)

    def _tell(self, watcher: asyncio.Queue[dict[str, Any]], told: dict[str, Any]) -> None:
        if not watcher.full():
            watcher.put_nowait(told)
            return
        while not watcher.empty():
            watcher.get_nowait()
        watcher.put_nowait({"event": "reload", "number": self.number})
