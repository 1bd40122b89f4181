"""What came of an order at loudspeakers, screens and group robots: lines of the card and of the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.i18n import Language, Markup

Params = dict[str, Any]

STATES: dict[str, Callable[[Language, Markup], str]] = {
    "waiting": lambda language, name: language.say("📢 {name}: on its way", name=name),
    "taken": lambda language, name: language.say("📢 {name}: taken", name=name),
    "trying": lambda language, name: language.say(
        "📢 {name}: <b>no answer yet. Ring the bell.</b>", name=name
    ),
    "failed": lambda language, name: language.say("📢 {name}: <b>failed. Ring the bell.</b>", name=name),
    "uncertain": lambda language, name: language.say("📢 {name}: <b>not sure. Ring the bell.</b>", name=name),
    "none": lambda language, name: language.say("📢 <b>No loudspeaker is connected: ring the bell.</b>"),
}


def card_lines(p: Params, language: Language) -> list[str]:
    """One a channel, until the record ends. Without any channel: while the order is in force."""
    if p["ended_at"]:
        return []
    return [
        STATES[one["state"]](language, language.name(one.get("name")))
        for one in p.get("outlets", ())
        if one["state"] != "none" or not p["all_clear_at"]
    ]


def answered(p: Params, language: Language) -> str:
    """For the timeline."""
    return STATES[p["state"]](language, language.name(p["channel"]))
