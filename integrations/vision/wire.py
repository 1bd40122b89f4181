"""What is said over the pipes between Muster and its darkroom: a length, a JSON header, then bytes.

JSON alone, never a pickle: a child that a hostile picture has taken over can say nothing that runs here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from bot.domain.recipe import Faces, Mark, Recipe

PREFIX_BYTES: Final = 4
MAX_HEADER_BYTES: Final = 256 * 1024
MAX_ANSWER_BYTES: Final = 10_000_000
"""Telegram's limit for a photo."""


def packed(header: dict[str, Any], body: bytes = b"") -> bytes:
    """One message. The header gets `size`, the body's length."""
    encoded = json.dumps({**header, "size": len(body)}).encode()
    return len(encoded).to_bytes(PREFIX_BYTES, "big") + encoded + body


def header_length(prefix: bytes) -> int:
    """ValueError: more than a header may have."""
    length = int.from_bytes(prefix, "big")
    if not 0 < length <= MAX_HEADER_BYTES:
        raise ValueError(f"a header of {length} bytes")
    return length


def read_header(encoded: bytes, *, most_bytes: int) -> tuple[dict[str, Any], int]:
    """The header and its body's size. ValueError: neither of them can be meant."""
    header = json.loads(encoded)
    size = header.get("size") if isinstance(header, dict) else None
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= most_bytes:
        raise ValueError("a message without a sensible size")
    return header, size


def read_message(stream: BinaryIO, *, most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """The next message, None at the end. The child's side: it waits."""
    prefix = stream.read(PREFIX_BYTES)
    if len(prefix) < PREFIX_BYTES:
        return None
    header, size = read_header(stream.read(header_length(prefix)), most_bytes=most_bytes)
    return header, stream.read(size)


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """Read back by `recipe_from_json`."""
    return asdict(recipe)


def recipe_from_json(told: dict[str, Any]) -> Recipe:
    """ValueError or KeyError: not a recipe."""
    masks = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in told["masks"])
    mark = told["mark"]
    return Recipe(
        masks, Faces(told["faces"]), Mark(**{**mark, "details": tuple(mark["details"])}) if mark else None
    )
