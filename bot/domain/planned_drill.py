"""Drills that are planned: a day, a kind, a place, and who is told beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.incident import Kind


@dataclass(frozen=True, slots=True)
class PlannedDrill:
    """`told`: who knows of it beforehand, in the school's words; `zone` None: the whole school."""

    id: int
    day: date
    kind: Kind
    zone: str | None
    told: str
    made_by: str
    made_at: datetime
    dropped_at: datetime | None = None
