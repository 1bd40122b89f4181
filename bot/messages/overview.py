"""Status, the list of incidents, the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.message import Rendered
from bot.i18n import Language, Markup
from bot.messages.incident import action_in_words, has_order_in_force, headline
from bot.messages.labels import kind_label, severity_label, status_label
from bot.messages.room import ROOM, first_that_fit, length
from bot.messages.tally import summary
from bot.messages.timeline import line_text

Params = dict[str, Any]
WORDS_IN_TIMELINE = 90
MOST_OPEN = 10


def status(p: Params, language: Language) -> Rendered:
    """What is open, as everybody may know it, newest first."""
    if not p["incidents"]:
        return Rendered(language.say("🟢 Nothing is open."))
    blocks = [_status_of(brief, language) for brief in p["incidents"][:MOST_OPEN]]
    shown = first_that_fit(blocks, ROOM)
    if more := len(p["incidents"]) - len(shown):
        shown.append(language.count("… and {n} more is open", "… and {n} more are open", more))
    return Rendered("\n\n".join(shown))


def _status_of(p: Params, language: Language) -> str:
    lines = [
        f"{mark(p, language)}{headline(p, language)}",
        f"{p['number']} · {_state(p, language)}",
    ]
    if has_order_in_force(p):
        lines.append(language.say("In force: <b>{action}</b>", action=Markup(action_in_words(p, language))))
    if p.get("tally"):
        lines.append(summary(p, language))
    if p["commander"]:
        lines.append(language.say("Commander: <b>{who}</b>", who=language.name(p["commander"])))
    return "\n".join(lines)


def incidents(p: Params, language: Language) -> Rendered:
    """The latest, newest first."""
    if not p["incidents"]:
        return Rendered(language.say("There has been no incident yet."))
    return Rendered("\n\n".join(first_that_fit([_row(brief, language) for brief in p["incidents"]], ROOM)))


def _row(p: Params, language: Language) -> str:
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    head = f"{mark(p, language)}<b>{p['number']}</b> {kind_label(p['kind'], language)}{place}"
    facts = f"{language.moment(p['opened_at'])} · {severity_label(p['severity'], language)} · {_state(p, language)}"
    return f"{head}\n{facts}"


def _state(p: Params, language: Language) -> str:
    if p["is_suspended"] and not p["ended_at"]:
        return language.say("⏸ Suspended: a real incident is open")
    return status_label(p["status"], language)


def mark(p: Params, language: Language) -> str:
    """The drill mark inside a list of several incidents."""
    return MARKS[p["mode"]](language)


MARKS: dict[str, Callable[[Language], str]] = {
    "REAL": lambda language: "",
    "DRILL": lambda language: language.say("[DRILL] "),
    "TEST": lambda language: language.say("[TEST] "),
}


def timeline(p: Params, language: Language) -> Rendered:
    """Line by line."""
    head = [headline(p, language), f"{p['number']} · {language.day(p['opened_at'])}", ""]
    earlier = language.say("… earlier entries are in the export")
    lines = [line_text(entry, language, limit=WORDS_IN_TIMELINE) for entry in p["all_lines"]]
    kept = first_that_fit(lines[::-1], ROOM - length("\n".join([*head, earlier])))[::-1]
    if p["has_more"] or len(kept) < len(lines):
        head.append(earlier)
    return Rendered("\n".join([*head, *kept]))
