"""The drill calendar in chat."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.i18n import Language, Markup
from bot.messages.labels import kind_label
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
MOST_BUTTONS = 8


def calendar(p: Params, language: Language) -> Rendered:
    """The duty first, then what is planned and what was held."""
    lines = [language.say("🧯 <b>Drills</b>"), *_duty(p, language)]
    lines.append(language.say("<b>Planned</b>") if p["planned"] else language.say("No drill is planned."))
    lines += [_planned(one, language) for one in p["planned"]]
    if p["held"]:
        lines.append(language.say("<b>Held</b>"))
        lines += [
            Markup(f"{one['day']} {_what(one, language)} · {one['number']}") for one in reversed(p["held"])
        ]
    lines.append(
        language.say(
            "New: <code>/drills 2026-12-05 fire A3 who is told beforehand</code>. To start one: /drill."
        )
    )
    rows = tuple(
        (
            Button(
                language.say("✖️ Not on {day}: {what}", day=one["day"], what=_what(one, language)),
                Press(Verb.DRILL_DROP, one["drill"]),
            ),
        )
        for one in p["planned"][:MOST_BUTTONS]
    )
    return Rendered("\n".join(first_that_fit([str(line) for line in lines], ROOM)), rows)


def _duty(p: Params, language: Language) -> list[Markup]:
    days = language.say("At least one every {n} days.", n=p["days"])
    if p["held_on"]:
        days = language.say(
            "At least one every {n} days; the last was on {day}.", n=p["days"], day=p["held_on"]
        )
    if p["is_overdue"]:
        return [days, language.say("⚠️ Overdue since {day}.", day=p["due_on"])]
    return [days, language.say("The next by {day}.", day=p["due_on"])]


def _what(one: Params, language: Language) -> Markup:
    place = f" · {language.name(one['zone'])}" if one["zone"] else ""
    return Markup(f"{kind_label(one['kind'], language)}{place}")


def _planned(one: Params, language: Language) -> Markup:
    line = language.say("{day} {what}", day=one["day"], what=_what(one, language))
    if not one["told"]:
        return line
    told = language.say("told beforehand: {who}", who=one["told"])
    return Markup(f"{line} · {told}")


def due(p: Params, language: Language) -> Rendered:
    """A drill is overdue, or one is planned for today."""
    if p["is_today"]:
        head = language.say("🧯 <b>A drill is planned for today</b>")
    else:
        head = language.say("⚠️ <b>A drill has been overdue since {day}</b>", day=p["due_on"])
    lines = [head, *([] if p["is_today"] else _duty(p, language)[:1])]
    lines += [_planned(one, language) for one in p["planned"]]
    if not p["planned"]:
        lines.append(language.say("No drill is planned. Plan one: /drills"))
    return Rendered("\n".join(lines))
