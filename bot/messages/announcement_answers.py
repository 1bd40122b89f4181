"""What came of a request about an announcement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.text import shorten
from bot.errors import Reason
from bot.i18n import Language

Params = dict[str, Any]
NUMBER_LIMIT = 40


def _number(p: Params) -> str:
    return shorten(str(p.get("number", "")), NUMBER_LIMIT)


DONE: dict[Done, Callable[[Params, Language], str]] = {
    Done.IN_PRIVATE: lambda p, language: language.say("It is in your private chat with Muster."),
    Done.NEVER_MIND: lambda p, language: language.say("Never mind, then."),
    Done.ANNOUNCEMENT_DRAFTED: lambda p, language: language.say(
        "The draft {number} is in your private chat with Muster.", number=_number(p)
    ),
    Done.ANNOUNCEMENT_SUBMITTED: lambda p, language: language.count(
        "Sent for approval to {n} person.", "Sent for approval to {n} people.", p["n"]
    ),
    Done.ANNOUNCEMENT_DROPPED: lambda p, language: language.say("{number} is dropped.", number=_number(p)),
    Done.ANNOUNCEMENT_SCHEDULED: lambda p, language: language.say(
        "Approved. It goes out on {time}.", time=language.moment(p["at"])
    ),
    Done.ANNOUNCEMENT_PUBLISHED: lambda p, language: language.say(
        "{number} is published and on its way.", number=_number(p)
    ),
    Done.ANNOUNCEMENT_RETURNED: lambda p, language: language.say(
        "{number} is returned to its author.", number=_number(p)
    ),
    Done.ANNOUNCEMENT_WITHDRAWN: lambda p, language: language.say(
        "{number} is taken back; everybody who got it hears so.", number=_number(p)
    ),
    Done.ANSWER_KEPT: lambda p, language: _ANSWERS[p["answer"]](language),
    Done.SILENT_CHASED: lambda p, language: language.count(
        "Asked {n} person again.", "Asked {n} people again.", p["n"]
    ),
}
_ANSWERS: dict[str, Callable[[Language], str]] = {
    "read": lambda language: language.say("Thank you, noted."),
    "safe": lambda language: language.say("Good. Noted."),
    "help": lambda language: language.say("Help is called for."),
}

REFUSALS: dict[Reason, Callable[[Params, Language], str]] = {
    Reason.UNKNOWN_ANNOUNCEMENT: lambda p, language: language.say(
        "There is no announcement {number}.", number=_number(p)
    ),
    Reason.TEXT_TOO_LONG: lambda p, language: language.say(
        "{length} characters are too many; an announcement has at most {limit}.",
        length=p["length"],
        limit=p["limit"],
    ),
    Reason.NOT_THE_AUTHOR: lambda p, language: language.say(
        "Only its author, {who}, can change this draft.", who=language.name(p["who"])
    ),
    Reason.OWN_ANNOUNCEMENT: lambda p, language: language.say(
        "Somebody else has to approve what you wrote yourself."
    ),
    Reason.NOT_A_PUBLISHER: lambda p, language: language.say(
        "The school's settings let others publish. It was not done."
    ),
    Reason.NOBODY_PUBLISHES: lambda p, language: language.say(
        "Nobody else who may publish it has a chat with Muster. Ask the principal or a deputy to connect."
    ),
    Reason.ANNOUNCEMENT_CHANGED: lambda p, language: language.say(
        "{number} was changed since. Please read the newer text first.", number=_number(p)
    ),
    Reason.ANNOUNCEMENT_SUBMITTED: lambda p, language: language.say(
        "{number} waits for approval already.", number=_number(p)
    ),
    Reason.ANNOUNCEMENT_APPROVED: lambda p, language: language.say(
        "{who} has approved it already; it goes out once.", who=language.name(p["who"])
    ),
    Reason.ANNOUNCEMENT_EXPIRED: lambda p, language: language.say(
        "{number} is out of date. Please write a new one.", number=_number(p)
    ),
    Reason.ANNOUNCEMENT_OVER: lambda p, language: language.say(
        "{number} is closed; nothing can change any more.", number=_number(p)
    ),
    Reason.ANNOUNCEMENT_NARROWER: lambda p, language: language.say(
        "{number} is out for more people than that, and all of them have to hear what was wrong. "
        "Take it back and write a new one.",
        number=_number(p),
    ),
    Reason.NOT_A_TIME: lambda p, language: language.say(
        "That is no time. Try 07:30, tomorrow 07:30, or 12-01 07:30."
    ),
    Reason.TIME_PAST: lambda p, language: language.say("That time is past, or after the end."),
    Reason.CHASED_ALREADY: lambda p, language: language.say(
        "They were asked again less than two minutes ago."
    ),
}
