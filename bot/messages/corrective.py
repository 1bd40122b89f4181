"""Corrective actions in chat: what somebody has agreed to do, the list, and that it is done."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
WORDS_LIMIT = 600
WORDS_IN_LIST = 120


def action(p: Params, language: Language) -> Rendered:
    """To its owner: new, or a reminder."""
    if p["is_new"]:
        head = language.say("🔧 <b>Corrective action {n} is yours</b>", n=p["action"])
    elif p["is_overdue"]:
        head = language.say("🔧 <b>Corrective action {n} is overdue</b>", n=p["action"])
    else:
        head = language.say("🔧 <b>Corrective action {n}: a reminder</b>", n=p["action"])
    lines = [head, language.say("“{words}”", words=shorten(p["words"], WORDS_LIMIT)), _when(p, language)]
    done = Button(language.say("✅ Done"), Press(Verb.CORRECTIVE_DONE, p["action"]))
    change = Button(language.say("📝 Change a plan"), Press(Verb.PLAN_CHANGE, p["action"]))
    return Rendered("\n".join(lines), ((done,), (change,)))


def _when(p: Params, language: Language) -> str:
    owner = language.name(p["owner"])
    when = language.say("{who}, until {day}", who=owner, day=p["due_on"])
    return f"{when} · {p['number']}" if p["number"] else str(when)


def listing(p: Params, language: Language) -> Rendered:
    """All that are open."""
    if not p["actions"]:
        return Rendered(language.say("🔧 No corrective action is open."))
    blocks = [line(one, language) for one in p["actions"]]
    shown = first_that_fit([language.say("🔧 <b>Corrective actions that are open</b>"), *blocks], ROOM)
    shown.append(language.say("Done? /corrected, its number, and how one can see it."))
    shown.append(language.say("A plan should change? /planchange and its number."))
    return Rendered("\n\n".join(shown))


def line(p: Params, language: Language) -> str:
    """One action in two lines."""
    late = language.say("⚠️ overdue · ") if p["is_overdue"] else ""
    words = language.say("“{words}”", words=shorten(p["words"], WORDS_IN_LIST))
    return f"<b>{p['action']}</b> {words}\n{late}{_when(p, language)}"


def done(p: Params, language: Language) -> Rendered:
    """To the safety office."""
    lines = [
        language.say("🔧 <b>Corrective action {n} is done</b>", n=p["action"]),
        language.say("“{words}”", words=shorten(p["words"], WORDS_LIMIT)),
        language.say("{who}: “{proof}”", who=language.name(p["who"]), proof=shorten(p["proof"], WORDS_LIMIT)),
    ]
    return Rendered("\n".join(lines))
