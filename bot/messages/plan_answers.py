"""What is answered, refused and recorded about changes to plans; others' tables take it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason
from bot.i18n import Language
from bot.messages.labels import kind_name
from bot.messages.plan_flaws import refused

Params = dict[str, Any]
Sentences = Callable[[Params, Language], str]
WORD_LIMIT = 40

DONE: dict[Done, Sentences] = {
    Done.PLAN_CHANGE_SUBMITTED: lambda p, language: language.say(
        "Plan change {n} is submitted. The principal is asked.", n=p["n"]
    ),
    Done.PLAN_CHANGE_DROPPED: lambda p, language: language.say("Dropped. The plan stays as it is."),
    Done.PLAN_CHANGE_APPROVED: lambda p, language: language.say(
        "Version {n} of the plan holds from now on.", n=p["n"]
    ),
    Done.PLAN_CHANGE_RETURNED: lambda p, language: language.say("Plan change {n} is returned.", n=p["n"]),
    Done.PLAN_CHANGE_RENEWED: lambda p, language: language.say(
        "The plan has changed since. This is the difference now; please decide again."
    ),
}

REFUSALS: dict[Reason, Sentences] = {
    Reason.PLAN_CHANGE_BAD: refused,
    Reason.PLAN_CHANGE_SAME: lambda p, language: language.say(
        "The plan says so already. Nothing was changed."
    ),
    Reason.PLAN_CHANGE_OVER: lambda p, language: language.say(
        "Plan change {number} is submitted or decided already.", number=shorten(p["number"], WORD_LIMIT)
    ),
    Reason.PLAN_CHANGE_OWN: lambda p, language: language.say(
        "Your own proposal is decided by the principal or another deputy."
    ),
    Reason.UNKNOWN_PLAN_CHANGE: lambda p, language: language.say(
        "There is no plan change {number}. /planchange lists them.", number=shorten(p["number"], WORD_LIMIT)
    ),
    Reason.UNKNOWN_PLAN_TASK: lambda p, language: language.say(
        "This plan has no task “{word}”.", word=shorten(p["word"], WORD_LIMIT)
    ),
    Reason.NOT_A_PLAN_CHANGE: lambda p, language: language.say(
        "Please write the corrective action's number, the plan, the task and what: /planchange 3 fire scene minutes 4. Or only the number; then buttons ask."
    ),
    Reason.PLAN_TITLE_MISSING: lambda p, language: language.say(
        "Please write both languages: Chinese | English. Put - for the one that is missing."
    ),
}

SENTENCES: dict[Event, Sentences] = {
    Event.PLAN_CHANGED: lambda p, language: language.say(
        "{who} approves a change to the plan {kind}, version {n}: {words}",
        who=language.name(p.get("actor")),
        kind=kind_name(p["kind"], language),
        n=p["n"],
        words=p["words"],
    ),
}
