"""What is asked, answered and refused about readiness; others' tables take it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.outcome import Done
from bot.domain.text import shorten
from bot.errors import Reason
from bot.i18n import Language, sentence

Params = dict[str, Any]
Sentences = Callable[[Params, Language], str]
NUMBER_LIMIT = 40

# What is asked of somebody whose next message is the answer.
ASKED = {
    "patrol": sentence(
        "⚠️ What did you find? Please write it in your next message, or send a photo. In danger press 🆘 SOS."
    ),
    "trained": sentence(
        "👥 Training {number}: who was there? Please send names or staff numbers in one message, with commas between."
    ),
    "not_trained": sentence(
        "✖️ Training {number}: who did not pass? Please send names or staff numbers in one message, with commas between."
    ),
}


def _number(p: Params) -> str:
    return shorten(str(p.get("number", "")), NUMBER_LIMIT)


DONE: dict[Done, Sentences] = {
    Done.ENTRY_UNDONE: lambda p, language: language.say("The last entry is taken back."),
    Done.TRAINING_DROPPED: lambda p, language: language.say("Training {n} is deleted.", n=p["n"]),
    Done.DRILL_DROPPED: lambda p, language: language.say("It is taken off the calendar."),
    Done.NOTED_PATROL: lambda p, language: language.say("All in order: noted."),
}

REFUSALS: dict[Reason, Sentences] = {
    Reason.NOT_A_TRAINING: lambda p, language: language.say(
        "Please write: /training fire extinguishers; 2026-12-05; Wang Fang; fire brigade; fire safety; 2027-12-05 – all but the topic may be left out."
    ),
    Reason.UNKNOWN_TRAINING: lambda p, language: language.say(
        "There is no training {number}. /training lists them.", number=_number(p)
    ),
    Reason.NOT_A_DRILL: lambda p, language: language.say(
        "Please write the day and the kind: /drills 2026-12-05 fire A3 class leads know of it"
    ),
    Reason.UNKNOWN_POINT: lambda p, language: language.say(
        "This code is not valid any more. Please tell the safety office where it hangs."
    ),
    Reason.NOT_YOUR_VISIT: lambda p, language: language.say(
        "Only who checked in there can say how it was. Please scan the code at the point yourself."
    ),
    Reason.FINDING_REPORTED: lambda p, language: language.say(
        "It is reported already: {number}.", number=_number(p)
    ),
    Reason.ENTRY_NOT_LAST: lambda p, language: language.say(
        "Something newer was entered since. Please look at the training again: only its last entry can be undone."
    ),
}
