"""Reads a JPEG's size from its header, before any decoder is trusted with it."""

from __future__ import annotations

from typing import Final

from bot.errors import UndevelopableError

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
"""An 8K camera has 33 million; decoded, 40 million are 120 MB."""
MAX_SIDE: Final = 12_000
MIN_SIDE: Final = 16

_SIZED: Final = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN: Final = frozenset({0xD9, 0xDA})


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. UndevelopableError: no JPEG, cut off in its header, too large or too small."""
    if len(data) > MAX_BYTES:
        raise UndevelopableError(f"{len(data)} bytes are too many")
    if not data.startswith(b"\xff\xd8"):
        raise UndevelopableError("it is no JPEG")
    width, height = _frame_header(data)
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise UndevelopableError(f"{width}×{height} is no size of a camera's picture")
    return width, height


def _frame_header(data: bytes) -> tuple[int, int]:
    """Walks the segments (ITU-T T.81, B.1.1) up to the first frame header."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker = data[at + 1]
        if marker in _SIZED:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if marker in _SCAN:
            break
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise UndevelopableError("its header is broken")
