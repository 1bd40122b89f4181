"""What is answered, refused and recorded about reports, corrective actions and digests; others' tables take it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason
from bot.i18n import Language
from bot.messages import plan_answers

Params = dict[str, Any]
Sentences = Callable[[Params, Language], str]
NUMBER_LIMIT = 40


def _number(p: Params) -> str:
    return shorten(str(p.get("number", "")), NUMBER_LIMIT)


DONE: dict[Done, Sentences] = {
    **plan_answers.DONE,
    Done.WORDS_KEPT: lambda p, language: language.say(
        "{number}: thank you, it is kept for the report.", number=_number(p)
    ),
    Done.WORDS_AWAITED: lambda p, language: language.say("Your next message is the answer."),
    Done.REPORT_SUBMITTED: lambda p, language: language.say(
        "{number}: the report is submitted. The principal is asked.", number=_number(p)
    ),
    Done.REPORT_ACCEPTED: lambda p, language: language.say(
        "{number}: the report is accepted, signed and frozen.", number=_number(p)
    ),
    Done.REPORT_RETURNED: lambda p, language: language.say(
        "{number}: the report is returned to the safety office.", number=_number(p)
    ),
    Done.ACTION_AGREED: lambda p, language: language.say(
        "Corrective action {n} is kept; {who} is told.", n=p["n"], who=language.name(p["who"])
    ),
    Done.ACTION_DONE: lambda p, language: language.say("Corrective action {n} is done. Thank you.", n=p["n"]),
}

REFUSALS: dict[Reason, Sentences] = {
    **plan_answers.REFUSALS,
    Reason.REPORT_ACCEPTED: lambda p, language: language.say(
        "{number}: the report is accepted; nothing in it can change any more.", number=_number(p)
    ),
    Reason.REPORT_SUBMITTED: lambda p, language: language.say(
        "{number}: the report is with the principal. It can be changed when it comes back.", number=_number(p)
    ),
    Reason.REPORT_NOT_SUBMITTED: lambda p, language: language.say(
        "{number}: the report is not submitted. The safety office does that when it is complete.",
        number=_number(p),
    ),
    Reason.REPORT_REPLACED: lambda p, language: language.say(
        "{number}: there is a newer version of the report ({n}). Please read that one.",
        number=_number(p),
        n=p["n"],
    ),
    Reason.REPORT_NOT_READY: lambda p, language: language.say(
        "{number}: the report is not there yet. It is made at the all-clear.", number=_number(p)
    ),
    Reason.REPORT_NOT_ACCEPTED: lambda p, language: language.say(
        "{number}: the principal has not accepted the report yet (/afteraction). Then close.",
        number=_number(p),
    ),
    Reason.NOT_TAKEN_PART: lambda p, language: language.say(
        "Only those who took part in {number} are asked about it.", number=_number(p)
    ),
    Reason.NOT_A_DAY: lambda p, language: language.say(
        "Please write who, until when, and what: /corrective Sun Li 2026-12-15 second exit for the north stairs"
    ),
    Reason.DAY_PASSED: lambda p, language: language.say(
        "{word} is over already.", word=shorten(p["word"], NUMBER_LIMIT)
    ),
    Reason.UNKNOWN_ACTION: lambda p, language: language.say(
        "There is no corrective action {number}. /corrective lists them.", number=_number(p)
    ),
    Reason.ACTION_DONE: lambda p, language: language.say(
        "Corrective action {number} is done already.", number=_number(p)
    ),
}


def _who(p: Params, language: Language) -> str:
    return language.name(p.get("actor"))


SENTENCES: dict[Event, Sentences] = {
    **plan_answers.SENTENCES,
    Event.REPORT_SUBMITTED: lambda p, language: language.say(
        "{who} submits the report", who=_who(p, language)
    ),
    Event.REPORT_RETURNED: lambda p, language: language.say(
        "{who} returns the report (version {n}): {words}",
        who=_who(p, language),
        n=p["n"],
        words=p["words"],
    ),
    Event.REPORT_ACCEPTED: lambda p, language: language.say(
        "{who} accepts the report, version {n}", who=_who(p, language), n=p["n"]
    ),
    Event.ACTION_AGREED: lambda p, language: language.say(
        "Corrective action {n} for {who}: {words}", n=p["n"], who=language.name(p["who"]), words=p["words"]
    ),
    Event.ACTION_DONE: lambda p, language: language.say(
        "Corrective action {n} is done: {words}", n=p["n"], words=p["words"]
    ),
}
