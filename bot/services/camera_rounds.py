"""When each camera is looked at for its health: in its turn, sooner in doubt, at once when another is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from bot.domain.camera import Camera
from bot.domain.camera_health import Finding, Trouble
from bot.domain.condition import Condition

JITTER: Final = 0.2
"""Of the pause between two looks: cameras that start together do not stay together."""
DOUBT_S: Final = 20.0
"""Until the next look at a camera that gave no picture: the 60 s of grace must end near 60 s."""
TURN_S: Final = 30.0
"""Until the next look at one whose picture is strange."""
AT_ONCE: Final = 4
"""Looks side by side: a cold stream costs a third of a core for a second."""
HURRY_S: Final = 5.0
"""When one is lost, the others are looked at within this time: perhaps it is the network."""

log = structlog.get_logger(__name__)


class CameraRounds:
    """`probe` looks at one camera; None from it means that this camera is not looked at any more."""

    def __init__(
        self,
        probe: Callable[[Camera], Awaitable[Finding | None]],
        cameras: Sequence[Camera],
        *,
        every_s: float,
    ) -> None:
        self._probe = probe
        self._every_s = every_s
        self._places = asyncio.Semaphore(AT_ONCE)
        self._hurry = {camera.id: asyncio.Event() for camera in cameras}

    async def run(self, camera: Camera) -> None:
        """One camera's rounds, until cancelled. What fails is logged, and tried again at its usual time."""
        pause_s = random.uniform(0, min(self._every_s, HURRY_S))  # noqa: S311 - no secret
        before: Finding | None = None
        while True:
            is_hurried = await self._pause(camera, pause_s)
            try:
                async with self._places:
                    finding = await self._probe(camera)
            except Exception:
                log.exception("camera_probe_failed", camera=camera.id)
                pause_s = self._every_s
                continue
            if finding is None:
                return
            if _is_just_lost(before, finding) and not is_hurried:
                self._hurry_others(camera)
            pause_s, before = self._next_pause_s(finding), finding

    async def _pause(self, camera: Camera, seconds: float) -> bool:
        """Until it is time; True when somebody else's loss made it time."""
        hurry = self._hurry[camera.id]
        try:
            async with asyncio.timeout(seconds):
                await hurry.wait()
        except TimeoutError:
            return False
        hurry.clear()
        await asyncio.sleep(random.uniform(0, HURRY_S))  # noqa: S311 - no secret
        return True

    def _hurry_others(self, lost: Camera) -> None:
        for camera_id, hurry in self._hurry.items():
            if camera_id != lost.id:
                hurry.set()

    def _next_pause_s(self, finding: Finding) -> float:
        usual_s = self._every_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        if not finding.is_in_doubt:
            return usual_s
        return min(usual_s, TURN_S if finding.trouble is Trouble.NONE else DOUBT_S)


def _is_just_lost(before: Finding | None, finding: Finding) -> bool:
    is_lost = finding.trouble is not Trouble.NONE
    was_fine = before is None or before.trouble is Trouble.NONE
    return is_lost and was_fine and finding.condition is Condition.OK
