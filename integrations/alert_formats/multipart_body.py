"""Multipart as cameras write it: false lengths, LF or CRLF or both, no last boundary.

Lengths are not believed; a part ends at the next boundary line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.alert_format import AlertFlaw, AlertFormatError

# DESIGN.md, section 3: with pictures, 413 over 8 MiB.
MAX_MULTIPART_BYTES = 8 * 1024 * 1024
MAX_PARTS = 32
_MAX_HEAD_BYTES = 8 * 1024
_MAX_MARKS = 1_000

_BOUNDARY = re.compile(r"""\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,"]{1,200}))""", re.IGNORECASE)
_FIRST_LINE = re.compile(rb"\s*--([^\s]{1,200})[ \t]*\r?\n")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True)
class Part:
    """One part: its type in lower case without parameters, what it says of its field and file, its bytes."""

    content_type: str
    disposition: str
    data: bytes


def is_multipart(data: bytes, content_type: str) -> bool:
    """Whether it says so, or looks so: alert streams are cut out of answers that have no header."""
    return content_type.lower().lstrip().startswith("multipart/") or data[:64].lstrip().startswith(b"--")


def read_parts(data: bytes, content_type: str) -> list[Part]:
    """The parts in order, at least one."""
    if len(data) > MAX_MULTIPART_BYTES:
        raise AlertFormatError(AlertFlaw.TOO_BIG, limit=MAX_MULTIPART_BYTES)
    pieces = _split(data, b"--" + _boundary(data, content_type))
    if len(pieces) > MAX_PARTS:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_PARTS)
    parts = [_part(piece) for piece in pieces if piece.strip()]
    if not parts:
        raise AlertFormatError(AlertFlaw.NOT_MULTIPART)
    return parts


def _split(data: bytes, mark: bytes) -> list[bytes]:
    """What stands between boundary lines, from each line's own end on."""
    pieces: list[bytes] = []
    start, at = None, data.find(mark)
    for _ in range(_MAX_MARKS):
        if at < 0:
            break
        end = at + len(mark)
        if _is_line(data, at, end):
            if start is not None:
                pieces.append(data[start:at])
            start = None if data[end : end + 2] == b"--" else end
        at = data.find(mark, end)
    else:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_PARTS)
    return pieces if start is None else [*pieces, data[start:]]


def _is_line(data: bytes, at: int, end: int) -> bool:
    after = data[end : end + 4].removeprefix(b"--").lstrip(b" \t")
    return after[:1] in (b"", b"\r", b"\n") and (
        data[at - 1 : at] == b"\n" or not data[: min(at, 64)].strip()
    )


def _boundary(data: bytes, content_type: str) -> bytes:
    """The one that the body opens with: the header's may carry the two dashes, or be another one."""
    stated = _BOUNDARY.search(content_type[:1_000])
    word = (stated[1] or stated[2]).encode("utf-8", "replace") if stated else b""
    if word and (data.lstrip().startswith(b"--" + word) or b"\n--" + word in data):
        return word
    if first := _FIRST_LINE.match(data[:1_000]):
        return first[1]
    raise AlertFormatError(AlertFlaw.NOT_MULTIPART)


def _part(piece: bytes) -> Part:
    """Headers, blank line, data; `piece` opens with the rest of its boundary line, and ends with a line end."""
    piece = piece.removesuffix(b"\n").removesuffix(b"\r")
    blank = _BLANK_LINE.search(piece[:_MAX_HEAD_BYTES])
    if blank is None:
        raise AlertFormatError(AlertFlaw.NOT_MULTIPART)
    if not piece[: blank.start()].strip():  # no header at all
        return Part("", "", piece[blank.end() :])
    headers: dict[str, str] = {}
    for line in piece[: blank.start()].decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Part(kind, headers.get("content-disposition", ""), piece[blank.end() :])
