"""One sentence for each thing that can happen: lines in the topic, on the card and in `/timeline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.message import Rendered
from bot.domain.roll_call import CheckInState
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.i18n import Language, Markup
from bot.messages import afterwards, outlets
from bot.messages.announcement_line import announced
from bot.messages.headcount import class_name, class_names
from bot.messages.labels import action_name, kind_name, severity_label
from bot.messages.looking_back import footage_seen, observed
from bot.messages.media import words_added
from bot.messages.plan_timeline import PLAN_SENTENCES
from bot.messages.tally import minutes, reason

# A line is read in passing; the whole text stays in the record.
WORDS_IN_LINE = 700
WORDS_ON_CARD = 80
MOST_NAMES = 8
MOST_CLASSES = 12
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
    if p.get("media"):
        return words_added(p, language)
    return language.say("{who} notes: {words}", who=_who(p, language), words=p["words"])


def _action_ordered(p: Params, language: Language) -> str:
    place = language.all_of(p["zones"]) if p["zones"] else language.say("whole school")
    if p.get("words"):
        place = language.say("{name} ({more})", name=place, more=p["words"])
    said = {"who": _who(p, language), "action": action_name(p["action"], language), "place": place}
    if p.get("stops"):
        stops = action_name(p["stops"], language)
        return language.say("{who} stops {stops}, orders {action}: {place}", stops=stops, **said)
    return language.say("{who} orders {action}: {place}", **said)


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


def _roll_call_started(p: Params, language: Language) -> str:
    return language.say("Roll call: {n} classes, {pupils} pupils", n=p["classes"], pupils=p["pupils"])


def _roll_call_turned(p: Params, language: Language) -> str:
    action = action_name(p["action"], language)
    if p["classes"]:
        return language.say(
            "The roll call goes on under {action}; {n} more classes", action=action, n=p["classes"]
        )
    return language.say("The roll call goes on under {action}", action=action)


def _roll_call_closed(p: Params, language: Language) -> str:
    if not p["classes"]:
        return language.say("Roll call closed: everybody accounted for")
    words = {
        "names": _some_classes(p["classes"], language),
        "n": p["missing"],
        "reason": reason(p["reason"], language) or "–",
    }
    return language.say("Roll call closed, incomplete: {names}; {n} missing. Reason: {reason}", **words)


def _class_counted(p: Params, language: Language) -> str:
    shown = {"who": _who(p, language), "name": class_name(p["school_class"], language)}
    # While the rest is not counted, "0 of 40 here" would frighten for nothing.
    is_whole = not p.get("unknown")
    parts = (
        [language.say("{n} of {expected} here", n=p["present"], expected=p["expected"])] if is_whole else []
    )
    if p["missing"]:
        parts.append(language.say("❌ {n} missing", n=p["missing"]))
    if p["injured"]:
        parts.append(language.say("🤕 {n} injured", n=p["injured"]))
    if p.get("unnamed_extra"):
        parts.append(language.say("{n} too many, not named", n=p["unnamed_extra"]))
    if not is_whole:
        parts.append(language.say("❔ {n} not counted yet", n=p["unknown"]))
    shown["said"] = Markup(" · ".join(parts))
    if p.get("is_paper"):
        return language.say("{who} (paper): {name} {said}", **shown)
    return language.say("{who}: {name} {said}", **shown)


def _class_disputed(p: Params, language: Language) -> str:
    return language.say("{name}: the leads disagree", name=class_name(p["school_class"], language))


def _class_settled(p: Params, language: Language) -> str:
    return language.say(
        "{name}: the disagreement is settled by {who}",
        name=class_name(p["school_class"], language),
        who=_who(p, language),
    )


def _class_covered(p: Params, language: Language) -> str:
    return language.say("{who} stands in for {name}", who=_who(p, language), name=p["school_class"])


def _cover_ended(p: Params, language: Language) -> str:
    return language.say(
        "{who} no longer stands in for {name}", who=language.name(p.get("who")), name=p["school_class"]
    )


def _pupil_found(p: Params, language: Language) -> str:
    if p["there"] == p["school_class"]:
        return language.say("A pupil of {name} is found", name=p["school_class"])
    return language.say("A pupil of {name} is found, with {there}", name=p["school_class"], there=p["there"])


def _pupil_injured(p: Params, language: Language) -> str:
    return language.say(
        "A pupil of {name} is injured; clinic and commander are being told", name=p["school_class"]
    )


def _everybody_counted(p: Params, language: Language) -> str:
    return language.say("✅ Everybody accounted for, {time} after the order", time=minutes(p["seconds"]))


def _no_answer(p: Params, language: Language) -> str:
    names = _some_classes(p["classes"], language)
    if p["is_call"]:
        return language.say(
            "No whole count after {n} s, heads of grade call: {names}", n=p["waited_s"], names=names
        )
    return language.say("No whole count after {n} s, asked again: {names}", n=p["waited_s"], names=names)


def _some_classes(names: list[str], language: Language) -> Markup:
    shown = class_names(names[:MOST_CLASSES], language)
    return Markup(f"{shown} …") if len(names) > MOST_CLASSES else shown


def _help_called(p: Params, language: Language) -> str:
    if p.get("words"):
        return language.say(
            "🆘 {who} needs help, {name}: “{words}”",
            who=_who(p, language),
            name=class_name(p["school_class"], language),
            words=p["words"],
        )
    return language.say(
        "🆘 {who} needs help, {name}", who=_who(p, language), name=class_name(p["school_class"], language)
    )


def _help_over(p: Params, language: Language) -> str:
    name = language.name(p["to"]) if "to" in p else class_name(p["school_class"], language)
    return language.say("{who}: help is there, {name}", who=_who(p, language), name=name)


def _checked_in(p: Params, language: Language) -> str:
    who = _who(p, language)
    if p["state"] == CheckInState.NEEDS_HELP:
        if p.get("words"):
            return language.say("🆘 {who} needs help: “{words}”", who=who, words=p["words"])
        return language.say("🆘 {who} needs help", who=who)
    if p["state"] == CheckInState.AWAY:
        return language.say("{who} is not on site", who=who)
    return language.say("{who} is safe", who=who)


def _count_held(p: Params, language: Language) -> str:
    return language.say("{who} keeps who was where: {words}", who=_who(p, language), words=p["words"])


def _count_released(p: Params, language: Language) -> str:
    return language.say("{who} no longer keeps who was where", who=_who(p, language))


def _count_purged(p: Params, language: Language) -> str:
    return language.say("Who was where is purged; the figures stay")


def _cameras_shown(p: Params, language: Language) -> str:
    names = language.all_of(p["names"][:MOST_NAMES])
    if not p["n"]:
        return language.say("📷 {names}: nobody who may see it can be reached", names=names)
    return language.count(
        "📷 {names}: sent to {n} authorised person",
        "📷 {names}: sent to {n} authorised people",
        p["n"],
        names=names,
    )


SENTENCES: dict[Event, Callable[[Params, Language], str]] = {
    Event.REPORTED: _reported,
    Event.REPORT_JOINED: _joined,
    Event.PRESSED_AGAIN: _pressed_again,
    Event.REPORT_PARTED: _parted,
    Event.KIND_SET: _kind_set,
    Event.ZONE_SET: _zone_set,
    Event.WORDS_ADDED: words_added,
    Event.ACKNOWLEDGED: _acknowledged,
    Event.COMMAND_TAKEN: _command_taken,
    Event.COMMAND_HANDED_OVER: _handed_over,
    Event.COMMAND_VACATED: _vacated,
    Event.SEVERITY_CHANGED: _severity_changed,
    Event.NOTED: _noted,
    Event.RESTRICTED: lambda p, language: language.say(
        "🔒 {who} made it restricted: {words}", who=_who(p, language), words=p["words"]
    ),
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
    Event.ROLL_CALL_STARTED: _roll_call_started,
    Event.ROLL_CALL_TURNED: _roll_call_turned,
    Event.ROLL_CALL_CLOSED: _roll_call_closed,
    Event.CLASS_COUNTED: _class_counted,
    Event.CLASS_DISPUTED: _class_disputed,
    Event.CLASS_SETTLED: _class_settled,
    Event.CLASS_COVERED: _class_covered,
    Event.COVER_ENDED: _cover_ended,
    Event.PUPIL_FOUND: _pupil_found,
    Event.PUPIL_INJURED: _pupil_injured,
    Event.EVERYBODY_COUNTED: _everybody_counted,
    Event.NO_ANSWER: _no_answer,
    Event.HELP_CALLED: _help_called,
    Event.HELP_OVER: _help_over,
    Event.CHECKED_IN: _checked_in,
    Event.COUNT_HELD: _count_held,
    Event.COUNT_RELEASED: _count_released,
    Event.COUNT_PURGED: _count_purged,
    Event.ANNOUNCED: announced,
    Event.ALERT_RESOLVED: _alert_resolved,
    Event.CAMERAS_SHOWN: _cameras_shown,
    Event.CHANNEL_ANSWERED: outlets.answered,
    **PLAN_SENTENCES,
    Event.FOOTAGE_SEEN: footage_seen,
    Event.OBSERVED: observed,
    **afterwards.SENTENCES,
}
