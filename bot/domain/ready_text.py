"""Ready-made announcements: both languages written beforehand, with blanks that the incident fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.domain.announcement import LANGUAGES, Asks, Text
from bot.domain.audience import Audience
from bot.domain.incident import Kind
from bot.domain.response import ResponseAction

_BLANK = re.compile(r"\{([a-z_]+)\}")


class Blank(StrEnum):
    """What a ready-made text leaves open; filled in from the incident, never typed."""

    PLACE = "place"
    POINT = "point"
    TIME = "time"
    SCHOOL = "school"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class ReadyText:
    """One of them. `kind` and `action` None: fits any. `is_life_safety`: a commander's one confirmation is enough."""

    id: str
    name: Mapping[str, str]
    texts: Mapping[str, Text]
    kind: Kind | None = None
    action: ResponseAction | None = None
    audience: Audience = field(default_factory=Audience)
    asks: Asks = Asks.NONE
    is_life_safety: bool = False
    holds_for: timedelta | None = None

    def __post_init__(self) -> None:
        for language in LANGUAGES:
            text = self.texts[language]
            unknown = set(_BLANK.findall(text.title + text.body)) - set(Blank)
            if unknown or not self.name.get(language):
                raise ValueError(f"{self.id}: {language}: {', '.join(sorted(unknown)) or 'no name'}")

    @property
    def blanks(self) -> frozenset[Blank]:
        """What it leaves open."""
        words = "".join(text.title + text.body for text in self.texts.values())
        return frozenset(Blank(name) for name in _BLANK.findall(words))

    def fits(self, kind: Kind | None, action: ResponseAction | None) -> bool:
        """Whether it is worth offering for such an incident."""
        return self.kind in (None, kind) and self.action in (None, action)

    def fill(self, values: Mapping[str, Mapping[Blank, str]]) -> dict[str, Text]:
        """The texts with their blanks filled in; `values` by language."""
        return {
            language: Text(_fill(text.body, values[language]), _fill(text.title, values[language]))
            for language, text in self.texts.items()
        }


def _fill(text: str, values: Mapping[Blank, str]) -> str:
    return _BLANK.sub(lambda match: values[Blank(match[1])], text)
