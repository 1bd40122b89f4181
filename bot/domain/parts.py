"""A long text in numbered parts, each ending where a sentence does."""

from __future__ import annotations

import re

# What ends a sentence in both languages, with the quotes and brackets that close behind it; or the end of a line.
_END = re.compile(r"[。！？!?…；;]+[”’」』）)\"']*\s*|\.(?=\s)[”’)\"']*\s*|\n+")
_SOFT = re.compile(r"[，、,:：]\s*|\s+")


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def split(text: str, room: int) -> list[str]:
    """`text` in order, nothing left out but the blanks between parts; each part at most `room` units long.

    Where no sentence ends it is cut at a comma or a blank, and a word longer than `room` inside itself.
    """
    parts: list[str] = []
    while units(text) > room:
        cut = _cut(text, room)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text] if text or not parts else parts


def _cut(text: str, room: int) -> int:
    most = _characters(text, room)
    for pattern in (_END, _SOFT):
        ends = [match.end() for match in pattern.finditer(text, 0, most) if match.end() <= most]
        # A part that is hardly begun would only make more of them.
        if ends and ends[-1] > most // 2:
            return ends[-1]
    return most


def _characters(text: str, room: int) -> int:
    """How many characters from the front take at most `room` units; at least one, and no pair torn."""
    used = 0
    for index, character in enumerate(text):
        used += 1 + (ord(character) > 0xFFFF)  # noqa: PLR2004 - outside the basic plane: two units
        if used > room:
            return max(index, 1)
    return len(text)
