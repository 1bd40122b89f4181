"""What is answered, and what the record says, about the injured and about who outside is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.timeline import Event
from bot.errors import Reason
from bot.i18n import Language
from bot.messages import district_line, injured

Params = dict[str, Any]
Sentences = Callable[[Params, Language], str]

DONE: dict[Done, Sentences] = {
    Done.INJURED_NOTED: lambda p, language: language.say("Noted, with your name and the time."),
    Done.INJURED_CHANGED: lambda p, language: language.say(
        "Somebody changed the number meanwhile. Look, and press again if one more is meant."
    ),
    Done.INJURED_NAMED: lambda p, language: language.say(
        "Noted. The name goes to the commander and the clinic only; everybody else reads figures."
    ),
    Done.LIAISON_REVOKED: lambda p, language: language.say("The link opens nothing any more."),
    Done.DISTRICT_SENT: lambda p, language: language.say(
        "On its way. What comes of it stands on the card and in the timeline."
    ),
}

REFUSALS: dict[Reason, Sentences] = {
    Reason.NOT_FIGURES: lambda p, language: language.say(
        "How many, and in what state? Try: /injured 2 light 1 serious; a colleague by name: /injured Sun Li serious"
    ),
    Reason.NOT_INJURED_STAFF: lambda p, language: language.say(
        "Nobody has named this colleague as injured. Nothing was changed."
    ),
    Reason.NOT_INJURED: lambda p, language: language.say(
        "The headcount does not have this pupil as injured any more. Nothing was changed."
    ),
    Reason.NO_DISTRICT: lambda p, language: language.say(
        "No platform of the district is set up. Please report by phone or mail."
    ),
    Reason.NOT_ANNOUNCED: lambda p, language: language.say(
        "{number} is restricted: no announcement is about it. Write the text without the number.",
        number=p["number"],
    ),
    Reason.NOT_BY_MACHINE: lambda p, language: language.say(
        "{number} is restricted: no machine sends it. Please report it in person.", number=p["number"]
    ),
}


def _revoked(p: Params, language: Language) -> str:
    if p.get("is_restricted"):
        return language.say("🚫 The link for {unit} ended: the incident is restricted now", unit=p["unit"])
    if "maker" in p:
        who = language.name(p["maker"])
        return language.say(
            "🚫 The link for {unit} ended: {who} may no longer give one", unit=p["unit"], who=who
        )
    return language.say(
        "🚫 {who} takes back the link for {unit}", who=language.name(p["actor"]), unit=p["unit"]
    )


SENTENCES: dict[Event, Sentences] = {
    Event.INJURED_COUNTED: injured.counted,
    Event.DISTRICT_SENT: district_line.sent,
    Event.DISTRICT_ANSWERED: district_line.answered,
    Event.LIAISON_MADE: lambda p, language: language.say(
        "🔗 {who} gives {unit} a link to read facts, until {time}",
        who=language.name(p["actor"]),
        unit=p["unit"],
        time=language.clock(p["until"]),
    ),
    Event.LIAISON_OPENED: lambda p, language: language.say(
        "👁 The link for {unit} was opened", unit=p["unit"]
    ),
    Event.LIAISON_REVOKED: _revoked,
}
