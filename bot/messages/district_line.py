"""What came of notices to the district: lines of the card and of the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.i18n import Language, Markup

Params = dict[str, Any]

STATES: dict[str, Callable[[Language, Markup], str]] = {
    "waiting": lambda language, name: language.say("📤 {name}: notice on its way", name=name),
    "taken": lambda language, name: language.say("📤 {name}: notice taken", name=name),
    "trying": lambda language, name: language.say("📤 {name}: no answer yet, tried again", name=name),
    "failed": lambda language, name: language.say(
        "📤 {name}: <b>notice failed. Report by phone.</b>", name=name
    ),
    "uncertain": lambda language, name: language.say("📤 {name}: <b>not sure. Ask by phone.</b>", name=name),
}


def card_lines(p: Params, language: Language) -> list[str]:
    """One a platform that was told."""
    return [STATES[one["state"]](language, language.name(one["name"])) for one in p.get("district", ())]


def answered(p: Params, language: Language) -> str:
    """For the timeline."""
    return STATES[p["state"]](language, language.name(p["channel"]))


def sent(p: Params, language: Language) -> str:
    """For the timeline."""
    return language.say(
        "📤 {who} sends notice {n} to {names}",
        who=language.name(p["actor"]),
        n=p["n"],
        names=language.all_of(p["channels"]),
    )
