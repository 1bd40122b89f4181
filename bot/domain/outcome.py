"""What came of a request: said as a short notice on a press, as a message otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.errors import Refusal


class Done(StrEnum):
    """What was done; `bot/messages/answers.py` has the sentence for each."""

    NOTHING = "nothing"
    REPEATED = "repeated"
    REPORTED = "reported"
    ENRICHED = "enriched"
    ACKNOWLEDGED = "acknowledged"
    COMMAND_TAKEN = "command_taken"
    COMMAND_HANDED_OVER = "command_handed_over"
    SEVERITY_SET = "severity_set"
    NOTED = "noted"
    ASKED = "asked"
    ORDERED = "ordered"
    ALL_CLEAR = "all_clear"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    LANGUAGE_SET = "language_set"
    REVOKED = "revoked"
    DRILL_STARTED = "drill_started"
    ALERT_OPENED = "alert_opened"
    ALERT_JOINED = "alert_joined"
    ALERT_DISMISSED = "alert_dismissed"
    UNMUTED = "unmuted"
    ROSTER_APPLIED = "roster_applied"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refusal` None means that `done` holds. `is_told`: a message of its own says it already."""

    done: Done = Done.NOTHING
    params: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    locale: str | None = None
    is_told: bool = False
