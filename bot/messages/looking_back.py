"""What was recorded, and what somebody saw in it."""

from __future__ import annotations

import html
from typing import Any, Final

from bot.domain.message import Rendered
from bot.i18n import Language, Markup, sentence

Params = dict[str, Any]

FAILURES: Final = {
    "nothing": sentence("nothing was recorded at that time."),
    "unreachable": sentence(
        "the recorder does not answer. Please try again, or look at the recorder itself."
    ),
    "not_developed": sentence("the pictures could not be masked and marked, so they are not shown."),
    "not_kept": sentence("the pictures could not be kept, so they are not shown. Is the disk full?"),
    "given_up": sentence("it took too long. Please ask again."),
}


def footage(p: Params, language: Language) -> Rendered:
    """How the question stands; the pictures come by themselves."""
    head = language.say(
        "📼 <b>{camera}</b>, {begin} to {end}",
        camera=language.name(p["camera"]),
        begin=language.to_second(p["begin"]),
        end=language.second(p["end"]),
    )
    if p["state"] == "asked":
        said = language.say(
            "Looking at the recording; this takes half a minute. Line {n} of the register.", n=p["register"]
        )
        return Rendered(f"{head}\n{said}")
    if p["state"] != "ready":
        failure = FAILURES[p["state"]]
        return Rendered(language.say("{label}: {said}", label=head, said=language.say(failure)))
    said = language.count(
        "{n} picture where something changed.", "{n} pictures where something changed.", p["n"]
    )
    if not p["number"]:
        return Rendered(f"{head}\n{said}")
    form = language.say(
        "What you see, for the record, without names:\n<code>/observe {number} time; place; what; clothing; direction</code>",
        number=p["number"],
    )
    return Rendered(f"{head}\n{said}\n{form}")


def footage_seen(p: Params, language: Language) -> str:
    """A line of the timeline."""
    return language.say(
        "📼 {who} looked back: {camera}, {begin} to {end}",
        who=language.name(p["actor"]),
        camera=language.name(p["camera"]),
        begin=language.clock(p["begin"]),
        end=language.clock(p["end"]),
    )


def observed(p: Params, language: Language) -> str:
    """A line of the timeline: the parts that were filled in."""
    facts = [html.escape(p[field], quote=False) for field in ("time", "place", "what") if p[field]]
    if p["clothing"]:
        facts.append(language.say("clothing: {words}", words=p["clothing"]))
    if p["direction"]:
        facts.append(language.say("direction: {words}", words=p["direction"]))
    return language.say(
        "👁 {who} saw in the pictures: {facts}",
        who=language.name(p["actor"]),
        facts=Markup(" · ".join(facts)),
    )
