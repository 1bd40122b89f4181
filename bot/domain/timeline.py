"""The append-only record of an incident: every change of it has one entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Event(StrEnum):
    """What happened, as the timeline calls it; `bot/messages/timeline.py` has the sentence for each."""

    REPORTED = "reported"
    REPORT_JOINED = "report_joined"
    PRESSED_AGAIN = "pressed_again"
    REPORT_PARTED = "report_parted"
    KIND_SET = "kind_set"
    ZONE_SET = "zone_set"
    WORDS_ADDED = "words_added"
    ACKNOWLEDGED = "acknowledged"
    COMMAND_TAKEN = "command_taken"
    COMMAND_HANDED_OVER = "command_handed_over"
    COMMAND_VACATED = "command_vacated"
    SEVERITY_CHANGED = "severity_changed"
    NOTED = "noted"
    ACTION_ORDERED = "action_ordered"
    ALL_CLEAR = "all_clear"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    RUNG = "rung"
    NUDGED = "nudged"
    DRILL_STARTED = "drill_started"
    DRILL_SUSPENDED = "drill_suspended"
    ALERT_OPENED = "alert_opened"
    ALERT_JOINED = "alert_joined"
    ALERT_RESOLVED = "alert_resolved"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Who, what, when. `params` are JSON values that the sentence needs, names included."""

    id: int
    incident_id: int
    event: Event
    at: datetime
    actor_id: str | None
    params: dict[str, Any]
