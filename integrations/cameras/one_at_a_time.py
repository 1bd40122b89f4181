"""One request a camera at a time: whoever asks meanwhile, or within a second after, gets the same picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from bot.domain.camera import Camera, Frame
from bot.errors import CameraUnreachableError
from bot.ports import Clock

SHARED_S: Final = 1.0
"""A frame is given to others until it is this old."""


class OneAtATime:
    """Shares attempts. An attempt goes on when the one who began it stops waiting; others may wait for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[Camera, asyncio.Task[Frame]] = {}
        self._newest: dict[Camera, Frame] = {}

    async def get(
        self, camera: Camera, attempt: Callable[[], Coroutine[Any, Any, Frame]], *, deadline_s: float
    ) -> Frame:
        """The shared picture. `CameraUnreachableError` when this asker's own deadline is over."""
        newest = self._newest.get(camera)
        if newest is not None and newest.age_s(self._clock()) <= SHARED_S:
            return newest
        task = self._running.get(camera) or self._begin(camera, attempt)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(task)
        except TimeoutError:
            raise CameraUnreachableError(camera.id, f"no picture within {deadline_s:g} s") from None

    async def close(self) -> None:
        """End what is running."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        self._newest.clear()

    def _begin(
        self, camera: Camera, attempt: Callable[[], Coroutine[Any, Any, Frame]]
    ) -> asyncio.Task[Frame]:
        task = self._running[camera] = asyncio.create_task(attempt())
        task.add_done_callback(lambda done: self._end(camera, done))
        return task

    def _end(self, camera: Camera, task: asyncio.Task[Frame]) -> None:
        del self._running[camera]
        if not task.cancelled() and task.exception() is None:
            self._newest[camera] = task.result()
            asyncio.get_running_loop().call_later(SHARED_S, self._forget, camera, task.result())

    def _forget(self, camera: Camera, frame: Frame) -> None:
        """No picture stays in memory without a request."""
        if self._newest.get(camera) is frame:
            del self._newest[camera]
