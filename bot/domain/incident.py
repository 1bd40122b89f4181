"""The incident and its life: `REPORTED → ACTIVE → ALL_CLEAR → CLOSED`, or `CANCELLED` (false alarm)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from bot.domain.response import SILENT_ACTIONS, ResponseAction
from bot.errors import Reason, RefusedError


class Kind(StrEnum):
    """What happened."""

    FIRE = "fire"
    EARTHQUAKE = "earthquake"
    INTRUDER = "intruder"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    FOOD_POISONING = "food_poisoning"
    INFECTIOUS_DISEASE = "infectious_disease"
    CHEMICAL = "chemical"
    CROWD_CRUSH = "crowd_crush"
    TRAFFIC = "traffic"
    STRUCTURAL = "structural"
    SEVERE_WEATHER = "severe_weather"
    UTILITY = "utility"
    MISSING_PERSON = "missing_person"
    BULLYING = "bullying"
    OTHER = "other"


class Mode(StrEnum):
    """CAP status Actual / Exercise / Test."""

    REAL = "REAL"
    DRILL = "DRILL"
    TEST = "TEST"


class Status(StrEnum):
    """Where an incident stands."""

    REPORTED = "REPORTED"
    ACTIVE = "ACTIVE"
    ALL_CLEAR = "ALL_CLEAR"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class Severity(IntEnum):
    """Ⅰ–Ⅳ, the grades of the Emergency Response Law art. 3; the name is the CAP severity."""

    EXTREME = 1
    SEVERE = 2
    MODERATE = 3
    MINOR = 4


# In force: people may still be in danger. Ended: nothing about it can change any more.
IN_FORCE = frozenset({Status.REPORTED, Status.ACTIVE})
ENDED = frozenset({Status.CLOSED, Status.CANCELLED})

_NEXT: dict[Status, frozenset[Status]] = {
    Status.REPORTED: frozenset({Status.ACTIVE, Status.ALL_CLEAR, Status.CANCELLED}),
    Status.ACTIVE: frozenset({Status.ALL_CLEAR, Status.CANCELLED}),
    Status.ALL_CLEAR: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.CANCELLED: frozenset(),
}

# An SOS has said nothing yet, so it counts as serious until a person says otherwise.
SOS_SEVERITY = Severity.SEVERE
SEVERITY_OF: dict[Kind, Severity] = {
    Kind.FIRE: Severity.SEVERE,
    Kind.EARTHQUAKE: Severity.EXTREME,
    Kind.INTRUDER: Severity.EXTREME,
    Kind.VIOLENCE: Severity.SEVERE,
    Kind.MEDICAL: Severity.MODERATE,
    Kind.FOOD_POISONING: Severity.SEVERE,
    Kind.INFECTIOUS_DISEASE: Severity.MODERATE,
    Kind.CHEMICAL: Severity.SEVERE,
    Kind.CROWD_CRUSH: Severity.EXTREME,
    Kind.TRAFFIC: Severity.MODERATE,
    Kind.STRUCTURAL: Severity.SEVERE,
    Kind.SEVERE_WEATHER: Severity.MODERATE,
    Kind.UTILITY: Severity.MINOR,
    Kind.MISSING_PERSON: Severity.SEVERE,
    Kind.BULLYING: Severity.MODERATE,
    Kind.OTHER: Severity.MODERATE,
}

# A second SOS this soon is most likely about the same thing.
JOIN_WINDOW = timedelta(minutes=10)
# What is dated later than this after now was dated by a clock that was wrong: it is not recent.
CLOCK_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `kind` and `zone` are None until somebody says; `topic_id` until Telegram made the topic.

    `is_restricted`: it has no topic, and only the roles that its plan names know of it.
    """

    id: int
    number: str
    mode: Mode
    status: Status
    severity: Severity
    opened_at: datetime
    reporter_id: str | None = None
    kind: Kind | None = None
    zone: str | None = None
    commander_id: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    action: ResponseAction | None = None
    action_zones: tuple[str, ...] = ()
    action_at: datetime | None = None
    all_clear_at: datetime | None = None
    ended_at: datetime | None = None
    suspended_at: datetime | None = None
    outcome: str = ""
    topic_id: int | None = None
    card_message_id: int | None = None
    is_restricted: bool = False

    @property
    def is_in_force(self) -> bool:
        """Whether people may still be in danger."""
        return self.status in IN_FORCE

    @property
    def is_silent(self) -> bool:
        """Whether a phone that rings may give somebody away: nothing about it makes a sound."""
        return self.is_in_force and self.action in SILENT_ACTIONS

    @property
    def is_ended(self) -> bool:
        """Whether nothing about it can change any more."""
        return self.status in ENDED

    def require(self, target: Status) -> None:
        """Refuse, with the reason a person understands, a step that the life cycle does not have."""
        if target in _NEXT[self.status]:
            return
        if self.is_ended:
            raise RefusedError(Reason.INCIDENT_ENDED, number=self.number)
        if target is Status.CLOSED:
            raise RefusedError(Reason.NOT_YET_ALL_CLEAR, number=self.number)
        raise RefusedError(Reason.ALREADY_ALL_CLEAR, number=self.number)

    def require_in_force(self) -> None:
        """Refuse to act on an incident that is over, or on a drill that a real incident suspended."""
        if self.is_ended:
            raise RefusedError(Reason.INCIDENT_ENDED, number=self.number)
        if self.status is Status.ALL_CLEAR:
            raise RefusedError(Reason.ALREADY_ALL_CLEAR, number=self.number)
        if self.suspended_at is not None:
            raise RefusedError(Reason.DRILL_SUSPENDED, number=self.number)


@dataclass(frozen=True, slots=True)
class Report:
    """What one person told about an incident; `number` counts within the incident from 1."""

    id: int
    incident_id: int
    number: int
    reporter_id: str
    at: datetime
    presses: int = 1
    kind: Kind | None = None
    zone: str | None = None
    words: str = ""
    parted_to: int | None = None


def joins(open_incident: Incident, *, kind: Kind | None, zone: str | None, at: datetime) -> bool:
    """Whether a new real report belongs to `open_incident`: recent, and nothing said that speaks against it.

    Never to a restricted one: hardly anybody would hear it.
    """
    return (
        open_incident.mode is Mode.REAL
        and open_incident.is_in_force
        and not open_incident.is_restricted
        and -CLOCK_TOLERANCE <= at - open_incident.opened_at <= JOIN_WINDOW
        and (kind is None or open_incident.kind in (None, kind))
        and (zone is None or open_incident.zone in (None, zone))
    )
