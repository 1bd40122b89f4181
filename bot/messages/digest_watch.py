"""Of the digest: what is overdue outside, what was announced, and what the watch over the cameras knows."""

from __future__ import annotations

from typing import Any

from bot.domain.camera_health import BLIND
from bot.domain.digest import DigestKind
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.after_action_reach import headline_of, revision_of
from bot.messages.camera_watch import FAULTS, STATES
from bot.messages.headcount import class_names
from bot.messages.labels import report_name

Params = dict[str, Any]
MOST_NAMED = 4
MOST_SHOWN = 2
HEADLINE_LIMIT = 28
OK = "ok"


def overdue(p: Params, language: Language) -> list[str]:
    """Tasks of what is open, and reports to the authorities; a row kept from before these were told has none."""
    found = p.get("overdue") or {"tasks": [], "reports": []}
    lines = [
        language.count(
            "📌 {number}: {n} task overdue", "📌 {number}: {n} tasks overdue", one["n"], number=one["number"]
        )
        for one in found["tasks"][:MOST_NAMED]
    ]
    lines += [
        language.say(
            "📤 {number}: {report} overdue since {time}",
            number=one["number"],
            report=report_name(one["stage"], one["n"], language),
            time=language.moment(one["due_at"]),
        )
        for one in found["reports"][:MOST_NAMED]
    ]
    return [str(line) for line in lines]


def announced(p: Params, language: Language) -> list[str]:
    """How many, and the reach of the newest."""
    told = p.get("announcements") or []
    if not told:
        return []
    lines = [language.count("📢 {n} announcement", "📢 {n} announcements", len(told))]
    lines += [_reach(one, language) for one in reversed(told[-MOST_SHOWN:])]
    return [str(line) for line in lines]


def _reach(one: Params, language: Language) -> Markup:
    said = language.say(
        "{number} “{words}”: {n} of {all} reached",
        number=revision_of(one),
        words=shorten(headline_of(one, language), HEADLINE_LIMIT),
        n=one["figures"]["sent"],
        all=one["figures"]["audience"],
    )
    return Markup(f"   {said}")


def machines(p: Params, language: Language) -> list[str]:
    """Cameras that show nothing, those that need somebody, recorders, filings, and who is away."""
    out = [one for one in p["cameras"] if one["state"] in BLIND]
    odd = [one for one in p["cameras"] if one["state"] not in BLIND and one["state"] != OK]
    lines = []
    if out:
        names = Markup(language.listed(_with_state(one, language) for one in out[:MOST_NAMED]))
        lines.append(
            language.count("📷 {n} camera out: {names}", "📷 {n} cameras out: {names}", len(out), names=names)
        )
    lines += [Markup(f"📷 {_with_state(one, language)}") for one in odd[:MOST_SHOWN]]
    lines += [_recording(one, language) for one in p.get("recordings", ())[:MOST_SHOWN]]
    lines += _filings(p, language)
    lines += _inspections(p, language)
    if p["kind"] == DigestKind.MORNING and p["absent"]:
        lines.append(
            language.count(
                "🏫 {n} pupil on record as absent today",
                "🏫 {n} pupils on record as absent today",
                p["absent"],
            )
        )
    if p["kind"] == DigestKind.MORNING:
        lines += _unreported(p.get("unreported") or [], language)
    return [str(line) for line in lines]


def _unreported(classes: list[str], language: Language) -> list[Markup]:
    if not classes:
        return []
    names = class_names(classes[:MOST_NAMED], language)
    return [
        language.count(
            "🏫 {n} class has not reported absences: {names}",
            "🏫 {n} classes have not reported absences: {names}",
            len(classes),
            names=names if len(classes) <= MOST_NAMED else Markup(f"{names} …"),
        )
    ]


def camera_name(one: Params, language: Language) -> Markup:
    """What the school calls it; a digest made before that was kept has its id."""
    return language.name(one.get("name") or {"zh": one["camera"]})


def state_words(state: str, language: Language) -> Markup:
    """`covered`; a state of an older version as it is."""
    _, words = STATES.get(state, ("", ""))
    return language.say(words) if words else Markup(state)


def _with_state(one: Params, language: Language) -> str:
    return language.say(
        "{camera} ({state})", camera=camera_name(one, language), state=state_words(one["state"], language)
    )


def _recording(one: Params, language: Language) -> Markup:
    """The worst of it; `/cameras` has the rest."""
    fault = FAULTS[one["faults"][0]]
    return language.say(
        "📼 Recording of {camera}: {fault}", camera=language.name(one["name"]), fault=language.say(fault)
    )


def _filings(p: Params, language: Language) -> list[Markup]:
    owed = p.get("filings") or []
    if not owed:
        return []
    first = min(one["due_on"] for one in owed)
    return [
        language.count(
            "🗂 {n} camera to be filed with the police by {day}",
            "🗂 {n} cameras to be filed with the police, the first by {day}",
            len(owed),
            day=language.date(first),
        )
    ]


def _inspections(p: Params, language: Language) -> list[Markup]:
    """Of equipment; a row kept from before there was any has none."""
    found = p.get("inspections") or {"overdue": 0, "today": 0}
    if not any(found.values()):
        return []
    return [
        language.say(
            "🧰 Inspections: {n} overdue, {today} today",
            n=found["overdue"],
            today=found["today"],
        )
    ]
