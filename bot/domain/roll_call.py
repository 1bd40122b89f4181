"""The roll call: one count of the whole school, from the order until the all-clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.headcount import ClassState, CountedClass, Tally
from bot.domain.incident import Mode
from bot.domain.response import SILENT_ACTIONS, ResponseAction

# Whoever is told to hold or to lock the outside doors goes on with the lesson: there is nothing to count.
COUNTED = frozenset({ResponseAction.EVACUATE, ResponseAction.LOCKDOWN, ResponseAction.SHELTER})
# Here the class walks to its assembly point first.
GATHERING = frozenset({ResponseAction.EVACUATE})
SLOWEST = 3


class CloseReason(StrEnum):
    """Why it is over though a class is silent or a pupil missing; anything else is typed."""

    BY_SIGHT = "sight"
    WITH_POLICE = "police"
    CUT_SHORT = "short"


class CheckInState(StrEnum):
    """What a member of staff says about themselves. AWAY: not on site today.

    HELPED: the command centre says it of who called for help.
    """

    SAFE = "safe"
    NEEDS_HELP = "help"
    HELPED = "helped"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One person's last word about themselves."""

    staff_id: str
    state: CheckInState
    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class RollCall:
    """`incident_id` is where it is told; `result` keeps class-level figures when it is closed.

    `recount_from`: when classes that were counted in their rooms were told to walk to their assembly points;
    `recount_after`: the last statement from before, 0 for none.
    """

    id: int
    incident_id: int
    mode: Mode
    action: ResponseAction
    opened_at: datetime
    closed_at: datetime | None = None
    close_reason: str = ""
    result: dict[str, Any] | None = None
    purged_at: datetime | None = None
    held_at: datetime | None = None
    held_by: str | None = None
    held_reason: str = ""
    recount_from: datetime | None = None
    recount_after: int = 0

    @property
    def counted_from(self) -> datetime:
        """The order that its times are measured from."""
        return self.recount_from or self.opened_at

    @property
    def is_open(self) -> bool:
        """Whether something can still be said."""
        return self.closed_at is None

    @property
    def is_silent(self) -> bool:
        """Whether a phone that rings may give somebody away."""
        return self.action in SILENT_ACTIONS

    @property
    def is_gathering(self) -> bool:
        """Whether people count at their assembly points, not where they are."""
        return self.action in GATHERING


def total(classes: Iterable[CountedClass]) -> Tally:
    """All of them together."""
    return sum((one.count.tally for one in classes), Tally())


def unfinished(classes: Iterable[CountedClass]) -> list[CountedClass]:
    """Those without a whole count: silent, or only begun."""
    return [one for one in classes if one.count.state in (ClassState.SILENT, ClassState.COUNTING)]


def incomplete(classes: Iterable[CountedClass]) -> list[CountedClass]:
    """Those of which somebody is not accounted for, or that need help."""
    return [one for one in classes if one.count.state is not ClassState.COMPLETE or one.count.needs_help]


@dataclass(frozen=True, slots=True)
class Search:
    """One pupil who was missing: since how many seconds after the order, found after how many (None: never)."""

    school_class: str
    missing_s: int
    found_s: int | None = None
    found_with: str | None = None

    def to_params(self) -> dict[str, Any]:
        """JSON; no number and no name, so that it may be kept."""
        return {
            "class": self.school_class,
            "missing_s": self.missing_s,
            "found_s": self.found_s,
            "found_with": self.found_with,
        }


def result_of(
    roll_call: RollCall,
    classes: Sequence[CountedClass],
    searches: Sequence[Search],
    *,
    target_s: int,
    closed_at: datetime,
) -> dict[str, Any]:
    """What is kept for good: times in whole seconds since the order, None for what never came."""
    done = [one for one in classes if one.complete_at is not None]
    is_all = len(done) == len(classes) and bool(classes)
    firsts = [one.first_at for one in classes if one.first_at is not None]
    ends = [one.complete_at for one in done if one.complete_at is not None]
    lines = [_line(roll_call, one) for one in classes]
    slowest = sorted(
        (line for line in lines if line["complete_s"] is not None), key=lambda line: -line["complete_s"]
    )
    return {
        "action": roll_call.action.value,
        "opened_at": roll_call.opened_at.isoformat(),
        "closed_at": closed_at.isoformat(),
        "target_s": target_s,
        "first_s": seconds_since(roll_call, min(firsts, default=None)),
        "all_s": seconds_since(roll_call, max(ends, default=None)) if is_all else None,
        "classes": lines,
        "slowest": [line["class"] for line in slowest[:SLOWEST]],
        "searches": [search.to_params() for search in searches],
        "tally": tally_params(total(classes)),
    }


def tally_params(tally: Tally) -> dict[str, int]:
    """The figures as JSON, with `expected`."""
    names = Tally.__dataclass_fields__
    return {"expected": tally.expected, **{name: getattr(tally, name) for name in names}}


def _line(roll_call: RollCall, one: CountedClass) -> dict[str, Any]:
    return {
        "class": one.name,
        "grade": one.grade,
        "state": one.count.state.value,
        "first_s": seconds_since(roll_call, one.first_at),
        "complete_s": seconds_since(roll_call, one.complete_at),
        **tally_params(one.count.tally),
    }


def seconds_since(roll_call: RollCall, moment: datetime | None) -> int | None:
    """Whole seconds since the order; None for what never came."""
    return None if moment is None else max(0, int((moment - roll_call.counted_from).total_seconds()))
