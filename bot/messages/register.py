"""The cameras' access register on a phone: for the safety office, and in private only."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.message import Rendered
from bot.domain.text import shorten
from bot.i18n import Language, sentence
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]
LONGEST: Final = 120

ACTS: Final = {
    "view": sentence("viewed"),
    "refusal": sentence("refused"),
    "export": sentence("handed out"),
    "deletion": sentence("erased"),
    "outside_view": sentence("shown to somebody from outside"),
}


def lines(p: Params, language: Language) -> Rendered:
    """The newest first; or the line that was just entered."""
    if p.get("entered"):
        head = language.say("Entered as line {n}.", n=p["entered"])
        return Rendered(f"{head}\n\n{_line(p['lines'][0], language)}")
    form = language.say(
        "To enter who was shown images:\n<code>/register camera; name; unit; reason; what was shown</code>\nAll lines, for an inspection: <code>muster register</code> on the school's machine."
    )
    if not p["lines"]:
        none = language.count(
            "Nobody looked at a camera in the last {n} day.",
            "Nobody looked at a camera in the last {n} days.",
            p["days"],
        )
        return Rendered(f"{none}\n\n{form}")
    head = language.count(
        "📒 <b>Access register</b>: {n} line in {days} days",
        "📒 <b>Access register</b>: {n} lines in {days} days",
        p["total"],
        days=p["days"],
    )
    kept = first_that_fit([_line(line, language) for line in p["lines"]], ROOM - length(head + form) - 4)
    return Rendered("\n\n".join([head, *kept, form]))


def _line(p: Params, language: Language) -> str:
    act = ACTS[p["act"]]
    head = language.say(
        "<b>{n}</b> · {time} · {camera}: {act}",
        n=p["id"],
        time=language.moment(p["at"]),
        camera=language.name(p["camera"]),
        act=language.say(act),
    )
    who = (
        language.say("Who: {name} ({unit})", name=p["name"], unit=p["unit"])
        if p["unit"]
        else language.say("Who: {name}", name=p["name"])
    )
    rows = [head, who, language.say("Why: {words}", words=shorten(p["reason"], LONGEST))]
    if p["content"]:
        rows.append(language.say("What: {words}", words=shorten(p["content"], LONGEST)))
    if p["snapshot"]:
        rows.append(language.say("Picture #{id}", id=p["snapshot"]))
    return "\n".join(rows)
