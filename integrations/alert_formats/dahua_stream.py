"""Dahua's attached event stream, cut into events as its bytes arrive.

The stated lengths are false on real devices, and waiting for the next boundary would delay an alarm until the next
heartbeat: an event goes out as soon as it is complete in itself.
"""

from __future__ import annotations

import json
import re

# The longest real events have about 20 KB of tracks and polygons.
MAX_EVENT_BYTES = 64 * 1024
_BOUNDARY = re.compile(r"""\bboundary\s*=\s*"?(?:--)?([^\s;,"]{1,100})""", re.IGNORECASE)
_PRESET_BOUNDARY = "myboundary"
_HEAD = re.compile(r"\s*(?:[A-Za-z-]+:[^\n]*\n)*\s*")
_DATA = ";data="


class EventStream:
    """An incremental splitter: `feed` what was read, take the events' texts for `parse_block`.

    Never raises and never grows: an event beyond the cap is dropped, up to its boundary, and counted.
    """

    def __init__(self, content_type: str = "") -> None:
        found = _BOUNDARY.search(content_type[:1_000])
        self._mark = b"--" + (found[1] if found else _PRESET_BOUNDARY).encode("utf-8", "replace")
        self._rest = b""
        self._is_open = False  # nothing counts before the first boundary
        self.dropped = 0

    def feed(self, data: bytes) -> list[str]:
        """The events that are complete with these bytes."""
        events: list[str] = []
        for start in range(0, len(data), MAX_EVENT_BYTES):
            *whole, self._rest = (self._rest + data[start : start + MAX_EVENT_BYTES]).split(self._mark)
            for piece in whole:
                events += self._closed(piece)
                self._is_open = True
            events += self._early()
        return events

    def close(self) -> list[str]:
        """What the stream's end completes."""
        rest, self._rest = self._rest, b""
        return self._closed(rest)

    def _closed(self, piece: bytes) -> list[str]:
        """The event that a boundary or the end has completed."""
        if not self._is_open:
            return []
        if len(piece) > MAX_EVENT_BYTES:
            self.dropped += 1
            return []
        text = _content(piece)
        return [text] if _is_event(text) else []

    def _early(self) -> list[str]:
        """The open event, if it is complete in itself."""
        if self._is_open and len(self._rest) > MAX_EVENT_BYTES:
            self._is_open = False
            self.dropped += 1
        if not self._is_open:
            self._rest = self._rest[-len(self._mark) :]
            return []
        if not self._rest.endswith((b"\n", b"}", b"]")):
            return []
        text = _content(self._rest)
        if not _is_complete(text):
            return []
        self._rest = b""
        return [text]


def _content(piece: bytes) -> str:
    text = piece.decode("utf-8", errors="replace").replace("\r\n", "\n")
    head = _HEAD.match(text)
    return text[head.end() :].rstrip() if head else text.strip()


def _is_event(text: str) -> bool:
    return text.startswith(("Code=", "{", "[")) or text.casefold() == "heartbeat"


def _is_complete(text: str) -> bool:
    """Whether it needs no more bytes: its JSON closes, or it has none and its line is over."""
    if not _is_event(text):
        return False
    data = text.partition(_DATA)[2] if text.startswith("Code=") else text
    if not data.startswith(("{", "[")):
        return True
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
