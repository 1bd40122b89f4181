"""`[announcements]`: who publishes, and when what is not urgent goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.alert_rule import Hours, SchoolHours
from bot.domain.announcement import Announcement
from bot.domain.incident import Incident
from bot.domain.permission import Right, has_right
from bot.domain.place import Name
from bot.domain.roster import Person, Role

# A year without a school day is a mistake in the calendar: then the text goes out at once.
_FURTHEST = 366
OFFICE = Name("应急指挥中心", "Emergency Command Centre")
WEEKDAYS = SchoolHours(ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class AnnouncementRules:
    """`publishers` empty: everyone with the right. `quiet`: from and to, also over midnight; None: no such hours."""

    issuer: Name = OFFICE
    publishers: frozenset[Role] = frozenset()
    quiet: tuple[time, time] | None = None
    hours: SchoolHours = WEEKDAYS
    is_for_school_days: bool = False
    are_drills_for_staff: bool = False
    are_private_bilingual: bool = False
    draft_life: timedelta = timedelta(hours=24)
    # Where anybody finds the school's pages; empty when only this computer does.
    page_url: str = ""

    def may_publish(
        self, person: Person, announcement: Announcement, incident: Incident | None = None
    ) -> bool:
        """Whether this person may publish it.

        DESIGN's table: never its author; but a ready-made life-safety text needs no more than one confirmation of a
        commander.
        """
        if person.staff_id == announcement.author_id:
            return announcement.is_ready_made and _commands(person, incident)
        return self.may_decide(person, announcement, incident)

    def may_decide(
        self, person: Person, announcement: Announcement, incident: Incident | None = None
    ) -> bool:
        """Whether it is theirs to return or to take back, also when they wrote it themselves."""
        if not has_right(person, Right.PUBLISH):
            return False
        is_named = not self.publishers or not self.publishers.isdisjoint(person.roles)
        return is_named or (announcement.is_urgent and _commands(person, incident))

    def goes_out_at(self, moment: datetime) -> datetime:
        """The first time from `moment` on at which what is not urgent may disturb people."""
        first = moment
        for _ in range(_FURTHEST):
            later = self._after_quiet(self._on_school_day(moment))
            if later == moment:
                return moment
            moment = later
        return first

    def _on_school_day(self, moment: datetime) -> datetime:
        if not self.is_for_school_days or self.hours.holds(Hours.SCHOOL_DAYS, moment):
            return moment
        return self._at(moment, time(), days=1)

    def _after_quiet(self, moment: datetime) -> datetime:
        if self.quiet is None:
            return moment
        begin, end = self.quiet
        now = moment.astimezone(self.hours.timezone).time()
        if begin <= end:
            return self._at(moment, end) if begin <= now < end else moment
        if now >= begin:
            return self._at(moment, end, days=1)
        return self._at(moment, end) if now < end else moment

    def _at(self, moment: datetime, clock: time, *, days: int = 0) -> datetime:
        """That time of the same school day, or so many days later."""
        day = moment.astimezone(self.hours.timezone).date() + timedelta(days=days)
        return datetime.combine(day, clock, self.hours.timezone).astimezone(UTC)


def _commands(person: Person, incident: Incident | None) -> bool:
    """A commander is one by role, or has taken command of the incident."""
    has_taken = incident is not None and incident.commander_id == person.staff_id
    return has_right(person, Right.PUBLISH) and (Role.COMMANDER in person.roles or has_taken)
