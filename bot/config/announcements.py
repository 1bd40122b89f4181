"""`[announcements]`: who publishes, in whose name, and when what is not urgent waits."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import Field, field_validator

from bot.config.fields import OptionalName, flawed
from bot.config.problems import Flaw
from bot.config.section import Section
from bot.domain.permission import TABLE, Right
from bot.domain.roster import Role

_QUIET = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~]\s*(\d{1,2}):(\d{2})")


class Announcements(Section):
    """`publishers` may narrow the table of rights, never widen it. `quiet`: `22:00-06:30`, empty for none."""

    issuer: OptionalName = "应急指挥中心"
    issuer_en: OptionalName = "Emergency Command Centre"
    publishers: tuple[Literal["PRINCIPAL", "DEPUTY", "COMMANDER"], ...] = ()
    quiet: str = ""
    school_days_only: bool = False
    drills: Literal["everyone", "staff"] = "everyone"
    private: Literal["reader", "both"] = "reader"
    draft_hours: Annotated[int, Field(ge=1, le=720)] = 24

    @field_validator("quiet")
    @classmethod
    def _is_span(cls, value: str) -> str:
        if value.strip() and _span(value) is None:
            raise flawed(Flaw.BAD_QUIET_HOURS)
        return value.strip()

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From and to; None for no such hours."""
        return _span(self.quiet)

    @property
    def publisher_roles(self) -> frozenset[Role]:
        """Empty: everyone who has the right."""
        return frozenset(Role(role) for role in self.publishers) & TABLE[Right.PUBLISH]


def _span(value: str) -> tuple[time, time] | None:
    match = _QUIET.fullmatch(value.strip())
    if match is None:
        return None
    try:
        begin, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        return None
    return (begin, end) if begin != end else None
