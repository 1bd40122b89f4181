"""What somebody writes who is in it, to those who deal with it; and the question where a caller for help is."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.incident import IN_FORCE, Status
from bot.domain.message import Rendered
from bot.i18n import Language, Markup
from bot.messages.headcount import class_name
from bot.messages.labels import kind_label, status_label

Params = dict[str, Any]

# Two screens of a phone; the newest stand at the end.
SAID = 2000


def words(p: Params, language: Language) -> Rendered:
    """Who, how to reach them, about what, and all that they wrote since the last of these."""
    said = "\n".join(_line(line, language) for line in p["said"])
    said = said if len(said) <= SAID else f"…{said[1 - SAID :]}"
    return Rendered(
        "\n".join([_who(p, language), _about(p, language), language.say("“{words}”", words=said)])
    )


def _line(line: Params, language: Language) -> str:
    """What was written, or what a button says, in plain text."""
    if line.get("words"):
        return str(line["words"])
    parts = [kind_label(line["kind"], language)] if line.get("kind") else []
    return html.unescape(" · ".join([*parts, *([language.name(line["zone"])] if line.get("zone") else [])]))


def _who(p: Params, language: Language) -> Markup:
    """`class` is None for who did not call for help."""
    who = language.name(p["who"])
    if p["class"] is None:
        return Markup(" · ".join([Markup(f"✍️ <b>{who}</b>"), *phone(p["phone"], language)]))
    return call(who, p["class"], p["phone"], language)


def call(who: Markup, school_class: str, number: str, language: Language) -> Markup:
    """Somebody, or a whole class, needs help."""
    parts = [language.say("🆘 <b>{who} needs help</b>", who=who)]
    parts += [class_name(school_class, language)] if school_class else []
    return Markup(" · ".join([*parts, *phone(number, language)]))


def phone(number: str, language: Language) -> list[Markup]:
    """Nothing when it is not known."""
    return [language.say("phone {phone}", phone=number)] if number else []


def _about(p: Params, language: Language) -> Markup:
    parts = [p["number"], kind_label(p["kind"], language)]
    parts += [language.name(p["zone"])] if p["zone"] else []
    parts += [] if Status(p["status"]) in IN_FORCE else [status_label(p["status"], language)]
    return Markup(" · ".join(parts))


def ask_where(_: Params, language: Language) -> Rendered:
    """To who called for help, in private."""
    return Rendered(
        language.say(
            "🆘 Your call is recorded, the command centre is being told. <b>Where are you?</b> Just write it here."
        )
    )
