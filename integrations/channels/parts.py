"""A long text in parts that a channel takes: cut at sentence ends, each part numbered and marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.bulletin import Bulletin, Wording

# Chinese sentences need no space after their end; a closing quote or bracket belongs to the sentence.
_SENTENCE: Final = re.compile(r".*?(?:[。！？；…][”’』」）】]*|[.!?;]['\")\]]*(?=\s)|\n)\s*|.+", re.DOTALL)
_WORD: Final = re.compile(r"\S*\s+|\S+")
_NUMBER: Final = "({n}/{of}) "
# As long as `(999/999) ` may become.
_NUMBER_BYTES: Final = 10


def size(text: str) -> int:
    """In bytes of UTF-8, as the robots count."""
    return len(text.encode("utf-8", "replace"))


def in_one(bulletin: Bulletin) -> str:
    """All languages below each other, each behind its own title."""
    return "\n\n".join(_whole(bulletin, wording) for wording in bulletin.wordings)


def mark_of(bulletin: Bulletin) -> str:
    """The drill's mark in the first language, for every part of a long text."""
    return bulletin.wordings[0].mark


def _whole(bulletin: Bulletin, wording: Wording) -> str:
    return f"{wording.headline}\n{wording.body(bulletin.link)}".strip()


def split(text: str, limit: int, *, mark: str = "") -> list[str]:
    """The text itself when it fits into `limit` bytes, else numbered parts; `mark` opens each of them."""
    if size(text) <= limit:
        return [text]
    room = limit - _NUMBER_BYTES - size(mark)
    pieces = [piece.strip() for piece in _packed(text, room)]
    pieces = [piece for piece in pieces if piece]
    of = len(pieces)
    return [_numbered(piece, n, of, mark) for n, piece in enumerate(pieces, 1)]


def _numbered(piece: str, n: int, of: int, mark: str) -> str:
    """The first part often opens with the mark anyway."""
    opening = "" if piece.startswith(mark) else mark
    return f"{_NUMBER.format(n=n, of=of)}{opening}{piece}"


def _packed(text: str, room: int) -> Iterator[str]:
    """As many sentences together as fit; one that does not fit alone is cut between words, a word between letters."""
    held = ""
    for piece in _pieces(text, room):
        if held and size(held + piece.rstrip()) > room:
            yield held
            held = ""
        held += piece
    yield held


def _pieces(text: str, room: int) -> Iterator[str]:
    for sentence in _SENTENCE.findall(text):
        if size(sentence.rstrip()) <= room:
            yield sentence
            continue
        for word in _WORD.findall(sentence):
            yield from _letters(word, room)


def _letters(word: str, room: int) -> Iterator[str]:
    while size(word) > room:
        head = word.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
        yield head
        word = word[len(head) :]
    yield word
