"""Inspections of equipment in chat: what is due, the picture, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language
from bot.messages.equipment import kind_label, where
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
MOST_LINES = 12
MOST_BUTTONS = 8
LABEL_LIMIT = 40
WORDS_SHOWN = 300


def due(p: Params, language: Language) -> Rendered:
    """All of one person's, each with a button."""
    if not p["items"]:
        return Rendered(language.say("🧰 No inspection is due."))
    lines: list[str] = [
        language.count(
            "🧰 <b>{n} inspection of equipment</b>", "🧰 <b>{n} inspections of equipment</b>", len(p["items"])
        ),
        *_lines(p["items"], language),
        language.say("Look at it, press its number, and send a photo."),
    ]
    return Rendered("\n".join(lines), _buttons(p["items"], language))


def _lines(items: Sequence[Params], language: Language) -> list[str]:
    lines: list[str] = first_that_fit([_line(one, language) for one in items[:MOST_LINES]], ROOM - 500)
    if len(items) > len(lines):
        lines.append(language.say("… and {n} more", n=len(items) - len(lines)))
    return lines


def _line(one: Params, language: Language) -> str:
    label = kind_label(one["kind"], language)
    number = shorten(one["number"], LABEL_LIMIT)
    text = language.say("• {kind} {number}, {place}", kind=label, number=number, place=where(one, language))
    if not one["due_on"]:
        return text
    day = language.date(one["due_on"])
    if one["is_overdue"]:
        return text + language.say(": ⚠️ overdue since {day}", day=day)
    return text + language.say(": by {day}", day=day)


def _buttons(items: Sequence[Params], language: Language) -> tuple[tuple[Button, ...], ...]:
    buttons = [
        Button(
            language.say("✅ {number}", number=shorten(one["number"], LABEL_LIMIT)),
            Press(Verb.INSPECT, one["id"]),
        )
        for one in items[:MOST_BUTTONS]
    ]
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def photo(p: Params, language: Language) -> Rendered:
    """The next picture is the proof."""
    head = language.say("📷 Please send a photo of it now. What is wrong with it, write below the photo.")
    return Rendered(f"{head}\n{_line(p, language)}")


def done(p: Params, language: Language) -> Rendered:
    """To who has looked, with what else is due; to the safety office when something was written."""
    lines: list[str] = [
        language.say(
            "✅ {kind} {number} was inspected by {who}",
            kind=kind_label(p["kind"], language),
            number=shorten(p["number"], LABEL_LIMIT),
            who=language.name(p["who"]),
        )
    ]
    if p["words"]:
        lines.append(language.say("“{words}”", words=shorten(p["words"], WORDS_SHOWN)))
    if p["due_on"]:
        lines.append(language.say("Next: {day}", day=language.date(p["due_on"])))
    if not p["is_own"]:
        return Rendered("\n".join(lines))
    undo = (Button(language.say("↩ Undo"), Press(Verb.INSPECT_UNDO, p["inspection"])),)
    if not p["left"]:
        return Rendered("\n".join(lines), (undo,))
    lines += ["", language.say("Still due:"), *_lines(p["left"], language)]
    return Rendered("\n".join(lines), (*_buttons(p["left"], language), undo))


def undone(p: Params, language: Language) -> Rendered:
    """As it was before."""
    head = language.say("↩ The inspection is taken back.")
    return Rendered(f"{head}\n{_line(p, language)}")


def overdue(p: Params, language: Language) -> Rendered:
    """To the safety office: whose."""
    lines: list[str] = [
        language.count(
            "🧰 <b>{n} inspection is overdue</b>", "🧰 <b>{n} inspections are overdue</b>", len(p["items"])
        ),
        *_lines(p["items"], language),
    ]
    people = {one["custodian"]["zh"]: one["custodian"] for one in p["items"] if one["custodian"]}
    if people:
        lines.append(language.say("Kept by {who}", who=language.all_of(list(people.values())[:MOST_LINES])))
    return Rendered("\n".join(lines))
