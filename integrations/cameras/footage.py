"""Everything that can be looked back at, as one `FootageSource`: what is in memory first, then the recorders."""

from __future__ import annotations

from datetime import datetime

from bot.domain.camera import Camera, Frame
from bot.domain.footage import Span, joined
from bot.errors import CameraError, NoFootageError
from bot.ports import FootageSource


class AllFootage:
    """Asks its sources in their order. A recorder that is down hides nothing that another source has."""

    def __init__(self, *sources: FootageSource) -> None:
        self._sources = sources

    async def spans(self, camera: Camera, wanted: Span, *, deadline_s: float) -> list[Span]:
        """All that any of them has; the last error when none has anything and one failed."""
        found: list[Span] = []
        failed: CameraError | None = None
        for source in self._sources:
            try:
                found += await source.spans(camera, wanted, deadline_s=deadline_s)
            except CameraError as error:
                failed = error
        if failed is not None and not found:
            raise failed
        return joined(found)

    async def oldest(self, camera: Camera, *, deadline_s: float) -> datetime | None:
        """The oldest of any."""
        moments = [await source.oldest(camera, deadline_s=deadline_s) for source in self._sources]
        return min((moment for moment in moments if moment is not None), default=None)

    async def frame(self, camera: Camera, at: datetime, *, deadline_s: float) -> Frame:
        """From the first that has it."""
        failed: CameraError = NoFootageError(camera.id, "nothing keeps it")
        for source in self._sources:
            try:
                return await source.frame(camera, at, deadline_s=deadline_s)
            except CameraError as error:
                failed = error
        raise failed
