"""A picture or a film on this machine, for tests and the demo: paths only, never urls."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Final

from bot.domain.camera import Camera, Frame
from bot.errors import CameraForbiddenError, CameraUnreachableError
from integrations.cameras.driver import Reach
from integrations.cameras.picture import MAX_BYTES, check

_PICTURES: Final = frozenset({".jpg", ".jpeg"})
# FFmpeg takes "concat:…", "http:…" and the like for more than a name.
_PROTOCOL = re.compile(r"^[A-Za-z][A-Za-z0-9+.,-]*:")


async def take(camera: Camera, reach: Reach) -> Frame:
    """The picture as it is, or the film at the second that it would show if it ran since 1970, again and again."""
    path = Path(camera.snapshot_url)
    if _PROTOCOL.match(camera.snapshot_url) or not path.is_absolute():
        raise CameraForbiddenError(camera.id, "a file is named by its absolute path")
    if path.suffix.lower() in _PICTURES:
        asked_at = reach.clock()
        return Frame(camera.id, check(camera, await asyncio.to_thread(_read, camera, path)), asked_at)
    return await reach.decoders.frame(camera, str(path), at_s=time.time())


def _read(camera: Camera, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CameraUnreachableError(camera.id, error.strerror or "the file cannot be read") from None
