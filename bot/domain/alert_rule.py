"""What an alert sets in motion: rules of `school.toml`, the first that fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.incident import Kind, Severity


class Opens(StrEnum):
    """At once an incident; a question to the command centre first; a line only."""

    INCIDENT = "incident"
    REVIEW = "review"
    INFORM = "inform"


class Hours(StrEnum):
    """When a rule holds, by the school's calendar."""

    ALWAYS = "always"
    LESSONS = "lessons"
    SCHOOL_DAYS = "school_days"
    OUT_OF_SCHOOL = "out_of_school"


# Lesson time of a school that has not said.
SCHOOL_DAY = ((time(7), time(18)),)


@dataclass(frozen=True, slots=True)
class SchoolHours:
    """The calendar. Without terms every weekday is a school day; without lessons 07:00–18:00 are lesson time."""

    timezone: ZoneInfo
    terms: tuple[tuple[date, date], ...] = ()
    lessons: tuple[tuple[time, time], ...] = SCHOOL_DAY

    def holds(self, hours: Hours, moment: datetime) -> bool:
        """Whether `moment` lies within `hours`."""
        local = moment.astimezone(self.timezone)
        is_day = self._is_school_day(local.date())
        if hours is Hours.ALWAYS:
            return True
        if hours is Hours.SCHOOL_DAYS:
            return is_day
        in_lessons = is_day and any(begin <= local.time() < end for begin, end in self.lessons)
        return in_lessons if hours is Hours.LESSONS else not in_lessons

    def _is_school_day(self, day: date) -> bool:
        if self.terms and not any(begin <= day <= end for begin, end in self.terms):
            return False
        return day.isoweekday() <= 5  # noqa: PLR2004 - Friday


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule; an empty condition fits everything. `severity` is the least grave grade that fits."""

    opens: Opens
    kinds: frozenset[Kind] = frozenset()
    zones: frozenset[str] = frozenset()
    severity: Severity | None = None
    hours: Hours = Hours.ALWAYS

    def fits(
        self,
        *,
        kind: Kind | None,
        zone: str | None,
        severity: Severity | None,
        at: datetime,
        calendar: SchoolHours,
    ) -> bool:
        """Whether this rule decides."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.zones or zone in self.zones)
            and (self.severity is None or (severity is not None and severity <= self.severity))
            and calendar.holds(self.hours, at)
        )


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """One alert source as the services know it. `beat_within`: how long it may be silent; None: as it likes."""

    id: str
    opens: Opens
    kind: Kind | None = None
    severity: Severity | None = None
    zone: str | None = None
    rules: tuple[AlertRule, ...] = ()
    flood_per_minute: int = 300
    beat_within: timedelta | None = None

    def decide(
        self,
        *,
        kind: Kind | None,
        zone: str | None,
        severity: Severity | None,
        at: datetime,
        calendar: SchoolHours,
    ) -> Opens:
        """The first rule that fits, else the source's own preset."""
        for rule in self.rules:
            if rule.fits(kind=kind, zone=zone, severity=severity, at=at, calendar=calendar):
                return rule.opens
        return self.opens
