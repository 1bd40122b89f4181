"""How much fits into one message."""

from __future__ import annotations

from collections.abc import Sequence

# Bot API: a message holds 4096 UTF-16 units; the mark of a drill and of a repeat stand in front.
ROOM = 4000


def first_that_fit(texts: Sequence[str], room: int = ROOM) -> list[str]:
    """As many from the front as fit, each with a line or an empty line between."""
    kept: list[str] = []
    for text in texts:
        room -= length(text) + 2
        if room < 0:
            break
        kept.append(text)
    return kept


def length(text: str) -> int:
    """In UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2
