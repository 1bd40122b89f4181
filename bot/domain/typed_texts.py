"""An announcement as somebody types it: one language, or both with a line of dashes between."""

from __future__ import annotations

import re

from bot.domain.announcement import Text
from bot.domain.text import clean_text

_BETWEEN = re.compile(r"\n\s*[-—–─]{2,}\s*\n")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
# Fewer Chinese characters than this among English words are a name: "Meet at 操场 at once".
_FEW = 4


def read_texts(words: str) -> dict[str, Text]:
    """By language; the key is "" where the script does not tell, then it is the author's language.

    Nothing is translated: the script only tells which of the two languages somebody wrote.
    """
    parts = [part for part in _BETWEEN.split(clean_text(words)) if part.strip()]
    found = {language_of(part): Text.read(part) for part in parts}
    if len(found) == len(parts):
        return found
    whole = clean_text(words)
    return {language_of(whole): Text.read(whole)}


def language_of(words: str) -> str:
    """`zh_Hans`, `en`, or "" for neither."""
    han, latin = len(_HAN.findall(words)), len(_LATIN.findall(words))
    if not han:
        return "en" if latin else ""
    return "en" if han < _FEW and latin > 2 * han else "zh_Hans"
