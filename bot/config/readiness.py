"""`[readiness]`: what the school keeps up when nothing happens."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import Field

from bot.config.section import Section


class Readiness(Section):
    """Reminders go out at `tell_at` of the school's time; so many days before a certificate's last one, each once.

    `patrol_zones`: key areas with a code to check in, `patrols_per_day` times a day (GB/T 29315-2022: five).
    """

    tell_at: time = time(9, 0)
    certificate_days: tuple[Annotated[int, Field(ge=0, le=366)], ...] = (30, 7)
    patrol_zones: tuple[str, ...] = ()
    patrols_per_day: Annotated[int, Field(ge=1, le=96)] = 5
