"""Digests: which is due when. Each is known by its kind and the school's calendar day, so it comes once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# Later than this it says so: the server was down.
LATE_AFTER = timedelta(minutes=15)
# A term is at most this far away.
HORIZON_DAYS = 400


class DigestKind(StrEnum):
    """Of a day, of a week, of a term."""

    MORNING = "morning"
    EVENING = "evening"
    WEEKLY = "weekly"
    TERMLY = "termly"


# These are sent even when there is nothing to tell.
NEVER_QUIET = frozenset({DigestKind.WEEKLY, DigestKind.TERMLY})


@dataclass(frozen=True)
class Term:
    """A school term, both days included."""

    name: str
    begins: date
    ends: date


@dataclass(frozen=True)
class DigestRules:
    """`[digest]`. A time of None: never. `weekday`: 0 is Monday. `also`: staff who read it besides the principal."""

    morning: time | None = time(7, 30)
    evening: time | None = time(18, 0)
    weekly: time | None = time(16, 0)
    weekday: int = 4
    also: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    drill_days: int = 31

    def time_on(self, kind: DigestKind, day: date) -> time | None:
        """When on that day, None for not at all. A term's comes in the morning after its last day."""
        if kind is DigestKind.WEEKLY:
            return self.weekly if day.weekday() == self.weekday else None
        if kind is DigestKind.TERMLY:
            return self.morning if any(term.ends + DAY == day for term in self.terms) else None
        return self.morning if kind is DigestKind.MORNING else self.evening

    def rule(self, kind: DigestKind, zone: ZoneInfo) -> str:
        """What decides the moment; when it changes, the next one is worked out anew."""
        ends = ",".join(term.ends.isoformat() for term in self.terms) if kind is DigestKind.TERMLY else ""
        at = {
            DigestKind.MORNING: self.morning,
            DigestKind.EVENING: self.evening,
            DigestKind.WEEKLY: self.weekly,
            DigestKind.TERMLY: self.morning,
        }[kind]
        day = self.weekday if kind is DigestKind.WEEKLY else ""
        return f"{at} {day} {ends} {zone.key}"[:96]

    def term_of(self, day: date) -> Term | None:
        """The term that the day is in, or the last one that was over."""
        begun = [term for term in self.terms if term.begins <= day]
        return max(begun, key=lambda term: term.begins, default=None)


@dataclass(frozen=True, slots=True)
class Due:
    """One occurrence."""

    day: date
    at: datetime


def occurrences(rules: DigestRules, kind: DigestKind, zone: ZoneInfo, *, after: date) -> Iterator[Due]:
    """Those of the days after `after`, in order, as far as the horizon."""
    for n in range(1, HORIZON_DAYS + 1):
        day = after + n * DAY
        at = rules.time_on(kind, day)
        if at is not None:
            yield Due(day, datetime.combine(day, at, zone))


def next_due(rules: DigestRules, kind: DigestKind, zone: ZoneInfo, *, after: date) -> Due | None:
    """The first of them."""
    return next(islice(occurrences(rules, kind, zone, after=after), 1), None)


def newest_due(
    rules: DigestRules, kind: DigestKind, zone: ZoneInfo, *, after: date, now: datetime
) -> Due | None:
    """The last that is due by `now`: of many that were missed only this one is sent."""
    newest = None
    for due in occurrences(rules, kind, zone, after=after):
        if due.at > now:
            break
        newest = due
    return newest
