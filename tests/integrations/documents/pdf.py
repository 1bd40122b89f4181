"""Reads back what typst has written: pages and their words. No reader for other programs' PDFs."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"^(\d+) 0 obj\n(.*?)\nendobj", re.MULTILINE | re.DOTALL)
_STREAM = re.compile(rb"/Length (\d+).*?>>\nstream\r?\n", re.DOTALL)
# What is shown: (bytes) or <hex> Tj, or [(bytes) kerning <hex>] TJ; a backslash or a lone bracket inside is escaped,
# a pair of brackets is not.
_SHOWN = re.compile(rb"\(((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*)\)|<([0-9a-fA-F]*)>", re.DOTALL)
_LINE = re.compile(rb"BT\b(.*?)\nET", re.DOTALL)
# What a reader copies instead of the glyph: here the letter with a break after it.
_SPOKEN = re.compile(rb"/ActualText ?(?:<[^>]*>|\((?:[^\\()]|\\.)*\))", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_BREAKS = str.maketrans("", "", " \u00a0\u200b")


class Pdf:
    """A document by pages; `words(n)` is what page `n`, counted from 0, shows, without any spaces."""

    def __init__(self, content: bytes) -> None:
        assert content.startswith(b"%PDF-")
        self._objects = {int(number): body for number, body in _OBJECT.findall(content)}
        self._pages = [body for body in self._objects.values() if b"/Type/Page/" in body]
        [declared] = re.findall(rb"/Type/Pages/Count (\d+)", content)
        assert int(declared) == len(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def words(self, page: int) -> str:
        return "".join(self.lines(page))

    def lines(self, page: int) -> list[str]:
        """Each run of text as it is shown, without spaces."""
        body = self._pages[page]
        letters = self._letters(body)
        shown = self._stream(_reference(body, b"Contents"))
        return [
            "".join(_decoded(*part, letters) for part in _SHOWN.findall(_SPOKEN.sub(b"", line))).translate(
                _BREAKS
            )
            for line in _LINE.findall(shown)
        ]

    def _letters(self, page: bytes) -> dict[int, str]:
        """The one font's glyphs as letters."""
        resources = self._objects[_reference(page, b"Resources")]
        fonts = re.findall(rb"/f\d+ (\d+) 0 R", resources)
        assert len(fonts) == 1
        table = self._stream(_reference(self._objects[int(fonts[0])], b"ToUnicode"))
        pairs = re.findall(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>\n", table)
        return {int(glyph, 16): bytes.fromhex(letter.decode()).decode("utf-16-be") for glyph, letter in pairs}

    def _stream(self, number: int) -> bytes:
        body = self._objects[number]
        start = _STREAM.search(body)
        assert start
        return zlib.decompress(body[start.end() : start.end() + int(start[1])])


def _reference(body: bytes, key: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % key, body)
    assert found, key
    return int(found[1])


def _decoded(literal: bytes, digits: bytes, letters: dict[int, str]) -> str:
    raw = bytes.fromhex(digits.decode()) if digits else _ESCAPE.sub(_unescaped, literal)
    return "".join(letters[int.from_bytes(raw[at : at + 2], "big")] for at in range(0, len(raw), 2))


def _unescaped(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return bytes([int(escaped, 8)]) if escaped[:1].isdigit() else _ESCAPED.get(escaped, escaped)
