"""Reports to the authorities: the countdown, the warnings, and the text that a person sends."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.i18n import Language, Markup
from bot.messages.injured import people
from bot.messages.labels import action_name, kind_label, kind_name, report_name, severity_label
from bot.messages.room import ROOM, length
from bot.messages.timeline import line_text

Params = dict[str, Any]

# By how many warnings were given: half of the time, four fifths, all of it.
SIGNS = ("🟢", "🟡", "🟠", "🔴")
WORDS_SHOWN = 600
TITLE_SHOWN = 60


def countdown(p: Params | None, language: Language) -> list[str]:
    """The card's line; none when no report is due."""
    if p is None:
        return []
    name = report_name(p["stage"], p["n"], language)
    when = language.moment(p["due_at"])
    if p["step"] >= len(SIGNS) - 1:
        return [language.say("🔴 {report}: late since {time}", report=name, time=when)]
    sign = SIGNS[p["step"]]
    return [language.say("{sign} {report}: by {time}", sign=sign, report=name, time=when)]


def due(p: Params, language: Language) -> Rendered:
    """To commander and principal."""
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    head = f"{p['number']} {kind_label(p['kind'], language)}{place}"
    [line] = countdown(p, language)
    ask = language.say("Muster sends nothing to the authorities: somebody has to.")
    button = Button(language.say("📄 Show the text"), Press(Verb.REPORT_DRAFT, p["id"]))
    notice = Button(language.say("📤 Notice to the district"), Press(Verb.DISTRICT_ASK, p["id"]))
    rows = ((button, _sent(p, language)), *(((notice,),) if p.get("has_district") else ()))
    return Rendered(f"{head}\n<b>{line}</b>\n{ask}", rows)


def _sent(p: Params, language: Language) -> Button:
    return Button(language.say("📤 It is sent"), Press(Verb.REPORT_SENT, p["report"]))


def draft(p: Params, language: Language) -> Rendered:
    """Six fields; to be read, corrected and sent by a person."""
    head = language.say(
        "📄 <b>{report}</b>: a draft from what is known at {time}. Check it, then send it yourself.",
        report=report_name(p["stage"], p["n"], language),
        time=language.clock(p["now"]),
    )
    fields = [head, "", *(f"{number}. {text}" for number, text in enumerate(_fields(p, language), start=1))]
    return Rendered("\n".join(fields), ((_sent(p, language),),))


def _fields(p: Params, language: Language) -> list[Markup]:
    kind = kind_name(p["kind"], language) if p["kind"] else language.say("not known yet")
    return [
        language.say(
            "School: {name} {address}", name=language.name(p["school"]), address=language.name(p["address"])
        ),
        language.say(
            "Time and place: {time}, {place}. {kind}, {severity}",
            time=language.moment(p["opened_at"]),
            place=language.name(p["zone"]) or Markup("–"),
            kind=kind,
            severity=severity_label(p["severity"], language),
        ),
        language.say("Course: {words}", words=_course(p, language)),
        language.say(
            "Dead, injured, missing: {people}; estimated loss: to be filled in", people=people(p, language)
        ),
        language.say("Measures: {measures}", measures=_measures(p, language)),
        language.say("Anything else: to be filled in"),
    ]


def _course(p: Params, language: Language) -> Markup:
    said = shorten(p["first_words"], WORDS_SHOWN)
    quoted = [language.say("“{words}”", words=said)] if said else []
    told = [one for one in p["lines"] if not (said and one["event"] == Event.REPORTED)]
    lines = [Markup(line_text(entry, language)) for entry in told]
    return Markup(language.clauses([*quoted, *lines]) or "–")


def _measures(p: Params, language: Language) -> Markup:
    parts = [action_name(p["action"], language)] if p["action"] else []
    parts += [language.say("called: {agency}", agency=language.name(one)) for one in p["called"]]
    parts += [language.say("done: {task}", task=_title(one, language)) for one in p["measures"]]
    kept: list[str] = []
    for part in parts:
        if length(language.clauses([*kept, part])) < ROOM // 3:
            kept.append(part)
    return Markup(language.clauses(kept) or "–")


def _title(measure: dict[str, str], language: Language) -> Markup:
    return language.name({key: shorten(text, TITLE_SHOWN) for key, text in measure.items()})
