"""A call outside: the text to read out, and what people say of the call. Never that Muster has called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.agency import CallState
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.injured import people
from bot.messages.labels import kind_name
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]
ANSWER_SHOWN = 200
MOST_BUTTONS = 9
LABEL_LIMIT = 30


def text(p: Params, language: Language) -> Rendered:
    """To who is going to call: whom, what to say, and the buttons for afterwards."""
    lines = [
        language.say(
            "📞 <b>Call {agency}: {number}</b>", agency=language.name(p["name"]), number=p["dial"] or "–"
        ),
        language.say("Incident {number}. Muster does not call; you do.", number=p["number"]),
        *([language.say("Ask for: {contact}", contact=p["contact"])] if p["contact"] else []),
        "",
        *facts(p, language),
    ]
    if p["needs"]["zh"]:
        lines += ["", language.say("They will ask: {needs}", needs=language.name(p["needs"]))]
    lines += ["", _state(p, language)]
    return Rendered("\n".join(lines), _buttons(p, language))


def facts(p: Params, language: Language) -> list[Markup]:
    """The six facts, one a line."""
    place = [language.name(p["school"]), language.name(p["address"]), language.name(p["zone"])]
    said = Markup(" · ".join(part for part in place if part))
    what = kind_name(p["kind"], language) if p["kind"] else language.say("not known yet")
    found = [
        language.say("1. Where: {place}", place=said),
        language.say("2. What: {kind}", kind=what),
        language.say("3. Reported at: {time}", time=language.clock(p["opened_at"])),
        language.say("4. People: {people}", people=people(p, language)),
        language.say("5. Gathering at: {point}", point=language.name(p["point"]) or Markup("–")),
        language.say(
            "6. Ring back: {who} {phone}",
            who=language.name(p["caller"]) or Markup("–"),
            phone=p["phone"] or "–",
        ),
    ]
    drill = language.say("<b>This is a drill: do not really call.</b>")
    return [drill, *found] if p["mode"] != "REAL" else found


def _state(p: Mapping[str, Any], language: Language) -> Markup:
    if p["state"] == CallState.ASKED:
        return language.say("Nobody has said yet that they have called.")
    who, at = language.name(p["who"]), language.clock(p["at"])
    if p["state"] == CallState.NO_ANSWER:
        return language.say("{time} {who} called: no answer. Please try again.", time=at, who=who)
    answer = shorten(p["answer"], ANSWER_SHOWN)
    if answer:
        return language.say("{time} {who} called: “{words}”", time=at, who=who, words=answer)
    return language.say("{time} {who} called, and they answered.", time=at, who=who)


def _buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    dial = ((Button(language.say("☎️ Number to tap"), url=p["url"]),),) if p["url"] else ()
    return (
        *dial,
        (Button(language.say("✅ I called, they answered"), Press(Verb.CALL_ANSWERED, p["call"])),),
        (Button(language.say("I called, no answer"), Press(Verb.CALL_SILENT, p["call"])),),
    )


def board(p: Params, language: Language) -> Rendered:
    """In the topic: one line a call; when the incident has ended, nobody is to be called any more."""
    head = language.say("📞 <b>Calls outside</b>")
    lines = [_line(one, language) for one in p["calls"]]
    buttons = [
        Button(f"📞 {_short(one['name'], language)}", Press(Verb.CALL, p["id"], one["agency"]))
        for one in p["calls"][: 0 if p.get("is_ended") else MOST_BUTTONS]
    ]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    return Rendered("\n".join([head, *first_that_fit(lines, ROOM - length(head))]), rows)


def _short(name: Mapping[str, str], language: Language) -> str:
    return language.name({key: shorten(text, LABEL_LIMIT) for key, text in name.items()})


SIGNS = {CallState.ASKED: "⚪", CallState.ANSWERED: "✅", CallState.NO_ANSWER: "🔴"}


def _line(one: Mapping[str, Any], language: Language) -> str:
    return f"{SIGNS[CallState(one['state'])]} <b>{language.name(one['name'])}</b> · {_state(one, language)}"
