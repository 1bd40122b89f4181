"""Whether bytes are one whole JPEG of a sane size, told from its markers alone: nothing is decoded here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from bot.domain.camera import Camera, Frame
from bot.errors import NoPictureError, StalePictureError

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_SIDE: Final = 16_384
MAX_PIXELS: Final = 64_000_000
"""A few hundred bytes may claim 65,535 × 65,535 pixels, which is 12 GB once decoded."""

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_SCAN: Final = 0xDA
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PADDING = b"\x00\r\n"
"""Some cameras fill up to a block, or end with the multipart's line break."""


def check(camera: Camera, data: bytes) -> bytes:
    """The JPEG without what follows its end; `NoPictureError` says what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise NoPictureError(camera.id, f"more than {MAX_BYTES} bytes")
    if not data.startswith(_START):
        raise NoPictureError(camera.id, "no JPEG")
    whole = data.rstrip(_PADDING)
    if not whole.endswith(_END):
        raise NoPictureError(camera.id, "the JPEG is cut off")
    width, height = _size(camera, whole)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise NoPictureError(camera.id, f"a JPEG of {width} × {height} pixels")
    return whole


def _size(camera: Camera, data: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker begins with it
        marker = data[at + 1]
        if marker in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if marker == _SCAN:
            break
        at += 2 if marker in _NO_LENGTH else 1 if marker == 0xFF else 2 + _length(data, at)  # noqa: PLR2004
    raise NoPictureError(camera.id, "a JPEG without a size")


def _length(data: bytes, at: int) -> int:
    return max(int.from_bytes(data[at + 2 : at + 4]), 2)


def captured_at(asked_at: datetime, headers: Mapping[str, str]) -> datetime:
    """When the picture was taken at the latest: when we asked, or earlier if a header admits it.

    `Date`, `Last-Modified` and `Age` can only make a picture older: a camera's word that it is new is no proof.
    A camera whose clock lags is therefore taken for one that sends old pictures, and its stream is used.
    """
    times = [asked_at]
    for name in ("Date", "Last-Modified"):
        try:
            told = parsedate_to_datetime(headers.get(name, ""))
            # HTTP dates have whole seconds: half a second late is no sign of age.
            times.append((told if told.tzinfo else told.replace(tzinfo=UTC)) + timedelta(seconds=1))
        except (ValueError, OverflowError):
            continue
    age = headers.get("Age", "")
    if age.isascii() and age.isdecimal():
        times.append(asked_at - timedelta(seconds=min(int(age[:9]), 10**8)))
    return min(times)


def fresh(camera: Camera, frame: Frame, now: datetime) -> Frame:
    """The frame, or `StalePictureError` when it is older than the camera's limit."""
    if (age_s := frame.age_s(now)) > camera.stale_after_s:
        raise StalePictureError(camera.id, age_s)
    return frame
