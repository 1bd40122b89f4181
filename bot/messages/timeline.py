"""One sentence for each thing that can happen: lines in the topic, on the card and in `/timeline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.message import Rendered
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.i18n import Language, Markup
from bot.messages.labels import action_name, kind_name, severity_label

# A line is read in passing; the whole text stays in the record.
WORDS_IN_LINE = 700
WORDS_ON_CARD = 80
MOST_NAMES = 8
NAME_LIMIT = 40

Params = dict[str, Any]


def line(params: Params, language: Language) -> Rendered:
    """One thread line."""
    return Rendered(line_text(params, language, limit=WORDS_IN_LINE))


def line_text(params: Params, language: Language, *, limit: int = WORDS_ON_CARD) -> str:
    """`10:42 Chen Gang: …`."""
    shown = {**params, "words": shorten(params["words"], limit)} if params.get("words") else params
    said = SENTENCES[Event(params["event"])](shown, language)
    return f"{language.clock(params['at'])} {said}"


def _who(params: Params, language: Language) -> Markup:
    return language.name(params.get("actor"))


def _said(params: Params, language: Language) -> Markup:
    """What a report said: kind, place, words, as far as known."""
    parts: list[str] = []
    if params.get("kind"):
        parts.append(kind_name(params["kind"], language))
    if params.get("zone"):
        parts.append(language.name(params["zone"]))
    if params.get("words"):
        parts.append(language.say("“{words}”", words=params["words"]))
    return Markup(" · ".join(parts) or "SOS")


def _reported(p: Params, language: Language) -> str:
    return language.say("{who} reported: {said}", who=_who(p, language), said=_said(p, language))


def _joined(p: Params, language: Language) -> str:
    return language.say(
        "Report {n}, from {who}: {said}", n=p["n"], who=_who(p, language), said=_said(p, language)
    )


def _pressed_again(p: Params, language: Language) -> str:
    return language.count(
        "{who} pressed SOS again ({n} time in all)",
        "{who} pressed SOS again ({n} times in all)",
        p["n"],
        who=_who(p, language),
    )


def _parted(p: Params, language: Language) -> str:
    return language.say(
        "{who}: report {n} is about something else, see the new incident", n=p["n"], who=_who(p, language)
    )


def _kind_set(p: Params, language: Language) -> str:
    return language.say("{who}: it is {kind}", who=_who(p, language), kind=kind_name(p["kind"], language))


def _zone_set(p: Params, language: Language) -> str:
    return language.say("{who}: the place is {zone}", who=_who(p, language), zone=language.name(p["zone"]))


def _words_added(p: Params, language: Language) -> str:
    if p.get("media"):
        return language.say(
            "{who} sent a picture or file to the bot: “{words}”", who=_who(p, language), words=p["words"]
        )
    return language.say("{who}: “{words}”", who=_who(p, language), words=p["words"])


def _acknowledged(p: Params, language: Language) -> str:
    return language.say("{who} has seen it", who=_who(p, language))


def _command_taken(p: Params, language: Language) -> str:
    return language.say("{who} takes command", who=_who(p, language))


def _handed_over(p: Params, language: Language) -> str:
    return language.say("{who} hands command to {to}", who=_who(p, language), to=language.name(p["to"]))


def _vacated(p: Params, language: Language) -> str:
    return language.say("{who} is no longer in command: rights taken away", who=language.name(p["who"]))


def _severity_changed(p: Params, language: Language) -> str:
    return language.say(
        "{who}: {before} → {after}",
        who=_who(p, language),
        before=severity_label(p["before"], language),
        after=severity_label(p["after"], language),
    )


def _noted(p: Params, language: Language) -> str:
    return language.say("{who} notes: {words}", who=_who(p, language), words=p["words"])


def _action_ordered(p: Params, language: Language) -> str:
    action, who = action_name(p["action"], language), _who(p, language)
    place = language.all_of(p["zones"]) if p["zones"] else language.say("whole school")
    if p.get("stops"):
        stops = action_name(p["stops"], language)
        return language.say(
            "{who} stops {stops}, orders {action}: {place}", who=who, stops=stops, action=action, place=place
        )
    return language.say("{who} orders {action}: {place}", who=who, action=action, place=place)


def _all_clear(p: Params, language: Language) -> str:
    return language.say("{who} gives the all-clear", who=_who(p, language))


def _cancelled(p: Params, language: Language) -> str:
    if p.get("words"):
        return language.say("{who}: false alarm. {words}", who=_who(p, language), words=p["words"])
    return language.say("{who}: false alarm", who=_who(p, language))


def _closed(p: Params, language: Language) -> str:
    return language.say("{who} closes the incident: {words}", who=_who(p, language), words=p["words"])


def _rung(p: Params, language: Language) -> str:
    if not p["names"]:
        return language.say("Nobody in the chain can be reached by chat: call by phone")
    names = _some_of(p["names"], language)
    if p.get("is_everyone"):
        return language.say("Nobody has acknowledged after {n} s: everyone rung again", n=p["waited_s"])
    if p.get("waited_s"):
        return language.say("Nobody has acknowledged after {n} s: {names} rung", n=p["waited_s"], names=names)
    return language.say("Rung: {names}", names=names)


def _some_of(names: list[dict[str, str]], language: Language) -> Markup:
    cut = [{key: shorten(name, NAME_LIMIT) for key, name in one.items()} for one in names[:MOST_NAMES]]
    shown = language.all_of(cut) if cut else Markup("–")
    return Markup(f"{shown} …") if len(names) > MOST_NAMES else shown


def _nudged(p: Params, language: Language) -> str:
    return language.say("Nobody is in command yet (reminder {n})", n=p["number"])


def _drill_started(p: Params, language: Language) -> str:
    return language.say(
        "{who} starts a drill: {kind}", who=_who(p, language), kind=kind_name(p["kind"], language)
    )


def _drill_suspended(p: Params, language: Language) -> str:
    return language.say("Drill suspended: there is a real incident")


def _alert_opened(p: Params, language: Language) -> str:
    if p.get("words"):
        return language.say(
            "{source} alarms: {title} “{words}”", source=p["source"], title=p["title"], words=p["words"]
        )
    return language.say("{source} alarms: {title}", source=p["source"], title=p["title"])


def _alert_joined(p: Params, language: Language) -> str:
    return language.say("{source} alarms too: {title}", source=p["source"], title=p["title"])


def _alert_resolved(p: Params, language: Language) -> str:
    return language.say("{source} says it is over: {title}", source=p["source"], title=p["title"])


SENTENCES: dict[Event, Callable[[Params, Language], str]] = {
    Event.REPORTED: _reported,
    Event.REPORT_JOINED: _joined,
    Event.PRESSED_AGAIN: _pressed_again,
    Event.REPORT_PARTED: _parted,
    Event.KIND_SET: _kind_set,
    Event.ZONE_SET: _zone_set,
    Event.WORDS_ADDED: _words_added,
    Event.ACKNOWLEDGED: _acknowledged,
    Event.COMMAND_TAKEN: _command_taken,
    Event.COMMAND_HANDED_OVER: _handed_over,
    Event.COMMAND_VACATED: _vacated,
    Event.SEVERITY_CHANGED: _severity_changed,
    Event.NOTED: _noted,
    Event.ACTION_ORDERED: _action_ordered,
    Event.ALL_CLEAR: _all_clear,
    Event.CANCELLED: _cancelled,
    Event.CLOSED: _closed,
    Event.RUNG: _rung,
    Event.NUDGED: _nudged,
    Event.DRILL_STARTED: _drill_started,
    Event.DRILL_SUSPENDED: _drill_suspended,
    Event.ALERT_OPENED: _alert_opened,
    Event.ALERT_JOINED: _alert_joined,
    Event.ALERT_RESOLVED: _alert_resolved,
}
