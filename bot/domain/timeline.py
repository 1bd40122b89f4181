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
    RESTRICTED = "restricted"
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
    ROLL_CALL_STARTED = "roll_call_started"
    ROLL_CALL_TURNED = "roll_call_turned"
    ROLL_CALL_CLOSED = "roll_call_closed"
    CLASS_COUNTED = "class_counted"
    CLASS_DISPUTED = "class_disputed"
    CLASS_SETTLED = "class_settled"
    CLASS_COVERED = "class_covered"
    COVER_ENDED = "cover_ended"
    PUPIL_FOUND = "pupil_found"
    PUPIL_INJURED = "pupil_injured"
    EVERYBODY_COUNTED = "everybody_counted"
    NO_ANSWER = "no_answer"
    HELP_CALLED = "help_called"
    HELP_OVER = "help_over"
    CHECKED_IN = "checked_in"
    COUNT_HELD = "count_held"
    COUNT_RELEASED = "count_released"
    COUNT_PURGED = "count_purged"
    FOOTAGE_SEEN = "footage_seen"
    OBSERVED = "observed"
    CAMERAS_SHOWN = "cameras_shown"
    CHANNEL_ANSWERED = "channel_answered"
    ANNOUNCED = "announced"
    PLAN_STARTED = "plan_started"
    TASK_ADDED = "task_added"
    TASK_ACCEPTED = "task_accepted"
    TASK_DECLINED = "task_declined"
    TASK_HANDED_OVER = "task_handed_over"
    TASK_ESCALATED = "task_escalated"
    TASK_LATE = "task_late"
    TASK_DONE = "task_done"
    AGENCY_CALLED = "agency_called"
    AGENCY_SILENT = "agency_silent"
    REPORT_DUE = "report_due"
    REPORT_LATE = "report_late"
    REPORT_SENT = "report_sent"
    SCENE_DISPATCHED = "scene_dispatched"
    SCENE_ANSWERED = "scene_answered"
    SCENE_REPORTED = "scene_reported"
    # ── afterwards ──
    REPORT_SUBMITTED = "report_submitted"
    REPORT_RETURNED = "report_returned"
    REPORT_ACCEPTED = "report_accepted"
    ACTION_AGREED = "action_agreed"
    ACTION_DONE = "action_done"
    # ── outside ──
    INJURED_COUNTED = "injured_counted"
    LIAISON_MADE = "liaison_made"
    LIAISON_OPENED = "liaison_opened"
    LIAISON_REVOKED = "liaison_revoked"
    PLAN_CHANGED = "plan_changed"
    DISTRICT_SENT = "district_sent"
    DISTRICT_ANSWERED = "district_answered"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Who, what, when. `params` are JSON values that the sentence needs, names included."""

    id: int
    incident_id: int
    event: Event
    at: datetime
    actor_id: str | None
    params: dict[str, Any]
