"""Tasks in a list: an incident's, or one's own in whatever incident."""

from __future__ import annotations

from typing import Any

from bot.domain.message import Rendered
from bot.domain.task import TaskState
from bot.i18n import Language, sentence
from bot.messages.labels import role_name
from bot.messages.overview import mark
from bot.messages.room import ROOM, first_that_fit, length
from bot.messages.task import SIGNS, TITLE_IN_LIST, headline, title_of

Params = dict[str, Any]


def tasks(p: Params, language: Language) -> Rendered:
    """How they stand: first what is missing, last what is done."""
    if not p["tasks"]:
        none = NONE[bool(p["is_own"])]
        return Rendered(language.say(none))
    head = language.say("<b>Your tasks</b>") if p["is_own"] else headline(p, language)
    ordered = sorted(p["tasks"], key=lambda one: ORDER.index(one["state"]))
    lines = [_line(one, language) for one in ordered]
    return Rendered("\n".join([head, *first_that_fit(lines, ROOM - length(head))]))


NONE = {True: sentence("You have no task."), False: sentence("This incident has no tasks.")}
ORDER = [
    TaskState.ESCALATED,
    TaskState.OFFERED,
    TaskState.ACCEPTED,
    TaskState.WAITING,
    TaskState.DONE,
    TaskState.DROPPED,
]


def _line(one: Params, language: Language) -> str:
    who = language.name(one["owner"] or one.get("asked")) or role_name(one["role"], language)
    when = one["done_at"] or one["due_at"]
    at = f" {language.clock(when)}" if when else ""
    late = "⏰" if one["is_late"] and one["state"] not in (TaskState.DONE, TaskState.DROPPED) else ""
    which = f"{mark(one, language)}{one['number']} " if "number" in one else ""
    return f"{SIGNS[one['state']]}{late}{at} {which}{title_of(one, language, TITLE_IN_LIST)} · {who}"
