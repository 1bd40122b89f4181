"""What the services know of the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.agency import Agency
from bot.domain.announcement_rule import AnnouncementRules
from bot.domain.camera import Cameras
from bot.domain.camera_health import Filing
from bot.domain.channel import Channel
from bot.domain.digest import DigestRules
from bot.domain.incident import Kind
from bot.domain.place import Campus, Name
from bot.domain.plan import Plan
from bot.domain.plan_change import Amend, PlanChange, PlanVersion, in_force
from bot.domain.readiness import ReadinessRules
from bot.domain.ready_text import ReadyText
from bot.domain.recipe import Faces
from bot.domain.report_clock import DISTRICTS, STRICTEST, ReportTimes
from bot.domain.roster import Role
from bot.domain.roster_diff import Roster


@dataclass(frozen=True)
class CountingRules:
    """`[evacuation]` and how long personal statuses stay; see docs/settings.md."""

    target: timedelta = timedelta(seconds=120)
    chase_after: timedelta = timedelta(seconds=120)
    call_after: timedelta = timedelta(seconds=60)
    kept: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class ViewingRules:
    """`[camera_policy]`, as far as the services need it; see docs/settings.md."""

    is_in_chat: bool = False
    is_protected: bool = True
    deleted_after: timedelta = timedelta(hours=1)
    watch_every: timedelta = timedelta(seconds=10)
    watch_for: timedelta = timedelta(minutes=2)
    faces: Faces = Faces.PIXELATED
    # Who is shown faces all the same.
    faces_shown_to: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class WatchingRules:
    """How cameras and recorders are watched. Cameras by id; `filings`: each camera's filing with the police."""

    not_watched: frozenset[str] = frozenset()
    filings: Mapping[str, Filing] = field(default_factory=dict)
    recorded: Mapping[str, bool] = field(default_factory=dict)
    """Cameras that a recorder keeps; True: all the time, False: on movement only."""


def _no_change(plan: Plan, _: PlanChange) -> Plan:
    return plan


def _no_errors(_: Roster, __: datetime) -> list[dict[str, Any]]:
    return []


@dataclass(frozen=True)
class School:
    """What the services need to know of the settings."""

    name: str
    name_en: str
    timezone: ZoneInfo
    locale: str
    alarm_phone: str
    campus: Campus
    acknowledge_within: timedelta = timedelta(seconds=60)
    commander_within: timedelta = timedelta(seconds=120)
    nudges: int = 5
    counting: CountingRules = CountingRules()
    cameras: Cameras = field(default_factory=Cameras)
    viewing: ViewingRules = ViewingRules()
    watching: WatchingRules = field(default_factory=WatchingRules)
    digests: DigestRules = field(default_factory=DigestRules)
    readiness: ReadinessRules = field(default_factory=ReadinessRules)
    # A live location so near the incident's place is an arrival.
    arrived_within_m: int = 50
    # So often the principal reads how a running incident stands.
    situation_every: timedelta = timedelta(minutes=30)
    # So long the principal has to decide on a report before the deputies are asked as well.
    deputies_after: timedelta = timedelta(hours=24)
    # What links to pages start with, no slash at the end.
    base_url: str = ""
    # The list page as a Mini App; empty where Telegram would refuse the address.
    list_app_url: str = ""
    # Where announcements go besides people's own chats.
    channels: tuple[Channel, ...] = ()
    announcing: AnnouncementRules = field(default_factory=AnnouncementRules)
    ready_texts: Mapping[str, ReadyText] = field(default_factory=dict)

    # What each kind sets in motion, and who outside is called.
    plans: Mapping[Kind, Plan] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    accept_within: timedelta = timedelta(seconds=120)
    address: Name = Name("")  # noqa: RUF009 - frozen
    report_times: ReportTimes = DISTRICTS[STRICTEST]
    # Plans whose file is the school's own, and how a change is put into a plan.
    own_plans: frozenset[Kind] = frozenset()
    amend: Amend = _no_change
    # What is wrong with a roster at this moment: key, English sentence and its values.
    roster_errors: Callable[[Roster, datetime], list[dict[str, Any]]] = _no_errors

    def plan_in_force(self, kind: Kind, approved: PlanVersion | None) -> Plan | None:
        """The file's plan, or what the principal approved; None when there is neither."""
        return in_force(self.plans.get(kind), approved, is_own=kind in self.own_plans)

    def noon(self, day: date) -> datetime:
        """The middle of one of the school's days: a moment that is that day in every message."""
        return datetime.combine(day, time(12), self.timezone)

    def midnight(self, day: date) -> datetime:
        """When one of the school's days begins."""
        return datetime.combine(day, time(), self.timezone)

    def day(self, moment: datetime) -> date:
        """The school's calendar day."""
        return moment.astimezone(self.timezone).date()
