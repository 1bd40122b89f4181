"""An announcement as one line of an incident's record."""

from __future__ import annotations

from typing import Any

from bot.domain.cap import MsgType
from bot.domain.text import shorten
from bot.i18n import Language, sentence

HEADLINE_SHOWN = 80
SAID = {
    MsgType.ALERT: sentence("📢 {number} published: “{words}”"),
    MsgType.UPDATE: sentence("✏️ {number} corrected: “{words}”"),
    MsgType.CANCEL: sentence("🚫 {number} taken back: “{words}”"),
}


def announced(p: dict[str, Any], language: Language) -> str:
    """Its number and how it begins, in the reader's language if it has it."""
    words = p["headlines"].get(language.locale) or next(iter(p["headlines"].values()))
    return language.say(
        SAID[MsgType(p["msg_type"])], number=p["number"], words=shorten(words, HEADLINE_SHOWN)
    )
