"""What came of a request, in one sentence: a toast on a press, a message otherwise."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from bot.domain.message import Rendered
from bot.domain.outcome import Done, Outcome
from bot.domain.text import shorten
from bot.errors import Reason
from bot.i18n import Language, Languages
from bot.messages.labels import severity_label
from bot.messages.overview import MARKS
from bot.messages.people import keyboard

Params = dict[str, Any]
# Bot API: answerCallbackQuery's text is at most 200 characters, and plain.
TOAST_LIMIT = 200
# Enough of a word to know it again, and of a list to choose from.
WORD_LIMIT = 40
MOST_NUMBERS = 10
_TAGS = re.compile(r"</?[a-z]+>")


def toast(outcome: Outcome, languages: Languages) -> str:
    """The short notice on a pressed button; empty when a message of its own says it."""
    language = languages[outcome.locale]
    if outcome.refusal is not None:
        text = REFUSALS[outcome.refusal.reason](outcome.refusal.params, language)
    else:
        text = DONE[outcome.done](outcome.params, language)
    params = outcome.refusal.params if outcome.refusal else outcome.params
    mark = MARKS[params.get("mode", "REAL")](language) if text else ""
    return shorten(mark + html.unescape(_TAGS.sub("", text)), TOAST_LIMIT)


def done(p: Params, language: Language) -> Rendered:
    """A command was carried out."""
    rows = keyboard(language) if p.get("keyboard") else ()
    return Rendered(DONE[Done(p["done"])](p, language), keyboard=rows)


def refused(p: Params, language: Language) -> Rendered:
    """A command was refused, and why."""
    return Rendered(REFUSALS[Reason(p["reason"])](p, language))


def _word(p: Params) -> str:
    return shorten(p["word"], WORD_LIMIT)


def _number(p: Params) -> str:
    return shorten(str(p.get("number", "")), WORD_LIMIT)


DONE: dict[Done, Callable[[Params, Language], str]] = {
    Done.NOTHING: lambda p, language: "",
    Done.REPEATED: lambda p, language: language.say("Already done."),
    Done.REPORTED: lambda p, language: language.say("Received."),
    Done.ENRICHED: lambda p, language: language.say("Noted."),
    Done.ACKNOWLEDGED: lambda p, language: language.say(
        "{number}: the reporter is told that you have seen it.", number=_number(p)
    ),
    Done.COMMAND_TAKEN: lambda p, language: language.say("{number}: you are in command.", number=_number(p)),
    Done.COMMAND_HANDED_OVER: lambda p, language: language.say(
        "{number}: {who} is in command now.", number=_number(p), who=language.name(p["who"])
    ),
    Done.SEVERITY_SET: lambda p, language: (
        language.say(
            "{number} is {severity} now.",
            number=_number(p),
            severity=severity_label(p["severity"], language),
        )
        if "severity" in p
        else ""
    ),
    Done.NOTED: lambda p, language: language.say("{number}: noted.", number=_number(p)),
    Done.ASKED: lambda p, language: language.say("Please confirm."),
    Done.ORDERED: lambda p, language: language.say("Confirmed. It is on its way."),
    Done.ALL_CLEAR: lambda p, language: language.say("All clear given."),
    Done.WITHDRAWN: lambda p, language: language.say("Not sent."),
    Done.CANCELLED: lambda p, language: language.say(
        "{number}: cancelled as a false alarm.", number=_number(p)
    ),
    Done.CLOSED: lambda p, language: language.say("{number}: closed.", number=_number(p)),
    Done.LANGUAGE_SET: lambda p, language: language.say("Muster speaks English with you now."),
    Done.REVOKED: lambda p, language: language.say(
        "{who} no longer has any right.", who=language.name(p["who"])
    ),
    Done.ALERT_OPENED: lambda p, language: language.say("Incident {number} is open.", number=_number(p)),
    Done.ALERT_JOINED: lambda p, language: language.say("Joined to {number}.", number=_number(p)),
    Done.ALERT_DISMISSED: lambda p, language: language.say("Dismissed; the reason is on record."),
    Done.ROSTER_APPLIED: lambda p, language: language.say("The roster is applied."),
    Done.UNMUTED: lambda p, language: language.say("Listening to {source} again.", source=p["source"]),
    Done.DRILL_STARTED: lambda p, language: language.say("Drill {number} has begun.", number=_number(p)),
}


def _which(p: Params, language: Language) -> str:
    numbers = [*p["numbers"][:MOST_NUMBERS], *(["…"] if len(p["numbers"]) > MOST_NUMBERS else [])]
    return language.say(
        "Several incidents are open: {numbers}. Put the number first.", numbers=", ".join(numbers)
    )


def _not_allowed(p: Params, language: Language) -> str:
    return language.say("Your role does not include this. It was not done; the attempt is on record.")


def _unknown_incident(p: Params, language: Language) -> str:
    if not _number(p):
        return language.say("This incident no longer exists.")
    return language.say("There is no incident {number}.", number=_number(p))


def _acknowledged(p: Params, language: Language) -> str:
    return language.say("{who} has seen it already.", who=language.name(p["who"]))


def _words_missing(p: Params, language: Language) -> str:
    return language.say("Please add the words: /{command} …", command=p["command"])


def _unknown_command(p: Params, language: Language) -> str:
    word = shorten(p["word"], WORD_LIMIT)
    if p.get("nearest"):
        return language.say(
            "There is no command /{word}. Do you mean /{nearest}?", word=word, nearest=p["nearest"]
        )
    return language.say("There is no command /{word}. /help shows them all.", word=word)


REFUSALS: dict[Reason, Callable[[Params, Language], str]] = {
    Reason.NOT_ALLOWED: _not_allowed,
    Reason.NO_OPEN_INCIDENT: lambda p, language: language.say("No incident is open."),
    Reason.WHICH_INCIDENT: _which,
    Reason.UNKNOWN_INCIDENT: _unknown_incident,
    Reason.INCIDENT_ENDED: lambda p, language: language.say(
        "{number} is over; nothing can change any more.", number=_number(p)
    ),
    Reason.NOT_YET_ALL_CLEAR: lambda p, language: language.say(
        "{number}: first the all-clear (/allclear), then close.", number=_number(p)
    ),
    Reason.ALREADY_ALL_CLEAR: lambda p, language: language.say(
        "{number}: the all-clear was given already.", number=_number(p)
    ),
    Reason.ALREADY_ACKNOWLEDGED: _acknowledged,
    Reason.ALREADY_COMMANDER: lambda p, language: language.say("Already in command."),
    Reason.UNKNOWN_KIND: lambda p, language: language.say(
        "Muster does not know the kind “{word}”. Try: fire, medical, intruder …", word=_word(p)
    ),
    Reason.UNKNOWN_ZONE: lambda p, language: language.say(
        "Muster does not know the place “{word}”.", word=_word(p)
    ),
    Reason.UNKNOWN_PERSON: lambda p, language: language.say(
        "Nobody, or more than one, on the roster is “{word}”. Try the staff number.", word=_word(p)
    ),
    Reason.CANNOT_COMMAND: lambda p, language: language.say(
        "{who} may not command an incident.", who=language.name(p["who"])
    ),
    Reason.WORDS_MISSING: _words_missing,
    Reason.ORDER_EXPIRED: lambda p, language: language.say(
        "Asked more than two minutes ago: please order it again. Nothing was sent."
    ),
    Reason.ORDER_DONE: lambda p, language: language.say("Confirmed already; it went out once."),
    Reason.ORDER_WITHDRAWN: lambda p, language: language.say("It was withdrawn. Nothing was sent."),
    Reason.REAL_INCIDENT_OPEN: lambda p, language: language.say(
        "No drill now: the real incident {number} is open.", number=_number(p)
    ),
    Reason.DRILL_OPEN: lambda p, language: language.say(
        "The drill {number} is still running.", number=_number(p)
    ),
    Reason.DRILL_SUSPENDED: lambda p, language: language.say(
        "The drill {number} is suspended by a real incident. It can only be closed (/close).",
        number=_number(p),
    ),
    Reason.NOT_THE_REPORTER: lambda p, language: language.say("Only who reported it can do this."),
    Reason.REPORT_PARTED: lambda p, language: language.say("This report has its own incident already."),
    Reason.INVITE_INVALID: lambda p, language: language.say(
        "This invitation is not valid: used, older than seven days, or mistyped. Ask the safety office for a new one."
    ),
    Reason.INVITE_TAKEN: lambda p, language: language.say(
        "This Telegram account belongs to {who} already.", who=language.name(p["who"])
    ),
    Reason.UNKNOWN_BUTTON: lambda p, language: language.say("This button is out of date. Nothing was done."),
    Reason.ROSTER_FILE: lambda p, language: language.say("This file is not a roster that Muster can read."),
    Reason.ALERT_DECIDED: lambda p, language: language.say("This was decided already."),
    Reason.UNREACHABLE: lambda p, language: language.say(
        "No chat message reaches {who}.", who=language.name(p["who"])
    ),
    Reason.TOO_MANY_REPORTS: lambda p, language: language.say(
        "You have reported several things within minutes. Please write here what else there is."
    ),
    Reason.UNKNOWN_COMMAND: _unknown_command,
    Reason.ALERT_NOT_NOW: lambda p, language: language.say(
        "An exercise opens nothing while another incident or drill is in force."
    ),
    Reason.STRANGER: lambda p, language: language.say("You are not on the school's roster."),
}
