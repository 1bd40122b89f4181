"""Training sessions: who was there, who passed, and the certificates that a pass gives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.moment import read_day

# The certificate without which nobody sees a camera; `Person.camera_training_until` keeps its last day.
CAMERA = "camera"
_CAMERA_WORDS = frozenset({CAMERA, "cameras", "摄像头", "视频", "监控", "视频监控"})
# A certificate whose last day nobody named holds for a year.
VALID_FOR = timedelta(days=365)
LIMIT = 120
_FIELD = re.compile(r"[;；]")
_BETWEEN = re.compile(r"[,，、;；\n]+")


class Result(StrEnum):
    """What was entered about one person; ABSENT takes back a slip."""

    ATTENDED = "attended"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Training:
    """`expert` and `unit`: who from outside taught it. `certificate`: what a pass gives, empty for nothing."""

    id: int
    topic: str
    held_on: date
    expert: str
    unit: str
    certificate: str
    valid_until: date | None
    made_by: str
    made_at: datetime
    dropped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrainingEntry:
    """One person in one entry. `camera_before`: the last day of their camera certificate as it was until then."""

    training_id: int
    batch: int
    staff_id: str
    result: Result
    made_by: str
    made_at: datetime
    camera_before: date | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What somebody holds, up to and including `until`."""

    staff_id: str
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class Described:
    """A session as typed."""

    topic: str
    held_on: date
    expert: str = ""
    unit: str = ""
    certificate: str = ""
    valid_until: date | None = None


def read_training(words: str, today: date) -> Described | None:
    """`TOPIC; DAY; EXPERT; UNIT; CERTIFICATE; UNTIL`, all but the topic may be left out; None when a day is none."""
    topic, day, expert, unit, certificate, until = [
        *(field.strip()[:LIMIT] for field in _FIELD.split(words)[:6]),
        *[""] * 6,
    ][:6]
    held_on = read_day(day, today) if day else today
    if not topic or held_on is None:
        return None
    if not certificate:
        return Described(topic, held_on, expert, unit)
    valid_until = read_day(until, held_on, is_ahead=True) if until else held_on + VALID_FOR
    if valid_until is None or valid_until < held_on:
        return None
    name = CAMERA if certificate.casefold() in _CAMERA_WORDS else certificate
    return Described(topic, held_on, expert, unit, name, valid_until)


def split_names(words: str) -> list[str]:
    """The names or staff numbers of one message: by commas or lines, each as typed."""
    return list(dict.fromkeys(name for part in _BETWEEN.split(words) if (name := part.strip())))


def results_of(entries: Iterable[TrainingEntry]) -> dict[str, Result]:
    """What holds for each person: the last entry; whoever was not there is left out."""
    last = {entry.staff_id: entry.result for entry in entries}
    return {staff_id: result for staff_id, result in last.items() if result is not Result.ABSENT}


def held_certificates(
    trainings: Iterable[Training], entries: Iterable[TrainingEntry]
) -> dict[tuple[str, str], date]:
    """By person and certificate, its last day: of several passes the one that holds longest."""
    known = {one.id: one for one in trainings if one.certificate}
    last = {(entry.training_id, entry.staff_id): entry.result for entry in entries}
    held: dict[tuple[str, str], date] = {}
    for (training_id, staff_id), result in last.items():
        training = known.get(training_id)
        if training is None or training.valid_until is None or result is not Result.PASSED:
            continue
        key = (staff_id, training.certificate)
        held[key] = max(held.get(key, training.valid_until), training.valid_until)
    return held


def due_step(until: date, today: date, days: Iterable[int]) -> int | None:
    """How many days ahead it is to be told by now: the nearest of `days` that has come, -1 once it is over."""
    if until < today:
        return -1
    come = [ahead for ahead in days if until - timedelta(days=ahead) <= today]
    return min(come, default=None)
