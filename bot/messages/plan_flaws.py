"""Why a change to a plan is refused: the sentences of a bad file, in the reader's language.

The words are those of `bot/config/problems.py`; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

from bot.i18n import Language, sentence

FLAWS: dict[str, str] = {
    "not_number": sentence("must be a whole number"),
    "not_one_of": sentence("must be one of {choices}"),
    "too_small": sentence("must be at least {limit}"),
    "too_large": sentence("must be at most {limit}"),
    "too_long": sentence("must have at most {limit} characters"),
    "empty": sentence("must not be empty"),
    "too_many_tasks": sentence("has {count} tasks; nobody can follow more than {limit}"),
    "unknown_task": sentence("waits for {other}, which is no task of this plan"),
    "task_cycle": sentence("waits in a circle, by way of {other}: it can never begin"),
    "task_never_begins": sentence(
        "waits for {other}, which only graver incidents have: it can never begin without it"
    ),
    "unknown_agency": sentence("there is no agency {id}; describe it in [[agencies]] of school.toml"),
    "restricted_without_roles": sentence("a restricted incident's tasks ask {role}, who may not know of it"),
}
MOST = 3


def refused(p: dict[str, Any], language: Language) -> str:
    """`tasks.scene.minutes: must be at least 1`."""
    lines = [language.say("The plan would not be in order; nothing was changed.")]
    for one in p["flaws"][:MOST]:
        text = FLAWS.get(one["flaw"])
        said = language.say(text, **one["values"]) if text else one["flaw"]
        lines.append(language.say("{key}: {said}", key=one["key"], said=said))
    return "\n".join(lines)
