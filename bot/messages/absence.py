"""Who is away today: classes by number, pupils by their short numbers."""

from __future__ import annotations

from typing import Any

from bot.domain.message import Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup

Params = dict[str, Any]

# More classes than this are told in totals: the page of the whole school is elsewhere.
MOST_CLASSES = 4
MOST_LINES = 30
MOST_NUMBERS = 60
NAME_LIMIT = 40


def absences(p: Params, language: Language) -> Rendered:
    """How a morning's word was understood, or what is on record and how to change it."""
    classes = p["classes"]
    if p["is_new"]:
        return Rendered("\n".join([_line(classes[0], language), *_in_the_count(p, language)]))
    has_many = len(classes) > MOST_CLASSES
    lines = _totals(classes, language) if has_many else [_line(one, language) for one in classes]
    change = language.say(
        "To change it: {command} 6 (how many), {command} 17 21 (who), {command} 0 (everybody came).",
        command=shorten(p["command"], NAME_LIMIT),
    )
    return Rendered("\n".join([*lines, change]))


def _in_the_count(p: Params, language: Language) -> list[Markup]:
    if not p.get("must_be_named"):
        return []
    return [
        language.say(
            "The roll call that is running does not change by a number: send {command} #17 #21 (who).",
            command=shorten(p["command"], NAME_LIMIT),
        )
    ]


def _totals(classes: list[Params], language: Language) -> list[Markup]:
    told = [one for one in classes if one["absent"]]
    lines = [_total(one, language) for one in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        lines.append(language.say("… and {n} more classes.", n=len(told) - MOST_LINES))
    lines.append(language.say("Classes with nobody on record as absent: {n}.", n=len(classes) - len(told)))
    return lines


def _total(one: Params, language: Language) -> Markup:
    return language.say(
        "{name}: {absent} absent today, {expected} expected.",
        name=shorten(one["name"], NAME_LIMIT),
        absent=one["absent"],
        expected=one["size"] - one["absent"],
    )


def _line(one: Params, language: Language) -> Markup:
    """By numbers where they are known."""
    name, expected, numbers = shorten(one["name"], NAME_LIMIT), one["size"] - one["absent"], one["numbers"]
    if not one["absent"]:
        return language.say("{name}: nobody absent today, {expected} expected.", name=name, expected=expected)
    if not numbers:
        return _total(one, language)
    shown = [*numbers[:MOST_NUMBERS], *(["…"] if len(numbers) > MOST_NUMBERS else [])]
    if len(numbers) == one["absent"]:
        return language.say(
            "{name}: absent today: No. {numbers}. {expected} expected.",
            name=name,
            numbers=_listed(shown, language),
            expected=expected,
        )
    return language.say(
        "{name}: {absent} absent today, No. {numbers} among them. {expected} expected.",
        name=name,
        absent=one["absent"],
        numbers=_listed(shown, language),
        expected=expected,
    )


def _listed(numbers: list[str], language: Language) -> str:
    return language.listed(shorten(number, 16) for number in numbers)
