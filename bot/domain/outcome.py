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
    RESTRICTED = "restricted"
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
    COUNTED = "counted"
    HELP_CALLED = "help_called"
    HELP_OVER = "help_over"
    COVERED = "covered"
    COVER_ENDED = "cover_ended"
    CHECKED_IN = "checked_in"
    COUNT_HELD = "count_held"
    COUNT_RELEASED = "count_released"
    VISITORS_SET = "visitors_set"
    LINK_SENT = "link_sent"
    SENT_PRIVATELY = "sent_privately"
    PICTURES_HELD = "pictures_held"
    PICTURES_RELEASED = "pictures_released"
    PICTURE_COMING = "picture_coming"
    IN_PRIVATE = "in_private"
    NEVER_MIND = "never_mind"
    ANNOUNCEMENT_DRAFTED = "announcement_drafted"
    ANNOUNCEMENT_SUBMITTED = "announcement_submitted"
    ANNOUNCEMENT_DROPPED = "announcement_dropped"
    ANNOUNCEMENT_SCHEDULED = "announcement_scheduled"
    ANNOUNCEMENT_PUBLISHED = "announcement_published"
    ANNOUNCEMENT_RETURNED = "announcement_returned"
    ANNOUNCEMENT_WITHDRAWN = "announcement_withdrawn"
    ANSWER_KEPT = "answer_kept"
    SILENT_CHASED = "silent_chased"
    TASK_ACCEPTED = "task_accepted"
    TASK_DECLINED = "task_declined"
    TASK_DONE = "task_done"
    TASK_PROOF_WANTED = "task_proof_wanted"
    TASK_HANDED_OVER = "task_handed_over"
    TASK_GIVEN = "task_given"
    CALL_NOTED = "call_noted"
    REPORT_SENT = "report_sent"
    DISPATCHED = "dispatched"
    ON_THE_WAY = "on_the_way"
    ON_THE_WAY_UNPLACED = "on_the_way_unplaced"
    ARRIVED = "arrived"
    # ── afterwards ──
    WORDS_KEPT = "words_kept"
    WORDS_AWAITED = "words_awaited"
    REPORT_SUBMITTED = "report_submitted"
    REPORT_ACCEPTED = "report_accepted"
    REPORT_RETURNED = "report_returned"
    ACTION_AGREED = "action_agreed"
    ACTION_DONE = "action_done"
    # ── plan changes ──
    PLAN_CHANGE_SUBMITTED = "plan_change_submitted"
    PLAN_CHANGE_DROPPED = "plan_change_dropped"
    PLAN_CHANGE_APPROVED = "plan_change_approved"
    PLAN_CHANGE_RETURNED = "plan_change_returned"
    PLAN_CHANGE_RENEWED = "plan_change_renewed"
    CAMERA_ASKED = "camera_asked"
    # ── outside ──
    INJURED_NOTED = "injured_noted"
    INJURED_CHANGED = "injured_changed"
    INJURED_NAMED = "injured_named"
    LIAISON_REVOKED = "liaison_revoked"
    DISTRICT_SENT = "district_sent"
    # ── readiness ──
    ENTRY_UNDONE = "entry_undone"
    TRAINING_DROPPED = "training_dropped"
    NOTED_PATROL = "noted_patrol"
    DRILL_DROPPED = "drill_dropped"
    # ── equipment ──
    PHOTO_AWAITED = "photo_awaited"
    INSPECTION_UNDONE = "inspection_undone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refusal` None means that `done` holds. `is_told`: a message of its own says it already."""

    done: Done = Done.NOTHING
    params: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    locale: str | None = None
    is_told: bool = False
