"""Watches one camera: many readings, few words. A change is told when it has lasted, and taken back likewise.

A false "offline" teaches people not to look, and whoever means harm covers the cameras first: hence counts and times.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from bot.domain.condition import Change, Condition
from bot.errors import StalePictureError
from integrations.vision.baseline import Baseline, light_of
from integrations.vision.judging import LIT_ENOUGH, is_black, is_dark_usual, judge
from integrations.vision.reading import Reading

# How many readings say so, and over how many seconds, before it is told.
CONFIRMED: Final[dict[Condition, tuple[int, float]]] = {
    Condition.OFFLINE: (2, 60),
    Condition.BLACK: (4, 120),
    Condition.COVERED: (4, 120),
    Condition.DEFOCUSED: (5, 240),
    Condition.FROZEN: (4, 60),
    Condition.MOVED: (5, 240),
    Condition.CLOCK_WRONG: (3, 120),
    Condition.OK: (3, 60),
}
REMINDERS: Final = (timedelta(hours=1), timedelta(days=1))
CLOCK_TOLERANCE_S: Final = 30.0
SETTLED_AFTER: Final = timedelta(days=2)
"""By then day, night and infrared have been seen twice."""
LATEST: Final = timedelta(minutes=1)
"""An observation that comes later than this after a newer one is not late: our clock was set back."""
LONGEST_GAP: Final = timedelta(minutes=30)
"""Readings further apart do not confirm each other: Muster was not running."""


@dataclass
class _Pending:
    """A row of readings that contradict what was told."""

    since: datetime
    counts: Counter[Condition] = field(default_factory=Counter)


class Watch:
    """The state of one camera. `zone`: the school's, for the hours in which darkness is usual."""

    def __init__(self, camera_id: str, zone: tzinfo) -> None:
        self.camera_id = camera_id
        self.condition = Condition.OK
        self.since: datetime | None = None
        self._zone = zone
        self._baselines: dict[int, Baseline] = {}
        self._lit: Counter[int] = Counter()
        self._begun_at: datetime | None = None
        self._last_at: datetime | None = None
        self._last_digest = ""
        self._reminded = 0
        self._pending: _Pending | None = None

    def observe(
        self, seen: Reading | Exception, at: datetime, *, clock_offset_s: float | None = None
    ) -> list[Change]:
        """What is now confirmed, or must be told again; mostly nothing.

        `seen`: a reading, or the error with which the grab failed. `clock_offset_s`: camera's clock minus ours,
        where it can be asked. `at` is aware; an observation older than the last one is ignored, unless our clock was
        set back meanwhile. A picture that is too old comes from a camera that answers: its clock is wrong, or it
        sends the same one again and again.
        """
        if self._last_at is not None:
            if timedelta() < self._last_at - at <= LATEST:
                return []
            if not timedelta() <= at - self._last_at <= LONGEST_GAP:
                self._pending = None
        # What lies ahead of now was dated by a clock that was wrong.
        self.since = self.since and min(self.since, at)
        self._begun_at = min(self._begun_at or at, at)
        self._last_at = at
        if isinstance(seen, Exception):
            found: Condition | None = _condition_of(seen, clock_offset_s)
        else:
            found = self._judged(seen, at, clock_offset_s)
        changes = self._weighed(found, at)
        if isinstance(seen, Reading):
            self._learn(seen, found, at)
        return changes or self._reminder(at)

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last readings contradict what was told."""
        return self._pending is not None

    def _judged(self, reading: Reading, at: datetime, clock_offset_s: float | None) -> Condition | None:
        is_same = reading.digest == self._last_digest
        self._last_digest = reading.digest
        hour = at.astimezone(self._zone).hour
        found = judge(
            reading,
            self._baselines,
            is_dark_usual=is_dark_usual(hour, self._lit),
            is_settled=self._begun_at is not None and at - self._begun_at >= SETTLED_AFTER,
        )
        if found not in {Condition.OK, None, Condition.MOVED}:
            return found
        # A sensor without light may well send the same zeros again.
        if is_same and reading.contrast > 1:
            return Condition.FROZEN
        if found is not Condition.MOVED and abs(clock_offset_s or 0) > CLOCK_TOLERANCE_S:
            return Condition.CLOCK_WRONG
        return found

    def _weighed(self, found: Condition | None, at: datetime) -> list[Change]:
        """`found` None says nothing about the picture, but the camera answers: enough to end OFFLINE and BLACK."""
        if found is None:
            has_ended = self.condition in {Condition.OFFLINE, Condition.BLACK, Condition.FROZEN}
            found = Condition.OK if has_ended or self.condition is Condition.OK else self.condition
        if found is self.condition:
            self._pending = None
            return []
        pending = self._pending = self._pending or _Pending(at)
        pending.counts[found] += 1
        if found is Condition.OK:
            # Good readings count in a row only.
            pending.counts = Counter({Condition.OK: pending.counts[Condition.OK]})
        elif pending.counts.pop(Condition.OK, 0):
            self._pending = pending = _Pending(at, Counter({found: 1}))
        return self._confirmed(pending, at)

    def _confirmed(self, pending: _Pending, at: datetime) -> list[Change]:
        after, count = pending.counts.most_common(1)[0]
        needed, seconds = CONFIRMED[after]
        if count < needed or (at - pending.since).total_seconds() < seconds:
            return []
        change = Change(self.camera_id, self.condition, after, pending.since, at)
        self.condition, self.since = after, pending.since
        self._pending, self._reminded = None, 0
        return [change]

    def _reminder(self, at: datetime) -> list[Change]:
        if self.condition is Condition.OK or self.since is None or self._reminded >= len(REMINDERS):
            return []
        if at - self.since < REMINDERS[self._reminded]:
            return []
        self._reminded = sum(at - self.since >= pause for pause in REMINDERS)
        return [Change(self.camera_id, self.condition, self.condition, self.since, at, is_reminder=True)]

    def _learn(self, reading: Reading, found: Condition | None, at: datetime) -> None:
        """Only while nothing is wrong or suspected; an unknown light is learned too."""
        is_well = self.condition is Condition.OK and self._pending is None
        if not is_well or found not in {Condition.OK, None} or is_black(reading):
            return
        hour = at.astimezone(self._zone).hour
        self._lit[hour] = min(self._lit[hour] + 1, LIT_ENOUGH)
        light = light_of(reading.mean)
        if light in self._baselines:
            self._baselines[light].learn(reading)
        else:
            self._baselines[light] = Baseline.first(reading)

    def to_json(self) -> dict[str, Any]:
        """All that is known, for the next start; what was only suspected is not."""
        return {
            "camera_id": self.camera_id,
            "condition": self.condition.value,
            "since": _told(self.since),
            "begun_at": _told(self._begun_at),
            "reminded": self._reminded,
            "lit": {str(hour): count for hour, count in self._lit.items()},
            "baselines": {str(light): baseline.to_json() for light, baseline in self._baselines.items()},
        }

    @classmethod
    def from_json(cls, told: dict[str, Any], zone: tzinfo) -> Watch:
        """KeyError, TypeError or ValueError: not what `to_json` wrote."""
        watch = cls(told["camera_id"], zone)
        watch.condition = Condition(told["condition"])
        watch.since, watch._begun_at = _read(told["since"]), _read(told["begun_at"])
        watch._reminded = int(told["reminded"])
        watch._lit = Counter({int(hour): int(count) for hour, count in told["lit"].items()})
        watch._baselines = {int(light): Baseline(**values) for light, values in told["baselines"].items()}
        return watch


def _condition_of(error: Exception, clock_offset_s: float | None) -> Condition:
    if not isinstance(error, StalePictureError):
        return Condition.OFFLINE
    return Condition.CLOCK_WRONG if abs(clock_offset_s or 0) > CLOCK_TOLERANCE_S else Condition.FROZEN


def _told(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
