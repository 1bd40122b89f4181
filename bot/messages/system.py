"""What Muster says about itself: trouble with delivery, and that a text was kept."""

from __future__ import annotations

from typing import Any

from bot.domain.message import Rendered
from bot.i18n import Language

Params = dict[str, Any]


def kept(p: Params, language: Language) -> Rendered:
    """Free text that joined the reporter's incident."""
    return Rendered(language.say("✍️ Added to {number}; the command centre can read it.", number=p["number"]))


def trouble(p: Params, language: Language) -> Rendered:
    """To the command centre: somebody or something could not be reached."""
    if p.get("who"):
        return Rendered(
            language.say(
                "⚠️ Muster cannot reach {who} by chat (blocked, or never started). Tell them by voice.",
                who=language.name(p["who"]),
            )
        )
    return Rendered(language.say("⚠️ A message could not be delivered: {error}", error=p.get("error", "")))


def pin(p: Params, language: Language) -> Rendered:
    """A pin has no words."""
    return Rendered("")
