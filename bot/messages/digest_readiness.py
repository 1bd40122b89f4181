"""Of the digest and the review: training, certificates that run out, patrols. Quiet when all is well."""

from __future__ import annotations

from typing import Any

from bot.domain.digest import DigestKind
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.labels import kind_label
from bot.messages.paper import Block, heading, table

Params = dict[str, Any]
MOST_SHOWN = 2
MOST_NAMED = 4
TOPIC_LIMIT = 60


def readiness(p: Params, language: Language) -> list[str]:
    """Short lines; a row kept from before readiness was told has none."""
    found = p.get("readiness")
    if not found:
        return []
    lines = [
        language.say(
            "🎫 {name} of {who} ends on {day}",
            name=shorten(one["name"], TOPIC_LIMIT),
            who=language.name(one["who"]),
            day=language.date(one["until"]),
        )
        for one in found["certificates"][:MOST_SHOWN]
    ]
    if p["kind"] == DigestKind.MORNING and found["missed"]:
        names = language.all_of(found["missed"][:MOST_NAMED])
        lines.append(
            language.count(
                "📍 Yesterday {n} place missed rounds of the patrol: {names}",
                "📍 Yesterday {n} places missed rounds of the patrol: {names}",
                len(found["missed"]),
                names=names,
            )
        )
    today = found.get("drills_today", []) if p["kind"] == DigestKind.MORNING else []
    lines += [
        language.say("🧯 A drill is planned for today: {what}", what=_drill(one, language)) for one in today
    ]
    if p["is_drill_overdue"] and p["drilled_on"] and found["next_drill"] and not today:
        lines.append(
            language.say("🧯 The next drill is planned for {day}", day=language.date(found["next_drill"]))
        )
    return [str(line) for line in lines]


def _drill(one: Params, language: Language) -> Markup:
    where = language.name(one["zone"]) if one["zone"] else language.say("whole school")
    return Markup(f"{kind_label(one['kind'], language)} · {where}")


def trainings_table(p: Params, language: Language) -> list[Block]:
    """The training sessions of the span."""
    found = (p.get("readiness") or {}).get("trainings")
    if not found:
        return []
    head = [
        language.say("Day"),
        language.say("Topic"),
        language.say("Outside expert"),
        language.say("There"),
        language.say("Passed"),
    ]
    rows = [
        [one["held_on"], one["topic"], one["expert"] or "–", str(one["there"]), str(one["passed"])]
        for one in found
    ]
    return [heading(language.say("Training held")), table(head, rows, widths=(2.4, 5, 4, 1.6, 1.6))]
