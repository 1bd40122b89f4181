"""Whether a camera shows what it should."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Condition(StrEnum):
    """What is wrong with a camera, most telling first; `OK` is last."""

    OFFLINE = "offline"
    BLACK = "black"
    COVERED = "covered"
    DEFOCUSED = "defocused"
    FROZEN = "frozen"
    MOVED = "moved"
    CLOCK_WRONG = "clock_wrong"
    OK = "ok"


@dataclass(frozen=True)
class Change:
    """Something to tell. `since`: the first sign of `after`; `is_reminder`: told before, and still so."""

    camera_id: str
    before: Condition
    after: Condition
    since: datetime
    at: datetime
    is_reminder: bool = False
