"""What the record says of plans and tasks; `timeline.py` puts these sentences beside its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.i18n import Language, Markup
from bot.messages import outside
from bot.messages.labels import action_name, kind_name, report_name
from bot.messages.scene import PARTS, STATES, said_part

TITLE_LIMIT = 120
MOST_NAMES = 8

Params = dict[str, Any]


def _who(params: Params, language: Language) -> Markup:
    return language.name(params.get("actor"))


def _plan_started(p: Params, language: Language) -> str:
    kind = kind_name(p["kind"], language)
    said = language.count(
        "Plan “{kind}” (version {version}): {n} task", "Plan “{kind}” (version {version}): {n} tasks", p["n"],
        kind=kind, version=p["version"],
    )  # fmt: skip
    if not p["action"]:
        return said
    return language.say("{said}; it proposes {action}", said=said, action=action_name(p["action"], language))


def _task_added(p: Params, language: Language) -> str:
    return language.say(
        "{who} gives {to} a task: {title}",
        who=_who(p, language),
        to=language.name(p["to"]),
        title=_title(p, language),
    )


def _task_accepted(p: Params, language: Language) -> str:
    return language.say("{who} accepts: {title}", who=_who(p, language), title=_title(p, language))


def _task_declined(p: Params, language: Language) -> str:
    return language.say("{who} cannot: {title}", who=_who(p, language), title=_title(p, language))


def _task_handed_over(p: Params, language: Language) -> str:
    return language.say(
        "{who} asks {to} to take over: {title}",
        who=_who(p, language),
        to=language.name(p["to"]),
        title=_title(p, language),
    )


def _task_escalated(p: Params, language: Language) -> str:
    if not p["to"]:
        return language.say(
            "⏫ {n} tasks with nobody left to ask, the last: {title}", n=p["n"], title=_title(p, language)
        )
    return language.say("⏫ Brought to {who}: {title}", who=language.name(p["to"]), title=_title(p, language))


def _task_late(p: Params, language: Language) -> str:
    return language.say("⏰ Overdue: {title}", title=_title(p, language))


def _task_done(p: Params, language: Language) -> str:
    """Without the proof: a whole group reads this, and the proof may say who was hurt."""
    return language.say("✅ {who}: {title}", who=_who(p, language), title=_title(p, language))


def _title(p: Params, language: Language) -> Markup:
    return language.name({key: shorten(text, TITLE_LIMIT) for key, text in p["title"].items()})


def _agency_called(p: Params, language: Language) -> str:
    said = {"who": _who(p, language), "agency": language.name(p["agency"])}
    if p.get("words"):
        return language.say("📞 {who} called {agency}: “{words}”", words=p["words"], **said)
    return language.say("📞 {who} called {agency}, and they answered", **said)


def _agency_silent(p: Params, language: Language) -> str:
    return language.say(
        "📞 {who} called {agency}: no answer", who=_who(p, language), agency=language.name(p["agency"])
    )


def _report_due(p: Params, language: Language) -> str:
    return language.say("🕑 Reminded: {report}", report=report_name(p["stage"], p["n"], language))


def _report_late(p: Params, language: Language) -> str:
    return language.say(
        "🔴 Late: {report} has not been sent", report=report_name(p["stage"], p["n"], language)
    )


def _report_sent(p: Params, language: Language) -> str:
    said = {"who": _who(p, language), "report": report_name(p["stage"], p["n"], language)}
    text = language.say("📤 {who} has sent: {report}", **said)
    if p["late_min"]:
        text = language.say("{text}, {n} min late", text=text, n=p["late_min"])
    return language.say("{text}. {words}", text=text, words=p["words"]) if p.get("words") else text


def _scene_dispatched(p: Params, language: Language) -> str:
    names = language.all_of(p["names"][:MOST_NAMES]) if p["names"] else Markup("–")
    if p.get("leader"):
        return language.say(
            "{who} sends {names} to the scene, led by {leader}",
            who=_who(p, language),
            names=names,
            leader=language.name(p["leader"]),
        )
    return language.say("{who} sends {names} to the scene", who=_who(p, language), names=names)


def _scene_answered(p: Params, language: Language) -> str:
    sign, text = STATES[p["state"]]
    if p.get("is_by_location"):
        return language.say(
            "{sign} {who}: {state} (by location)", sign=sign, who=_who(p, language), state=language.say(text)
        )
    return language.say("{sign} {who}: {state}", sign=sign, who=_who(p, language), state=language.say(text))


def _scene_reported(p: Params, language: Language) -> str:
    parts = [said_part(name, p, language) for name, _, _ in PARTS]
    return language.say(
        "📝 {who} from the scene. {said}", who=_who(p, language), said=Markup(language.clauses(parts))
    )


PLAN_SENTENCES: dict[Event, Callable[[Params, Language], str]] = {
    Event.PLAN_STARTED: _plan_started,
    Event.TASK_ADDED: _task_added,
    Event.TASK_ACCEPTED: _task_accepted,
    Event.TASK_DECLINED: _task_declined,
    Event.TASK_HANDED_OVER: _task_handed_over,
    Event.TASK_ESCALATED: _task_escalated,
    Event.TASK_LATE: _task_late,
    Event.TASK_DONE: _task_done,
    Event.AGENCY_CALLED: _agency_called,
    Event.AGENCY_SILENT: _agency_silent,
    Event.REPORT_DUE: _report_due,
    Event.REPORT_LATE: _report_late,
    Event.REPORT_SENT: _report_sent,
    Event.SCENE_DISPATCHED: _scene_dispatched,
    Event.SCENE_ANSWERED: _scene_answered,
    Event.SCENE_REPORTED: _scene_reported,
    **outside.SENTENCES,
}
