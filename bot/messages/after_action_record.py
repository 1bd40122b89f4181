"""The record's sections of the after-action report on paper: who did what, people, messages, machines and cameras."""

from __future__ import annotations

from typing import Any

from bot.domain.timeline import Event
from bot.i18n import Language, Markup
from bot.messages.after_action_reach import cameras_page
from bot.messages.headcount import class_name
from bot.messages.labels import action_name
from bot.messages.paper import (
    Block,
    bullets,
    columns,
    curve,
    figures,
    heading,
    lines,
    paragraph,
    since,
    span,
    table,
    tone_of,
)
from bot.messages.tally import reason
from bot.messages.timeline import SENTENCES

Data = dict[str, Any]
# Labels under a chart: more would run into each other.
MOST_LABELS = 8


# ── who did what ───────────────────────────────────────────────────────────────────────────────────────────
def deeds_page(data: Data, language: Language) -> list[Block]:
    """What people did, line by line."""
    return [lines([_line(entry, language) for entry in data["deeds"]])] if data.get("deeds") else []


def course_page(data: Data, language: Language) -> list[Block]:
    """Every entry, with the date where a new day begins."""
    found: list[Block] = []
    day = ""
    rows: list[tuple[str, str, str]] = []
    for entry in data["course"]:
        today = language.day(entry["at"])
        if today != day:
            found += [lines(rows)] if rows else []
            found.append(heading(today, 2))
            day, rows = today, []
        rows.append(_line(entry, language))
    return [*found, lines(rows)] if rows else found


def _line(entry: Data, language: Language) -> tuple[str, str, str]:
    said = Markup(SENTENCES[Event(entry["event"])](entry, language))
    return language.second(entry["at"]), since(entry["since_s"]), said


# ── people ─────────────────────────────────────────────────────────────────────────────────────────────────
def people_page(data: Data, language: Language) -> list[Block]:
    """The roll call: figures over time, searches, each class."""
    people = data.get("people")
    if not people:
        return []
    found = [_curve(people, language), *_unfinished(people, language)]
    if people["slowest"]:
        found.append(paragraph(language.say("Slowest: {names}", names=language.listed(people["slowest"]))))
    found += _searches(people, language)
    return [*found, heading(language.say("By class"), 2), _class_table(people, language)]


def _curve(people: Data, language: Language) -> Block:
    steps: dict[int, int] = {}
    for line in people["classes"]:
        if line["complete_s"] is not None:
            steps[line["complete_s"]] = steps.get(line["complete_s"], 0) + line["expected"]
    counted, points = 0, [(0, 0)]
    for second in sorted(steps):
        counted += steps[second]
        points.append((second, counted))
    label = language.say("target {time}", time=span(people["target_s"], language))
    title = language.say("Pupils accounted for, over the time since the order")
    return curve(title, points, total=people["tally"]["expected"], target=(people["target_s"], label))


def _unfinished(people: Data, language: Language) -> list[Block]:
    open_ones = [line for line in people["classes"] if line["complete_s"] is None]
    if not open_ones:
        return []
    names = Markup(language.listed(class_name(line["class"], language) for line in open_ones))
    why = reason(people["close_reason"], language) or "–"
    return [
        paragraph(
            language.say(
                "Not complete when it was closed: {names}. Reason given: {reason}", names=names, reason=why
            )
        )
    ]


def _searches(people: Data, language: Language) -> list[Block]:
    rows = []
    for one in people["searches"]:
        name = class_name(one["class"], language)
        missing = span(one["missing_s"], language)
        if one["found_s"] is None:
            rows.append(
                language.say("A pupil of {name} missing from {time} on, not found", name=name, time=missing)
            )
        else:
            rows.append(
                language.say(
                    "A pupil of {name} missing from {time} on, found after {found}",
                    name=name,
                    time=missing,
                    found=span(one["found_s"], language),
                )
            )
    return [heading(language.say("Searches"), 2), bullets(rows)] if rows else []


def _class_table(people: Data, language: Language) -> Block:
    head = [
        language.say("Class"),
        language.say("Expected"),
        language.say("Present"),
        language.say("Absent"),
        language.say("Missing"),
        language.say("Injured"),
        language.say("Not counted"),
        language.say("First answer"),
        language.say("Complete"),
    ]
    rows = [
        [
            class_name(line["class"], language),
            *(str(line[key]) for key in ("expected", "present", "absent", "missing", "injured", "unknown")),
            span(line["first_s"], language),
            span(line["complete_s"], language),
        ]
        for line in people["classes"]
    ]
    return table(head, rows, widths=(3, 2, 2, 2, 2, 2, 2, 3, 3), numbers=tuple(range(1, 9)))


# ── messages, machines, cameras ────────────────────────────────────────────────────────────────────────────
def messages_page(data: Data, language: Language) -> list[Block]:
    """What was sent, how fast, and whom it did not reach."""
    told = data.get("messages")
    if not told:
        return []
    items: list[tuple[str, str, str]] = [
        (str(told["sent"]), language.say("messages delivered to people"), ""),
        (str(told["failed"]), language.say("could not be delivered"), tone_of(not told["failed"])),
        (str(told["uncertain"]), language.say("perhaps delivered"), ""),
    ]
    items += [_directive(one, language) for one in told.get("directives", [])]
    found = [figures(items), _minutes(told["per_minute"], language)]
    if told["unreached"]:
        found.append(
            paragraph(
                language.say(
                    "Not known to have been reached by chat, to be told by voice: {names}",
                    names=_unreached(told, language),
                )
            )
        )
    return found


def _directive(one: Data, language: Language) -> tuple[str, str, str]:
    took = "–" if one["all_s"] is None else language.say("{n} s", n=one["all_s"])
    label = language.say(
        "until the order had reached {n} of {of} people ({action})",
        action=action_name(one["action"], language),
        n=one["n"],
        of=one["of"],
    )
    return took, label, tone_of(one["n"] == one["of"])


def _unreached(told: Data, language: Language) -> Markup:
    more = [language.count("… and {n} more person", "… and {n} more people", told["more"])]
    return Markup(language.listed([language.all_of(told["unreached"]), *(more if told["more"] else [])]))


def _minutes(told: Data, language: Language) -> Block:
    count, width = len(told["columns"]), told["minutes"]
    step = max(1, -(-count // MOST_LABELS))
    labels = [f"+{at * width}" if at % step == 0 else "" for at in range(count)]
    note = language.count(
        "minutes since the begin; one column is {n} minute",
        "minutes since the begin; one column is {n} minutes",
        width,
    )
    return columns(language.say("Messages over time"), told["columns"], labels, note=note)


def machines_page(data: Data, language: Language) -> list[Block]:
    """Alerts, and the cameras that were opened."""
    found: list[Block] = []
    if data.get("alerts"):
        head = [language.say("Source"), language.say("Alert"), language.say("Times")]
        rows = [[one["source"], one["title"], str(one["n"])] for one in data["alerts"]]
        found.append(table(head, rows, widths=(2, 5, 1), numbers=(2,)))
    return [*found, *cameras_page(data, language)]
