"""MJPEG over HTTP (multipart/x-mixed-replace): the first whole picture, then the connection is closed."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import ClientResponse

from bot.domain.camera import Camera, Frame
from bot.errors import CameraUnreachableError, NoPictureError
from integrations.cameras.driver import Reach
from integrations.cameras.picture import MAX_BYTES, captured_at, check

MAX_HEAD: Final = 16 * 1024
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")


async def take(camera: Camera, reach: Reach) -> Frame:
    """The first picture of the stream behind `snapshot_url`."""
    asked_at = reach.clock()
    async with reach.fetcher.answer(camera, camera.snapshot_url) as answer:
        if answer.content_type != "multipart/x-mixed-replace":
            raise NoPictureError(camera.id, "the answer is no multipart stream")
        data = check(camera, await _first_part(camera, answer))
        # The stream's own headers are as old as the connection and say nothing of one picture.
        return Frame(camera.id, data, captured_at(asked_at, {}))


async def _first_part(camera: Camera, answer: ClientResponse) -> bytes:
    """What stands between the first part's head and its length, or the next boundary."""
    boundary = b"--" + _boundary(answer)
    seen = bytearray()
    async for chunk in answer.content.iter_any():
        seen += chunk
        if (part := _part(seen, boundary)) is not None:
            return part
        if len(seen) > MAX_BYTES + MAX_HEAD:
            raise NoPictureError(camera.id, f"no whole picture in {MAX_BYTES} bytes")
    raise CameraUnreachableError(camera.id, "the stream ended before one whole picture")


def _boundary(answer: ClientResponse) -> bytes:
    """Many cameras write the two dashes into the boundary itself."""
    found = re.search(r'boundary="?([^";\s]+)', answer.headers.get("Content-Type", ""), re.IGNORECASE)
    return found[1].removeprefix("--").encode() if found else b""


def _part(seen: bytearray, boundary: bytes) -> bytes | None:
    begin = seen.find(boundary)
    head = _HEAD_END.search(seen, begin, begin + MAX_HEAD) if begin >= 0 else None
    if head is None:
        return None
    if length := _LENGTH.search(seen, begin, head.end()):
        end = head.end() + int(length[1])
        return bytes(seen[head.end() : end]) if len(seen) >= end else None
    end = seen.find(b"\n" + boundary, head.end())
    return bytes(seen[head.end() : end]) if end >= 0 else None
