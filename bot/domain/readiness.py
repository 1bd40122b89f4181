"""`[readiness]`: what the school keeps up when nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class ReadinessRules:
    """`tell_at`: when the day's reminders go out. `certificate_days`: so many days ahead, each once.

    `patrol_zones`: where a code hangs, each to be looked at `patrols_per_day` times.
    """

    tell_at: time = time(9, 0)
    certificate_days: tuple[int, ...] = (30, 7)
    patrol_zones: tuple[str, ...] = ()
    patrols_per_day: int = 5
