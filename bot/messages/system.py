"""What Muster says about itself: trouble with delivery, and that a text was kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.media import MediaKind
from bot.domain.message import Rendered
from bot.i18n import Language, Markup

Params = dict[str, Any]


def kept(p: Params, language: Language) -> Rendered:
    """What joined the incident of who reports, or stands at the scene. `n`: to how many people it goes in private."""
    receipt = _receipt(p, language)
    if not p.get("is_over"):
        return Rendered(receipt)
    over = language.say("<b>{number} is over.</b> In danger again? Press 🆘 SOS.", number=p["number"])
    return Rendered(f"{over}\n{receipt}")


def _receipt(p: Params, language: Language) -> str:
    if p.get("media") == MediaKind.VOICE:
        return language.say("🎙 {number}: your voice note is on record and is passed on.", number=p["number"])
    if p.get("media") and p.get("n"):
        return language.count(
            "📷 {number}: on record. {n} person who may see pictures gets it in private; the topic does not show it. Please write what it shows.",
            "📷 {number}: on record. {n} people who may see pictures get it in private; the topic does not show it. Please write what it shows.",
            p["n"],
            number=p["number"],
        )
    if p.get("media"):
        return language.say(
            "✍️ {number}: it is on record that you sent a picture or file. The command centre sees words only: please write what it shows.",
            number=p["number"],
        )
    return language.say("✍️ Added to {number}; the command centre can read it.", number=p["number"])


def trouble(p: Params, language: Language) -> Rendered:
    """To the command centre: somebody or something could not be reached, and what to do about it."""
    names = language.all_of(p["subjects"])
    text = TROUBLES.get(p["problem"], TROUBLES["rejected"])(language, names)
    more = (
        language.count("({n} more not listed)", "({n} more not listed)", p["more"]) if p.get("more") else ""
    )
    return Rendered(f"⚠️ {text} {more}".rstrip())


TROUBLES: dict[str, Callable[[Language, Markup], str]] = {
    "chat_gone": lambda language, names: language.say(
        "No chat message reaches {names} (blocked, or never started). Tell them by voice.", names=names
    ),
    "not_connected": lambda language, names: language.say(
        "Not connected to Muster: {names}. Tell them by voice.", names=names
    ),
    "topic_refused": lambda language, names: language.say(
        "{names}: Telegram refuses a topic here; its messages come to General. Is the bot allowed to manage topics?",
        names=names,
    ),
    "uncertain": lambda language, names: language.say(
        "It is not certain whether an urgent message arrived: {names}. Check by voice.", names=names
    ),
    "picture_not_deleted": lambda language, names: language.say(
        "A camera picture could not be deleted from the private chat of {names}. Ask them to delete it.",
        names=names,
    ),
    "centre_gone": lambda language, _: language.say(
        "The bot is not in the command centre's group any more. Let it in again, as an administrator who may manage topics. What belongs there is kept and posted then; until then write to the bot in private, with the incident's number."
    ),
    "channel_failed": lambda language, names: language.say(
        "Channel {names}: it refuses a message. Make it known some other way.", names=names
    ),
    "channel_partly": lambda language, names: language.say(
        "Channel {names}: some of its recipients are refused; their addresses may be wrong.", names=names
    ),
    "channel_uncertain": lambda language, names: language.say(
        "Channel {names}: it is not certain whether a message arrived there. Check.", names=names
    ),
    "rejected": lambda language, names: language.say(
        "A message could not be delivered: {names}", names=names
    ),
}


def pin(p: Params, language: Language) -> Rendered:
    """A pin has no words."""
    return Rendered("")
