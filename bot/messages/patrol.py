"""Patrols in chat: the check-in at a point, what was found, the day's rounds."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Original, Rendered
from bot.domain.patrol import VisitState
from bot.i18n import Language, Markup
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]


def visit(p: Params, language: Language) -> Rendered:
    """One check-in, with what can be said about it."""
    number = p["visit"]
    lines = [
        language.say(
            "📍 <b>{place}</b>: {who}, {time}",
            place=language.name(p["zone"]),
            who=language.name(p["who"]),
            time=language.clock(p["at"]),
        )
    ]
    wrong = (Button(language.say("⚠️ Something is wrong"), Press(Verb.PATROL_FINDING, number)),)
    if p["state"] == VisitState.FINDING:
        lines.append(language.say("⚠️ Found: “{words}”", words=p["words"]))
        if p["number"]:
            lines.append(language.say("Reported as {number}.", number=p["number"]))
            return Rendered("\n".join(lines))
        lines.append(language.say("The safety office is told. If people have to act now, report it."))
        report = (Button(language.say("🚨 Report it"), Press(Verb.PATROL_REPORT, number)),)
        original = Original(**p["original"]) if "original" in p else None
        return Rendered("\n".join(lines), (report,), copy_of=original, is_protected=original is not None)
    rounds = language.say("Round {n} of {all} today.", n=p["n"], all=p["per_day"])
    if p["state"] == VisitState.ALL_WELL:
        lines += [language.say("✅ All in order."), rounds]
        return Rendered("\n".join(lines), (wrong,))
    lines += [language.say("You are checked in."), rounds]
    well = (Button(language.say("✅ All in order"), Press(Verb.PATROL_ALL_WELL, number)),)
    return Rendered("\n".join(lines), (well, wrong))


def overview(p: Params, language: Language) -> Rendered:
    """The day's rounds."""
    lines = [str(language.say("📍 <b>Patrol, {day}</b>", day=p["day"]))]
    lines += [_point(one, p["per_day"], language) for one in p["points"]]
    lines += [
        f"{language.clock(one['at'])} {language.name(one['zone'])} {_sign(one['state'])}" for one in p["own"]
    ]
    if not p["points"] and not p["own"]:
        lines.append(str(language.say("Nothing yet. Scan the code at the point to check in.")))
    return Rendered("\n".join(first_that_fit(lines, ROOM)))


def _sign(state: str) -> str:
    return {VisitState.ALL_WELL: "✅", VisitState.FINDING: "⚠️"}.get(VisitState(state), "▫️")


def _point(one: Params, per_day: int, language: Language) -> str:
    sign = "✅" if one["n"] >= per_day else "▫️"
    last = ""
    if one["last"]:
        last = f" · {language.name(one['last']['who'])} {language.clock(one['last']['at'])}"
    found = f" · ⚠️ {one['findings']}" if one["findings"] else ""
    return f"{sign} {_rounds(one, per_day, language)}{last}{found}"


def _rounds(one: Params, per_day: int, language: Language) -> str:
    place = language.name(one["zone"])
    return language.say("{place}: <b>{n}/{all}</b>", place=place, n=one["n"], all=per_day)


def missed(p: Params, language: Language) -> Rendered:
    """Yesterday's points with too few rounds, to the safety office."""
    head = language.say("📍 <b>Patrol: rounds missed on {day}</b>", day=p["day"])
    lines = [f"▫️ {_rounds(one, p['per_day'], language)}" for one in p["points"]]
    return Rendered("\n".join(first_that_fit([str(head), *map(Markup, lines)], ROOM)))
