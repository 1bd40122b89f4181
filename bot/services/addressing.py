"""Where an announcement goes: which people, which channels, and when."""

from __future__ import annotations

from datetime import datetime

from bot.domain.announcement import Announcement
from bot.domain.audience import Audience, Group
from bot.domain.channel import Channel
from bot.domain.incident import Incident, Mode
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import CheckInState
from bot.domain.roster import Person
from bot.services.turn import Turn


def people_of(turn: Turn, audience: Audience, mode: Mode) -> list[Person]:
    """Everyone on the roster whom it is for, reached by chat or not; those who command first."""
    classes = turn.tx.roster.classes()
    away = _away(turn, mode) if audience.group is Group.ON_SITE else set()
    found = [one for one in turn.tx.people.list_active() if audience.includes(one, classes, away)]
    return sorted(found, key=lambda person: not has_right(person, Right.ORDER_ACTION))


def _away(turn: Turn, mode: Mode) -> set[str]:
    """Who said in the running roll call that they are not on site."""
    roll_call = turn.tx.roll_calls.running(mode)
    said = turn.tx.roll_calls.check_ins(roll_call.id) if roll_call else {}
    return {staff_id for staff_id, check in said.items() if check.state is CheckInState.AWAY}


def channels_of(turn: Turn, announcement: Announcement) -> list[Channel]:
    """The channels that it goes out by: a correction also by those that had what it corrects."""
    out = turn.tx.announcements.published(announcement.number)
    told = [announcement, *out]
    # Also in place of Telegram.
    had = turn.tx.readers.channels(one.id for one in out)
    return [
        channel
        for channel in turn.school.channels
        if channel.address.chat in had
        or any(channel.takes(one.audience, is_life_safety=one.is_urgent) for one in told)
    ]


def may_reach(turn: Turn, audience: Audience, mode: Mode) -> Audience:
    """The audience that a drill may have: staff only, where the school wants it so."""
    is_limited = mode is Mode.DRILL and turn.school.announcing.are_drills_for_staff
    return Audience(Group.STAFF) if is_limited and audience.is_public else audience


def incident_of(turn: Turn, announcement: Announcement) -> Incident | None:
    """The incident that it is about."""
    return turn.tx.incidents.get(announcement.incident_id) if announcement.incident_id else None


def goes_out_at(turn: Turn, announcement: Announcement) -> datetime:
    """When it goes out if it is approved now: not during quiet hours, unless people may be in danger."""
    wanted = max(announcement.publish_at or turn.now, turn.now)
    incident = incident_of(turn, announcement)
    is_pressing = announcement.is_urgent or (incident is not None and incident.is_in_force)
    return wanted if is_pressing else turn.school.announcing.goes_out_at(wanted)


def publishers_of(turn: Turn, announcement: Announcement) -> list[Person]:
    """Who is asked to approve it: all who may publish it and whom a chat reaches, except its author."""
    incident = incident_of(turn, announcement)
    return [
        person
        for person in turn.tx.people.list_active()
        if person.telegram_id is not None
        and person.staff_id != announcement.author_id
        and turn.school.announcing.may_publish(person, announcement, incident)
    ]
