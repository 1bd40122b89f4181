"""Corrective actions: what the school does so that it goes better next time. (Never "CAP", which is the protocol.)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class CorrectiveAction:
    """`owner_id` does it by `due_on`; `proof` says how it can be seen that it is done."""

    id: int
    words: str
    owner_id: str
    due_on: date
    made_by: str
    made_at: datetime
    incident_id: int | None = None
    remind_at: datetime | None = None
    done_by: str | None = None
    done_at: datetime | None = None
    proof: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still has to be done."""
        return self.done_at is None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.is_open and self.due_on < today


_DAY = re.compile(r"(?<!\S)(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|\+(\d{1,3}))(?!\S)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody typed: who, until when, what."""

    owner: str
    due_on: date
    words: str


def read_agreed(words: str, today: date) -> Agreed | None:
    """`孙丽 2026-12-15 北侧楼梯分流`, or `Sun Li +14 …` for in fourteen days; None when there is no such day."""
    match = _DAY.search(words)
    if match is None:
        return None
    try:
        due_on = (
            today + timedelta(days=int(match[4]))
            if match[4]
            else date(int(match[1]), int(match[2]), int(match[3]))
        )
    except ValueError:
        return None
    return Agreed(words[: match.start()].strip(), due_on, words[match.end() :].strip())
