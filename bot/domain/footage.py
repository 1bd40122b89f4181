"""What a recorder has of a camera, and whether it keeps what the law asks for, not less and not much more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bot.domain.camera import MIN_RETENTION_DAYS, Camera
from bot.domain.place import BETWEEN_WORDS

HANDOVER: Final = timedelta(minutes=2)
"""Recorders begin a new file every so often, and some seconds are in neither."""
STOPPED_AFTER: Final = timedelta(hours=2)
"""A recorder lists a file once it is closed; files of an hour are usual."""
SLACK: Final = timedelta(days=1)
"""Recorders erase by whole files, or by day."""
TOO_LONG_AFTER: Final = timedelta(days=15)
"""Beyond the set days. Order 799 art. 17: deleted once the time is over and the purpose met."""
MOST_GAPS: Final = 20
CELL_CHANGED: Final = 16
"""Of 255. Noise and compression stay below; a person who comes or goes changes 20 to 30 of 2,304 cells."""
LEAST_CHANGE: Final = 12.0
"""Cells below which two pictures show the same."""
MOST_FRAMES: Final = 5
LONGEST_LOOK: Final = timedelta(minutes=30)
"""More is a search, and a search belongs at the recorder's own screen."""


@dataclass(frozen=True)
class Recorder:
    """An NVR. `url` is its web address (no path); `is_local_time`: what it writes as UTC is the clock on its wall.

    Hikvision's recorders mark their own local time with a Z; newer ones can be set to mean it.
    """

    id: str
    url: str = field(repr=False)
    zone: tzinfo
    rtsp_port: int = 554
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    is_local_time: bool = True


@dataclass(frozen=True)
class Track:
    """Where a recorder has a camera: channel 1 upward."""

    camera: Camera
    recorder: Recorder
    channel: int


@dataclass(frozen=True, order=True)
class Span:
    """From `begin` up to `end`, both aware."""

    begin: datetime
    end: datetime

    def has(self, moment: datetime) -> bool:
        """Whether the moment lies in it, its end included."""
        return self.begin <= moment <= self.end

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.begin


class FootageFault(StrEnum):
    """What is wrong with what a recorder keeps."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    STOPPED = "stopped"
    TOO_SHORT = "too_short"
    GAPS = "gaps"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Coverage:
    """What is there: oldest and newest moment (None: nothing at all) and the holes in the days that must be kept."""

    oldest_at: datetime | None = None
    newest_at: datetime | None = None
    gaps: tuple[Span, ...] = ()


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, neighbours made one when less than a file's handover lies between them."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begin - found[-1].end <= HANDOVER:
            found[-1] = Span(found[-1].begin, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def gaps_between(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The holes between the first and the last."""
    whole = joined(spans)
    return tuple(Span(one.end, two.begin) for one, two in pairwise(whole))


def required(retention_days: int) -> timedelta:
    """How long it must be kept: the setting, but never less than the law's 30 days (Order 799 art. 17)."""
    return timedelta(days=max(retention_days, MIN_RETENTION_DAYS))


@dataclass(frozen=True)
class FootageCheck:
    """What was found when a recorder was asked, and what follows. `first_at`: the first check of this camera."""

    camera_id: str
    first_at: datetime
    checked_at: datetime
    coverage: Coverage = Coverage()
    faults: tuple[FootageFault, ...] = ()


class RequestState(StrEnum):
    """Where somebody's wish to look back stands."""

    ASKED = "asked"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class FootageRequest:
    """Somebody wants to see what was recorded, for a reason that is on the register. `failure`: one word, or none."""

    id: int
    staff_id: str
    camera_id: str
    incident_id: int | None
    reason: str
    begin_at: datetime
    end_at: datetime
    asked_at: datetime
    state: RequestState = RequestState.ASKED
    failure: str = ""

    @property
    def span(self) -> Span:
        """What is asked for."""
        return Span(self.begin_at, self.end_at)


