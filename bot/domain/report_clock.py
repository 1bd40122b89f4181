"""By when an incident has to be reported to the authorities: initial, follow-up and final report (首报、续报、终报).

The table holds what the rules of each district say, as far as they were read; docs/plans.md names them. A school
confirms its own row with its education bureau.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.incident import Severity


class Stage(StrEnum):
    """Which report."""

    FIRST = "first"
    FOLLOW = "follow"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """`first` by grade, from the opening; `follow` from report to report; `final` after the all-clear.

    "At once" in a rule is ten minutes here: asked for when the incident opens, and late after that.
    """

    first: Mapping[Severity, timedelta]
    follow: timedelta = timedelta(hours=24)
    final: timedelta = timedelta(days=7)


_AT_ONCE: Final = timedelta(minutes=10)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=24)


def _by_grade(graver: timedelta, larger: timedelta, ordinary: timedelta) -> dict[Severity, timedelta]:
    return {
        Severity.EXTREME: graver,
        Severity.SEVERE: graver,
        Severity.MODERATE: larger,
        Severity.MINOR: ordinary,
    }


# The strictest of what was found, when a school has not said where it is.
STRICTEST: Final = "strictest"
DISTRICTS: Final[Mapping[str, ReportTimes]] = {
    STRICTEST: ReportTimes(_by_grade(_AT_ONCE, timedelta(minutes=30), timedelta(minutes=30))),
    # 北京市中小学生人身伤害事故预防与处理条例 (2003) art. 16
    "beijing": ReportTimes(_by_grade(2 * _HOUR, _DAY, _DAY)),
    # 上海市中小学校学生伤害事故处理条例 (2024) art. 13
    "shanghai": ReportTimes(_by_grade(_AT_ONCE, _DAY, _DAY)),
    # 宁波市学校安全条例 (2020) art. 36, 37
    "ningbo": ReportTimes(_by_grade(_AT_ONCE, _DAY, _DAY), final=timedelta(days=30)),
    # 郑州市中小学校学生人身伤害事故预防与处理条例 (2022) art. 30, 33
    "zhengzhou": ReportTimes(_by_grade(_AT_ONCE, _DAY, _DAY), final=timedelta(days=15)),
    # 洛阳市中小学校学生人身伤害事故预防与处理条例 (2008) art. 18, 22
    "luoyang": ReportTimes(_by_grade(_AT_ONCE, _HOUR, _DAY), final=timedelta(days=5)),
    # 生产安全事故报告和调查处理条例 (2007) art. 9, 13
    "production": ReportTimes(_by_grade(_HOUR, _HOUR, _HOUR), final=timedelta(days=30)),
}
# 突发公共卫生事件应急条例 (2011) art. 19–20: two hours, whatever the grade.
PUBLIC_HEALTH: Final = timedelta(hours=2)

# A report that falls due is told of at these parts of its time, and when it is late.
WARNINGS: Final = (0.5, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class DueReport:
    """One report that has to go out. `step`: how many warnings were given. `words`: what its sender says."""

    id: int
    incident_id: int
    stage: Stage
    number: int
    started_at: datetime
    due_at: datetime
    look_at: datetime | None
    step: int = 0
    sent_at: datetime | None = None
    sent_by: str | None = None
    words: str = ""

    @property
    def is_late(self) -> bool:
        """Whether it went out too late; of one not sent yet, `is_overdue` tells."""
        return self.sent_at is not None and self.sent_at > self.due_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should be out and is not."""
        return self.sent_at is None and now > self.due_at

    def warn_at(self, step: int) -> datetime | None:
        """When the warning after so many others is due; None when all were given."""
        if step >= len(WARNINGS):
            return None
        return self.started_at + (self.due_at - self.started_at) * WARNINGS[step]


def first_due(
    times: ReportTimes, severity: Severity, opened_at: datetime, *, is_public_health: bool
) -> datetime:
    """When the initial report has to be out."""
    within = times.first[severity]
    return opened_at + (min(within, PUBLIC_HEALTH) if is_public_health else within)
