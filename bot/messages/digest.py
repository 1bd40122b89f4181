"""The digest, to be read in ten seconds; and how a running incident stands."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.digest import DigestKind
from bot.domain.incident import Status
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.digest_readiness import readiness
from bot.messages.digest_watch import announced, machines, overdue
from bot.messages.incident import action_in_words, headline
from bot.messages.injured import card_lines
from bot.messages.labels import kind_label, severity_label, status_label
from bot.messages.paper import span
from bot.messages.tally import summary
from bot.messages.timeline import line_text

Params = dict[str, Any]

TITLES: dict[DigestKind, str] = {
    DigestKind.MORNING: sentence("☀️ <b>Morning brief</b>"),
    DigestKind.EVENING: sentence("🌙 <b>Evening summary</b>"),
    DigestKind.WEEKLY: sentence("🗓 <b>The week</b>"),
    DigestKind.TERMLY: sentence("📚 <b>The term</b>"),
}
# Ten seconds; a caption holds 1024 characters.
MOST_LINES = 4
MOST_SHOWN = 2
WORDS_LIMIT = 36
PRINTED_ROOM = 900
DONE = frozenset({Status.CANCELLED, Status.CLOSED, Status.ALL_CLEAR})


def digest(p: Params, language: Language) -> Rendered:
    """What happened, what is open, what is due."""
    kind = DigestKind(p["kind"])
    lines: list[str] = [f"{language.say(TITLES[kind])} · {_days(p, language)}"]
    if p["is_late"]:
        lines.append(language.say("(late: Muster was not running at the time)"))
    parts = (_happened, _open, overdue, _times, announced, _drills, _due, readiness, machines)
    found = [line for part in parts for line in part(p, language)]
    lines += ["", *(found or [language.say("🟢 Nothing happened, and nothing is due.")])]
    if kind not in (DigestKind.WEEKLY, DigestKind.TERMLY):
        more = Button(language.say("📄 The week as PDF"), Press(Verb.DIGEST_SHOW, 0, "week"))
        return Rendered("\n".join(lines), ((more,),))
    return Rendered(_fitting(lines), document=p.get("document"))


def picture(p: Params, language: Language) -> Rendered:
    """Before a document: its figures, to be read on a phone without opening it."""
    words = language.say("📊 The figures at a glance. The whole document follows.")
    return Rendered(words, document=p["document"], is_pictured=True)


def _fitting(lines: Sequence[str]) -> str:
    """As many whole lines as a caption holds."""
    kept: list[str] = []
    room = PRINTED_ROOM
    for line in lines:
        room -= len(line.encode("utf-16-le")) // 2 + 1
        if room < 0:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)


def _days(p: Params, language: Language) -> str:
    if p["from"] == p["to"] or p["kind"] == DigestKind.MORNING:
        return language.date(p["day"])
    return f"{language.date(p['from'])} – {language.date(p['to'])}"


def _happened(p: Params, language: Language) -> list[str]:
    """One line an incident while they are few, else sums."""
    real = [one for one in p["incidents"] if one["status"] != Status.CANCELLED]
    false = len(p["incidents"]) - len(real)
    lines = []
    if real:
        lines.append(language.count("🚨 <b>{n} incident</b>", "🚨 <b>{n} incidents</b>", len(real)))
        if len(real) <= MOST_LINES:
            lines += [Markup(_incident(one, language)) for one in real]
        else:
            lines.append(
                Markup(" · ".join(f"{kind_label(k or None, language)} {n}" for k, n in p["kinds"].items()))
            )
    if false:
        lines.append(language.count("⚪ {n} false alarm", "⚪ {n} false alarms", false))
    if p.get("restricted"):
        lines.append(
            language.count(
                "🔒 {n} restricted incident, known to those concerned",
                "🔒 {n} restricted incidents, known to those concerned",
                p["restricted"],
            )
        )
    hurt = sum(one["injured"] for one in real)
    if hurt:
        lines.append(language.say("🤕 {n} injured", n=hurt))
    return [str(line) for line in lines]


def _incident(one: Params, language: Language) -> str:
    place = f" · {language.name(one['zone'])}" if one["zone"] else ""
    return f"   {one['number']} {kind_label(one['kind'], language)}{place}"


def _open(p: Params, language: Language) -> list[str]:
    now = [one for one in p["open"] if one["status"] not in DONE]
    lines = []
    if now:
        names = language.listed(one["number"] for one in now[:MOST_LINES])
        lines.append(
            language.count(
                "🔴 {n} still being dealt with: {names}",
                "🔴 {n} still being dealt with: {names}",
                len(now),
                names=names,
            )
        )
    if p["reports"]:
        names = language.listed(p["reports"][:MOST_LINES])
        lines.append(
            language.count(
                "📄 {n} report not accepted yet: {names}",
                "📄 {n} reports not accepted yet: {names}",
                len(p["reports"]),
                names=names,
            )
        )
    if changes := p.get("plan_changes"):
        names = language.listed(map(str, changes[:MOST_LINES]))
        lines.append(
            language.count(
                "📝 {n} change to a plan waits for the principal: {names} (/planchange)",
                "📝 {n} changes to plans wait for the principal: {names} (/planchange)",
                len(changes),
                names=names,
            )
        )
    return [str(line) for line in lines]


def _times(p: Params, language: Language) -> list[str]:
    """The middle of what it took, against the target."""
    if p["kind"] not in (DigestKind.WEEKLY, DigestKind.TERMLY):
        return []
    took = [one["acknowledged_s"] for one in p["incidents"] if one["acknowledged_s"] is not None]
    counted = [one for one in (*p["incidents"], *p["drills"]) if one["target_s"] is not None]
    lines = []
    if took:
        lines.append(
            language.say("⏱ Acknowledged after {time} (median)", time=span(int(median(took)), language))
        )
    if counted:
        met = sum(
            1 for one in counted if one["counted_s"] is not None and one["counted_s"] <= one["target_s"]
        )
        lines.append(
            language.say("👥 Everybody counted within the target: {n} of {total}", n=met, total=len(counted))
        )
    return [str(line) for line in lines]


def _drills(p: Params, language: Language) -> list[str]:
    lines = []
    if p["drills"]:
        lines.append(language.count("🧯 {n} drill", "🧯 {n} drills", len(p["drills"])))
        for one in p["drills"][:MOST_LINES]:
            took = span(one["counted_s"], language) if one["target_s"] is not None else "–"
            lines.append(Markup(f"{_incident(one, language)} · {took}"))
    if p["drilled_on"] and p["is_drill_overdue"]:
        lines.append(
            language.say("⚠️ A drill is overdue: the last was on {day}", day=language.date(p["drilled_on"]))
        )
    return [str(line) for line in lines]


def _due(p: Params, language: Language) -> list[str]:
    lines = []
    late = [one for one in p["actions"] if one["is_overdue"]]
    if p["actions"]:
        lines.append(
            language.count(
                "🔧 {n} corrective action open, {late} overdue",
                "🔧 {n} corrective actions open, {late} overdue",
                len(p["actions"]),
                late=len(late),
            )
        )
        shown = (late or p["actions"])[:MOST_SHOWN]
        lines += [Markup(f"   {one['action']} {_words(one, language)}") for one in shown]
    lines += [
        language.say(
            "🎫 Camera certificate of {who} ends on {day}",
            who=language.name(one["who"]),
            day=language.date(one["until"]),
        )
        for one in p["certificates"][:MOST_SHOWN]
    ]
    return [str(line) for line in lines]


def _words(one: Params, language: Language) -> Markup:
    return language.say(
        "“{words}” ({who}, {day})",
        words=shorten(one["words"], WORDS_LIMIT),
        who=language.name(one["owner"]),
        day=language.date(one["due_on"]),
    )


def situation(p: Params, language: Language) -> Rendered:
    """Status, overview, next steps: for who does not lead it but answers for it."""
    lines = [
        language.say(
            "🧭 <b>{number}, as of {time}</b>", number=p["number"], time=language.clock(p["told_at"])
        ),
        headline(p, language),
        "",
        language.say("<b>Status</b>"),
        f"{status_label(p['status'], language)} · {severity_label(p['severity'], language)}",
        _commander(p, language),
        "",
        language.say("<b>Overview</b>"),
        *_overview(p, language),
        "",
        language.say("<b>Next</b>"),
        *_next(p, language),
    ]
    return Rendered("\n".join(lines))


def _commander(p: Params, language: Language) -> str:
    if p["commander"]:
        return language.say("Commander: <b>{who}</b>", who=language.name(p["commander"]))
    return language.say("No commander yet")


def _overview(p: Params, language: Language) -> list[str]:
    lines: list[str] = []
    if p["action"]:
        lines.append(language.say("In force: <b>{action}</b>", action=Markup(action_in_words(p, language))))
    if p["tally"]:
        lines.append(summary(p, language))
    lines += card_lines(p, language)
    return [*lines, *(line_text(entry, language) for entry in p["lines"])]


def _next(p: Params, language: Language) -> list[str]:
    """What is still to be done, as far as the record shows it."""
    steps = []
    if not p["commander"]:
        steps.append(language.say("• somebody has to take command (/command)"))
    if not p["action"]:
        steps.append(language.say("• no order was given yet"))
    if p["tally"] and p["tally"]["missing"]:
        steps.append(language.say("• find {n} missing", n=p["tally"]["missing"]))
    if p["silent"]:
        steps.append(
            language.count("• {n} class has not answered", "• {n} classes have not answered", p["silent"])
        )
    return [str(step) for step in steps] or [str(language.say("• the all-clear, once the danger is over"))]