def judge_footage(
    coverage: Coverage,
    now: datetime,
    *,
    retention_days: int,
    is_continuous: bool,
    before: FootageCheck | None = None,
) -> tuple[FootageFault, ...]:
    """What is wrong. `is_continuous` False: it records on movement, so holes mean nothing.

    A short past is only a fault once something was erased: the oldest moment has moved since the check `before`, or
    the camera is known for longer than it must keep. A new recorder is not accused.
    """
    if coverage.oldest_at is None or coverage.newest_at is None:
        return (FootageFault.MISSING,)
    must = required(retention_days)
    kept = now - coverage.oldest_at
    found = []
    if is_continuous and now - coverage.newest_at > STOPPED_AFTER:
        found.append(FootageFault.STOPPED)
    if kept < must - SLACK and _has_erased(coverage.oldest_at, now - must, before):
        found.append(FootageFault.TOO_SHORT)
    if is_continuous and coverage.gaps:
        found.append(FootageFault.GAPS)
    if kept > must + TOO_LONG_AFTER:
        found.append(FootageFault.TOO_LONG)
    return tuple(found)


def _has_erased(oldest_at: datetime, must_reach: datetime, before: FootageCheck | None) -> bool:
    if before is None:
        return False
    earlier = before.coverage.oldest_at
    return before.first_at <= must_reach or (earlier is not None and oldest_at - earlier > HANDOVER)


def sample_times(span: Span, *, most: int) -> list[datetime]:
    """Moments to look at, evenly from begin to end, two seconds apart at least."""
    steps = max(min(most - 1, int(span.length.total_seconds() // 2)), 0)
    if steps == 0:
        return [span.begin]
    return [span.begin + span.length * number / steps for number in range(steps + 1)]


def key_frames(
    signatures: Sequence[bytes], *, most: int = MOST_FRAMES, least_change: float = LEAST_CHANGE
) -> list[int]:
    """Which of the pictures differ: the first, and then always the one that differs most from all chosen so far.

    `signatures`: coarse maps of one length, a byte a cell; `least_change`: cells that must differ. Indices in order.
    """
    if not signatures:
        return []
    chosen = [0]
    nearest = [_difference(one, signatures[0]) for one in signatures]
    while len(chosen) < most:
        farthest = max(range(len(signatures)), key=nearest.__getitem__)
        if nearest[farthest] < least_change:
            break
        chosen.append(farthest)
        nearest = [
            min(old, _difference(one, signatures[farthest]))
            for old, one in zip(nearest, signatures, strict=True)
        ]
    return sorted(chosen)


def _difference(one: bytes, other: bytes) -> float:
    """Cells that changed; among equals, how much."""
    changes = [abs(a - b) for a, b in zip(one, other, strict=True)]
    share = sum(changes) / (256 * max(len(changes), 1))
    return sum(change > CELL_CHANGED for change in changes) + share


_CLOCK = r"(\d{1,2})[:：点时](\d{2})?(?:[:：分](\d{2}))?分?"
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\s*")
_SPAN = re.compile(rf"{_CLOCK}(?:\s*(?:[-–—~～至到]|to)\s*{_CLOCK})?")
AROUND: Final = timedelta(minutes=1)
"""A single time means a minute before and after."""


def read_span(words: str, now: datetime, zone: tzinfo) -> tuple[Span | None, str]:
    """`[2026-11-28] 10:00-10:05 why`, `10点05分 …`, `10:02`: the span that the words open with, and what follows.

    Without a day it is today's, or yesterday's when today's is still to come. None: no time, or one that cannot be.
    """
    day_said = _DAY.match(words)
    rest = words[day_said.end() :] if day_said else words
    said = _SPAN.match(rest)
    if said is None:
        return None, words
    try:
        day = date(*map(int, day_said.groups())) if day_said else now.astimezone(zone).date()
        begin = _moment(day, said.groups()[:3], zone)
        end = _moment(day, said.groups()[3:], zone) if said[4] else None
    except ValueError:
        return None, words
    span = Span(begin, end) if end else Span(begin - AROUND, begin + AROUND)
    if span.end < span.begin:
        span = Span(span.begin, span.end + timedelta(days=1))
    if day_said is None and begin > now:
        span = Span(span.begin - timedelta(days=1), span.end - timedelta(days=1))
    return Span(span.begin, min(span.end, now)), rest[said.end() :].strip(BETWEEN_WORDS)


def _moment(day: date, parts: tuple[str | None, ...], zone: tzinfo) -> datetime:
    hour, minute, second = (int(part or 0) for part in parts)
    return datetime.combine(day, time(hour, minute, second), zone)
