"""One look at a camera for its health: a frame is taken, measured, forgotten, and weighed against what is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo
from typing import Any, Final, Protocol

from bot.domain.camera import Camera, Polygon
from bot.domain.camera_health import Finding, Trouble
from bot.errors import (
    CameraBusyError,
    CameraError,
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    DevelopingError,
    NoPictureError,
    StalePictureError,
    UndevelopableError,
)
from bot.ports import Clock, FrameSource
from integrations.vision.health import Watch
from integrations.vision.reading import Reading

DEADLINE_S: Final = 8.0
"""A cold stream needs 1.5 s; on a busy machine and a busy camera some more."""

TROUBLES: Final[dict[type[CameraError], Trouble]] = {
    CameraUnreachableError: Trouble.UNREACHABLE,
    CameraRefusedError: Trouble.REFUSED,
    CameraBusyError: Trouble.BUSY,
    NoPictureError: Trouble.NO_PICTURE,
    StalePictureError: Trouble.STALE,
    CameraForbiddenError: Trouble.FORBIDDEN,
}

AskClock = Callable[[Camera], Awaitable[float | None]]


class Measuring(Protocol):
    """The darkroom, as far as it is needed here."""

    async def measure(self, frame_bytes: bytes, masks: tuple[Polygon, ...] = ()) -> Reading:
        """A few numbers of a frame, which is not kept."""


class Prober:
    """Implements `CameraProbe`. `zone`: the school's, for the hours in which darkness is usual."""

    def __init__(
        self, source: FrameSource, darkroom: Measuring, ask_clock: AskClock, *, zone: tzinfo, clock: Clock
    ) -> None:
        self._source = source
        self._darkroom = darkroom
        self._ask_clock = ask_clock
        self._zone = zone
        self._clock = clock
        self._watches: dict[str, Watch] = {}

    def restore(self, camera_id: str, told: dict[str, Any]) -> None:
        """Go on with what `learned` gave; what cannot be read is learned anew."""
        try:
            self._watches[camera_id] = Watch.from_json(told, self._zone)
        except (AttributeError, KeyError, TypeError, ValueError):
            self._watches.pop(camera_id, None)

    def learned(self, camera_id: str) -> dict[str, Any]:
        """All that is known of the camera, as JSON; for the next start."""
        return self._watch(camera_id).to_json()

    async def probe(self, camera: Camera) -> Finding:
        """See `CameraProbe`."""
        seen, captured_at, trouble = await self._see(camera)
        now = self._clock()
        watch = self._watch(camera.id)
        if seen is None:  # our own darkroom had no time; that says nothing of the camera
            changes = []
        else:
            offset_s = None if trouble in _SILENT else await self._ask_clock(camera)
            changes = watch.observe(seen, now, clock_offset_s=offset_s)
        return Finding(
            camera.id,
            now,
            watch.condition,
            watch.since,
            tuple(changes),
            captured_at,
            trouble,
            is_in_doubt=watch.is_in_doubt,
        )

    async def _see(self, camera: Camera) -> tuple[Reading | Exception | None, datetime | None, Trouble]:
        try:
            frame = await self._source.grab(camera, deadline_s=DEADLINE_S)
            reading = await self._darkroom.measure(frame.data, camera.masks)
        except CameraError as error:
            return error, None, TROUBLES.get(type(error), Trouble.UNREACHABLE)
        except UndevelopableError as error:
            return error, None, Trouble.NO_PICTURE
        except DevelopingError:
            return None, None, Trouble.NONE
        return reading, frame.captured_at, Trouble.NONE

    def _watch(self, camera_id: str) -> Watch:
        return self._watches.setdefault(camera_id, Watch(camera_id, self._zone))


_SILENT: Final = frozenset({Trouble.UNREACHABLE, Trouble.REFUSED, Trouble.BUSY, Trouble.FORBIDDEN})
"""Who gives no answer tells no time either, and a wrong password is not tried twice."""
