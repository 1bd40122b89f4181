"""People, classes and duty, as the school's roster has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.place import Name


class Role(StrEnum):
    """What somebody is in the emergency plan; one person may be several."""

    PRINCIPAL = "PRINCIPAL"
    DEPUTY = "DEPUTY"
    COMMANDER = "COMMANDER"
    SAFETY_OFFICE = "SAFETY_OFFICE"
    IT_CENTRE = "IT_CENTRE"
    ON_SCENE = "ON_SCENE"
    MEDICAL = "MEDICAL"
    DEPARTMENT_LEAD = "DEPARTMENT_LEAD"
    GRADE_LEAD = "GRADE_LEAD"
    CLASS_LEAD = "CLASS_LEAD"
    STAFF = "STAFF"


# Whom Muster turns to, first to last, when somebody must acknowledge.
CHAIN = (Role.SAFETY_OFFICE, Role.COMMANDER, Role.DEPUTY, Role.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Person:
    """One member of staff. Every enrolled person is STAFF, whatever else the roster says."""

    staff_id: str
    name: Name
    department: str = ""
    roles: frozenset[Role] = frozenset({Role.STAFF})
    classes: tuple[str, ...] = ()
    phone: str = ""
    telegram_id: int | None = None
    roster_locale: str | None = None
    chosen_locale: str | None = None
    phone_locale: str | None = None
    camera_training_until: date | None = None
    is_active: bool = True
    is_unreachable: bool = False

    @property
    def is_reachable(self) -> bool:
        """Whether a chat message can get there, as far as is known."""
        return self.telegram_id is not None and not self.is_unreachable

    @property
    def locale(self) -> str | None:
        """What they chose, else what the roster says, else their phone's; None: the school's."""
        return self.chosen_locale or self.roster_locale or self.phone_locale


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class: `zone` is where it is in lessons, `assembly_point` where it gathers."""

    name: str
    grade: str = ""
    zone: str | None = None
    assembly_point: str | None = None


@dataclass(frozen=True, slots=True)
class Pupil:
    """No more than a headcount needs. Names never reach chat or logs."""

    student_no: str
    name: str
    school_class: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A pupil known to be away for a day; why is nobody's business here."""

    day: date
    student_no: str


@dataclass(frozen=True, slots=True)
class DutyShift:
    """One person on duty for one role, from `starts_at` up to but not including `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    role: Role
    staff_id: str
