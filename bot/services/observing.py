"""What somebody saw in the cameras' pictures, as a record of the incident: time, place, what, clothing, direction.

Never a name: whoever is described is somebody's child, or nobody's business; who they are is for the police.
"""

from __future__ import annotations

import re
from typing import Any, Final

from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import clean_line, shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.turn import Turn, Turns

FIELDS: Final = ("time", "place", "what", "clothing", "direction")
SEPARATORS: Final = re.compile(r"\s*[;；|｜]\s*")
LONGEST: Final = 120
NOTHING: Final = frozenset({"-", "–", "—", "无", "不详", "?", "？"})
SHORTEST_NAME: Final = 2
"""A single character is a word like any other."""


class ObservingService:
    """The form."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def observe(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/observe [2026-0007] time; place; what; clothing; direction`."""
        return await self._turns.run(sender, observe, ref, words)


def observe(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """Into the timeline. RefusedError when parts are missing, or somebody is named."""
    turn.require(Right.SEE_CAMERAS, "observe")
    parts = [shorten(clean_line(part), LONGEST) for part in SEPARATORS.split(words.strip())]
    if len(parts) != len(FIELDS) or not all(parts):
        raise RefusedError(Reason.NOT_AN_OBSERVATION)
    if name := _name_in(turn, words):
        raise RefusedError(Reason.NAMES_SOMEBODY, word=name)
    incident = turn.incident(ref)
    said: dict[str, Any] = {
        field: "" if part in NOTHING else part for field, part in zip(FIELDS, parts, strict=True)
    }
    turn.record(incident, Event.OBSERVED, **said)
    return Outcome(Done.NOTED, {"number": incident.number})


def _name_in(turn: Turn, words: str) -> str | None:
    """The first name on the roster that stands in the words; a Latin one only as a word of its own."""
    people = turn.tx.people.list_active()
    names = [name for person in people for name in (person.name.zh, person.name.en)]
    names += [pupil.name for pupil in turn.tx.roster.pupils().values()]
    lowered = words.casefold()
    return next((name for name in names if len(name) >= SHORTEST_NAME and _stands_in(name, lowered)), None)


def _stands_in(name: str, lowered: str) -> bool:
    told = name.casefold()
    if not told.isascii():
        return told in lowered
    return re.search(rf"(?<![a-z0-9]){re.escape(told)}(?![a-z0-9])", lowered) is not None
