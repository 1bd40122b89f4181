"""Readiness in the after-action report on paper: drill, plan, inspections, patrols, and who was trained."""

from __future__ import annotations

from typing import Any

from bot.i18n import Language, Markup
from bot.messages.equipment import kind_name
from bot.messages.paper import Block, bullets, facts, paragraph, table
from bot.messages.training import certificate_name

Data = dict[str, Any]


def readiness_page(data: Data, language: Language) -> list[Block]:
    """A few facts, then a line a person; reports made before it was asked for have none."""
    told = data.get("readiness")
    if not told:
        return []
    rows = [
        (language.say("Last such drill"), _drill(told["drill"], language)),
        (language.say("Plan in use"), _version(told["plan_version"], language)),
        (language.say("Inspections overdue"), _inspections(told["inspections"], language)),
        (language.say("Patrols that day"), _patrols(told["patrols"], language)),
    ]
    return [facts(rows), *_people(told, language)]


def _drill(drill: Data | None, language: Language) -> str:
    if drill is None:
        return language.say("none on record")
    when = language.count(
        "{number} on {day}, {n} day before",
        "{number} on {day}, {n} days before",
        drill["days"],
        number=drill["number"],
        day=language.date(drill["held_on"]),
    )
    version = _version(drill["plan_version"], language)
    return language.say("{when}; plan: {version}", when=when, version=version) if version else when


def _version(version: int | None, language: Language) -> str:
    return language.say("version {n}", n=version) if version else ""


def _inspections(found: list[Data], language: Language) -> str:
    if not found:
        return language.say("none")
    return "\n".join(
        language.say(
            "{kind} {number}, due on {day}",
            kind=kind_name(one["kind"], language),
            number=one["number"],
            day=language.date(one["due_on"]),
        )
        for one in found
    )


def _patrols(patrols: Data | None, language: Language) -> str:
    if patrols is None:
        return language.say("not a key area")
    lines = [language.say("{n} of {total} rounds", n=patrols["n"], total=patrols["per_day"])]
    if patrols["findings"]:
        lines.append(language.count("something found in {n}", "something found in {n}", patrols["findings"]))
    if last := patrols["last"]:
        lines.append(
            language.say(
                "the last before it began at {time}, by {who}",
                time=language.clock(last["at"]),
                who=language.name(last["who"]),
            )
        )
    return "\n".join(lines)


def _people(told: Data, language: Language) -> list[Block]:
    if not told["people"]:
        return [paragraph(language.say("Nobody took a task on or looked through a camera."), is_quiet=True)]
    total = told["trained"] + told["untrained"]
    found: list[Block] = []
    if told["untrained"]:
        text = language.say(
            "{n} of {total} people who took a task on or looked through a camera had no valid certificate of training",
            n=told["untrained"],
            total=total,
        )
        found.append(bullets([text], "bad"))
    head = [language.say("Who"), language.say("Did"), language.say("Valid certificates on that day")]
    rows = [[language.name(one["who"]), _did(one, language), _held(one, language)] for one in told["people"]]
    return [*found, table(head, rows, widths=(3, 4, 6))]


def _did(one: Data, language: Language) -> str:
    done = [language.count("{n} task", "{n} tasks", one["tasks"])] if one["tasks"] else []
    if one["cameras"]:
        done.append(language.say("saw cameras"))
    return " · ".join(done)


def _held(one: Data, language: Language) -> Markup | str:
    held = [
        language.say("{name}, until {day}", name=certificate_name(each["name"], language), day=each["until"])
        for each in one["certificates"]
    ]
    return Markup("\n".join(held)) if held else "–"
