"""What is answered and refused about equipment; others' tables take it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.text import shorten
from bot.errors import Reason
from bot.i18n import Language

Params = dict[str, Any]
Sentences = Callable[[Params, Language], str]
WORD_LIMIT = 40

DONE: dict[Done, Sentences] = {
    Done.PHOTO_AWAITED: lambda p, language: language.say("Please send a photo of it now."),
    Done.INSPECTION_UNDONE: lambda p, language: language.say(
        "{number}: the inspection is taken back.", number=shorten(p["number"], WORD_LIMIT)
    ),
}

REFUSALS: dict[Reason, Sentences] = {
    Reason.UNKNOWN_EQUIPMENT: lambda p, language: language.say(
        "“{word}” is neither equipment nor a place. /equipment alone shows what there is.",
        word=shorten(p["word"], WORD_LIMIT),
    ),
    Reason.EQUIPMENT_GONE: lambda p, language: language.say(
        "It is no longer on the list of equipment. /inspections shows what is due."
    ),
    Reason.INSPECTION_OVER: lambda p, language: language.say(
        "{number}: that inspection was taken back already, or its day was changed since.",
        number=shorten(p["number"], WORD_LIMIT),
    ),
}
