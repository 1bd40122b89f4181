"""The after-action report: what came of an incident, written from its record, completed by people, and accepted.

`DRAFT → SUBMITTED → ACCEPTED`, or back by `RETURNED`. ("Report" alone is what a teacher tells, see `incident.py`.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError


class Question(StrEnum):
    """What is asked afterwards.

    The first four are the evaluation that the Emergency Response Law (2024) asks for after an incident: cause,
    course, scope of impact, effect of the handling. GRADE is answered by one press.
    """

    CAUSE = "cause"
    COURSE = "course"
    SCOPE = "scope"
    EFFECT = "effect"
    WELL = "well"
    IMPROVE = "improve"
    GRADE = "grade"


# In words, by those who took part and by the school itself.
IN_WORDS = (
    Question.CAUSE,
    Question.COURSE,
    Question.SCOPE,
    Question.EFFECT,
    Question.WELL,
    Question.IMPROVE,
)


class Grade(StrEnum):
    """How somebody who took part found the handling, in one press."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Stage(StrEnum):
    """Where an after-action report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Decision(StrEnum):
    """What came of a version that was submitted."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


# A word that is awaited belongs to the report; after this long it is an ordinary message again.
WORDS_WITHIN = timedelta(minutes=10)
MAX_WORDS = 2000

# What somebody did, rather than what was counted or sent.
DEEDS = frozenset(
    {
        Event.REPORTED,
        Event.REPORT_JOINED,
        Event.ACKNOWLEDGED,
        Event.COMMAND_TAKEN,
        Event.COMMAND_HANDED_OVER,
        Event.COMMAND_VACATED,
        Event.SEVERITY_CHANGED,
        Event.NOTED,
        Event.RESTRICTED,
        Event.ACTION_ORDERED,
        Event.ALL_CLEAR,
        Event.CANCELLED,
        Event.CLOSED,
        Event.DRILL_STARTED,
        Event.DRILL_SUSPENDED,
        Event.ALERT_OPENED,
        Event.CLASS_SETTLED,
        Event.CLASS_COVERED,
        Event.HELP_CALLED,
        Event.HELP_OVER,
        *(Event.TASK_DONE, Event.AGENCY_CALLED, Event.AGENCY_SILENT, Event.REPORT_SENT),
        *(Event.SCENE_DISPATCHED, Event.SCENE_REPORTED, Event.ANNOUNCED, Event.OBSERVED),
    }
)


@dataclass(frozen=True, slots=True)
class AfterAction:
    """One incident's report. `version` is the newest that was made, 0 for none yet.

    `is_short`: of a false alarm, or of a drill that was broken off; nobody has to accept it. `build_at`: a version is
    to be made then. `remind_at`: the deputies are asked then.
    """

    incident_id: int
    stage: Stage
    version: int
    is_short: bool
    begun_at: datetime
    build_at: datetime | None = None
    remind_at: datetime | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether nothing in it may change any more."""
        return self.stage is Stage.ACCEPTED

    def require_open(self, number: str) -> None:
        """Refuse to change what was accepted, or what waits for a decision."""
        if self.is_frozen:
            raise RefusedError(Reason.REPORT_ACCEPTED, number=number)
        if self.stage is Stage.SUBMITTED:
            raise RefusedError(Reason.REPORT_SUBMITTED, number=number)

    def require_submitted(self, number: str, version: int) -> None:
        """Refuse to decide on what was not submitted, or on a version that a newer one replaced."""
        if self.is_frozen:
            raise RefusedError(Reason.REPORT_ACCEPTED, number=number)
        if self.stage is not Stage.SUBMITTED:
            raise RefusedError(Reason.REPORT_NOT_SUBMITTED, number=number)
        if version not in (0, self.version):
            raise RefusedError(Reason.REPORT_REPLACED, number=number, n=self.version)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was made. `signature`: of the accepted one, by the school's key."""

    incident_id: int
    version: int
    document_id: int
    made_at: datetime
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    remarks: str = ""
    signature: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What one person said to one question. `is_official`: the school's own text, by the command centre."""

    incident_id: int
    staff_id: str
    question: Question
    words: str
    at: datetime
    is_official: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody pressed "write it": their next message is about this. `what`: a Question, or `return`, or `done`."""

    staff_id: str
    subject: int
    what: str
    asked_at: datetime
