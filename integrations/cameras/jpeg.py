"""HTTP JPEG: one GET, one picture."""

from __future__ import annotations

from bot.domain.camera import Camera, Frame
from bot.errors import NoPictureError
from integrations.cameras.driver import Reach
from integrations.cameras.fetching import read_all
from integrations.cameras.picture import captured_at, check

# Cheap cameras say the latter two of a JPEG.
_TYPES = frozenset({"image/jpeg", "image/jpg", "application/octet-stream"})


async def take(camera: Camera, reach: Reach) -> Frame:
    """The picture behind `snapshot_url`."""
    return await take_from(camera, camera.snapshot_url, reach)


async def take_from(camera: Camera, url: str, reach: Reach) -> Frame:
    """The picture behind another url of the camera."""
    asked_at = reach.clock()
    async with reach.fetcher.answer(camera, url) as answer:
        if answer.content_type not in _TYPES or "Content-Encoding" in answer.headers:
            raise NoPictureError(camera.id, "the answer is of another type")
        data = check(camera, await read_all(camera, answer))
        return Frame(camera.id, data, captured_at(asked_at, answer.headers))
