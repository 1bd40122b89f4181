"""Telegram HTML cut to what one message holds, without tearing a tag or an entity."""

from __future__ import annotations

import html
import re
from typing import Final

MAX_TEXT: Final = 4096
"""UTF-16 units after entities are read: https://core.telegram.org/bots/api#sendmessage"""

_TOKEN = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);|[^<&]+|[<&]")
_TAG = re.compile(r"</?[a-zA-Z][\w-]*[^<>]*>")


def fit(text: str, limit: int = MAX_TEXT) -> str:
    """The text itself when it fits; else its beginning, ending in …, every open tag closed."""
    if _units(text) <= limit or _units(plain(text)) <= limit:
        return text
    return _cut(text, limit - 1)


def plain(text: str) -> str:
    """What is left of the HTML for the eye."""
    return html.unescape(_TAG.sub("", text))


def _cut(text: str, room: int) -> str:
    kept: list[str] = []
    open_tags: list[str] = []
    for match in _TOKEN.finditer(text):
        token, tag = match[0], match[2]
        if tag:
            _follow(open_tags, tag, is_end=bool(match[1]))
            kept.append(token)
            continue
        size = _units(html.unescape(token))
        if size > room:
            kept.append(_start_of(token, room))
            break
        room -= size
        kept.append(token)
    return "".join(kept) + "…" + "".join(f"</{tag}>" for tag in reversed(open_tags))


def _follow(open_tags: list[str], tag: str, *, is_end: bool) -> None:
    if not is_end:
        open_tags.append(tag)
    elif open_tags and open_tags[-1] == tag:
        open_tags.pop()


def _start_of(token: str, room: int) -> str:
    """The first `room` units of a piece of text; of an entity, nothing."""
    if token.startswith("&"):
        return ""
    return token.encode("utf-16-le", "replace")[: room * 2].decode("utf-16-le", "ignore")


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
