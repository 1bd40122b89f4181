"""What the warm streams of an open incident have shown so far: in memory only, bounded, gone with the incident.

A recorder lists a file once it is closed, which may be an hour from now; and some cameras have no recorder.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from bot.domain.camera import Camera, Frame
from bot.domain.footage import Span
from bot.errors import CameraError, NoFootageError
from integrations.cameras.warm import WarmStreams

EVERY_S: Final = 4.0
MOST: Final = timedelta(minutes=30)
MOST_BYTES: Final = 32 * 1024 * 1024
"""A camera: half an hour of a sub-stream, or some minutes of a main stream."""
NEAR: Final = timedelta(seconds=EVERY_S * 1.5)
"""A frame further away is no picture of then."""


class RecentFrames:
    """Implements `FootageSource` for the cameras that are warm now. `tick` every `EVERY_S`."""

    def __init__(self, warm: WarmStreams, cameras: Iterable[Camera]) -> None:
        self._warm = warm
        self._cameras = tuple(cameras)
        self._frames: dict[str, deque[Frame]] = {}

    async def tick(self) -> None:
        """One more frame of each warm stream; what is warm no longer is forgotten."""
        for camera in self._cameras:
            stream = self._warm.find(camera)
            if stream is None:
                if not self._warm.is_kept(camera):
                    self._frames.pop(camera.id, None)
                continue
            with suppress(CameraError):
                self._add(await stream.newest())

    async def spans(self, camera: Camera, wanted: Span, *, deadline_s: float) -> list[Span]:  # noqa: ARG002 - at once
        """See `FootageSource`."""
        kept = self._frames.get(camera.id)
        if not kept:
            return []
        span = Span(max(kept[0].captured_at, wanted.begin), min(kept[-1].captured_at, wanted.end))
        return [span] if span.begin <= span.end else []

    async def oldest(self, camera: Camera, *, deadline_s: float) -> datetime | None:  # noqa: ARG002 - at once
        """See `FootageSource`."""
        kept = self._frames.get(camera.id)
        return kept[0].captured_at if kept else None

    async def frame(self, camera: Camera, at: datetime, *, deadline_s: float) -> Frame:  # noqa: ARG002 - at once
        """The nearest one; NoFootageError when it is not near."""
        kept = self._frames.get(camera.id, ())
        nearest = min(kept, key=lambda frame: abs(frame.captured_at - at), default=None)
        if nearest is None or abs(nearest.captured_at - at) > NEAR:
            raise NoFootageError(camera.id, "nothing of then is in memory")
        return nearest

    def _add(self, frame: Frame) -> None:
        kept = self._frames.setdefault(frame.camera_id, deque())
        if kept and frame.captured_at <= kept[-1].captured_at:
            return  # a stalled stream gives its last frame again
        kept.append(frame)
        while (
            frame.captured_at - kept[0].captured_at > MOST or sum(len(one.data) for one in kept) > MOST_BYTES
        ):
            kept.popleft()
