"""An announcement in messages: which languages and which part of a long text stand in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.announcement import LANGUAGES, Published, Text
from bot.domain.cap import MsgType
from bot.domain.parts import split, units

# Telegram's 4096 units, without what stands around the text: marks, number, time, issuer, address, buttons' words.
ROOM = 3300


@dataclass(frozen=True, slots=True)
class Page:
    """One message. `number` of `total` counts the parts of one language's text; 1 of 1 when it is whole."""

    texts: dict[str, Text]
    number: int = 1
    total: int = 1
    is_last: bool = True


def pages_for(published: Published, locale: str) -> list[Page]:
    """For one reader: their language, else the one there is."""
    language, _ = published.text(locale)
    return _pages(published, (language,))


def pages_in_all(published: Published) -> list[Page]:
    """For everybody: all languages in one message when they fit, else one after the other."""
    there = [language for language in LANGUAGES if language in published.texts]
    if (
        published.msg_type is not MsgType.CANCEL
        and sum(_length(published.texts[language]) for language in there) <= ROOM
    ):
        return [Page({language: published.texts[language] for language in there})]
    return _pages(published, there)


def _pages(published: Published, languages: Sequence[str]) -> list[Page]:
    if published.msg_type is MsgType.CANCEL:
        # That it no longer holds is short, however long it was.
        return [Page({language: _head_of(published.texts[language]) for language in languages})]
    found: list[Page] = []
    for language in languages:
        text = published.texts[language]
        parts = split(text.body, max(ROOM - units(text.title), ROOM // 2))
        found += [
            Page({language: Text(part, text.title)}, index, len(parts), is_last=False)
            for index, part in enumerate(parts, 1)
        ]
    last = found.pop()
    return [*found, Page(last.texts, last.number, last.total)]


def _head_of(text: Text) -> Text:
    return Text(text.headline, text.title)


def _length(text: Text) -> int:
    return units(text.title) + units(text.body)
