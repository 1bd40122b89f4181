"""What the settings mean together, and with the roster. The first pass, over single fields, is `load`'s."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from bot.config.problems import SENTENCES, Flaw, Problem
from bot.config.section import Entry
from bot.config.settings import Settings, is_public_host
from bot.domain.channel import TELEGRAM, Carries
from bot.domain.headcount_rights import unknown_classes
from bot.domain.roster import CHAIN, DutyShift, Person, Role
from bot.domain.roster_diff import Roster
from bot.domain.snapshot import PICTURE_FOLDERS
from bot.ports import Clock, utc_now

PLACEHOLDER = "PUT-THE-TOKEN-FROM-BOTFATHER-HERE"
DUTY_DAYS = 7
_MAX_RANGES = 8
# Bot API: ids of supergroups and channels are below this.
_SUPERGROUPS = -1_000_000_000_000
# State Council Order 799 art. 17.
_VIDEO_DAYS = 30


def check(settings: Settings, roster: Roster | None = None, *, clock: Clock = utc_now) -> list[Problem]:
    """Every problem and hint, problems first; `str` of one is its line. Without a roster: settings only."""
    found = [Problem(settings.path.name, *rest) for rest in _of_settings(settings)]
    if roster is not None:
        found += check_roster(settings, roster, clock())
    return sorted(found, key=lambda problem: problem.is_hint)


def check_roster(settings: Settings, roster: Roster, now: datetime) -> list[Problem]:
    """What this roster means with these settings."""
    return [Problem("roster", *rest) for rest in _of_roster(settings, roster, now)]


def roster_errors(settings: Settings, roster: Roster, now: datetime) -> list[dict[str, Any]]:
    """The errors among them for a reader of any language: `key`, the English `sentence`, and its `values`."""
    return [
        {"key": one.key, "sentence": SENTENCES[one.flaw], "values": dict(one.values)}
        for one in check_roster(settings, roster, now)
        if not one.is_hint
    ]


_Finding = tuple[str, Flaw, dict[str, Any]]


def _of_settings(settings: Settings) -> Iterator[_Finding]:
    return chain(
        _telegram(settings),
        _web(settings),
        _ids(settings),
        _places(settings),
        _sources(settings),
        _channels(settings),
        _recorders(settings),
        _pictures(settings),
    )


def _telegram(settings: Settings) -> Iterator[_Finding]:
    telegram = settings.telegram
    if PLACEHOLDER in telegram.token.get_secret_value():
        yield "telegram.token", Flaw.PLACEHOLDER_TOKEN, {}
    if telegram.command_centre > _SUPERGROUPS:
        yield "telegram.command_centre", Flaw.PLAIN_GROUP, {}
    if telegram.channel == telegram.command_centre:
        yield "telegram.channel", Flaw.CHANNEL_IS_CENTRE, {}


def _web(settings: Settings) -> Iterator[_Finding]:
    url = urlsplit(settings.web.base_url)
    if url.scheme == "https":
        return
    is_telegrams = urlsplit(settings.telegram.api_url).hostname == "api.telegram.org"
    if settings.telegram.webhook_secret and is_telegrams:
        yield "web.public_url", Flaw.WEBHOOK_WITHOUT_HTTPS, {}
    elif settings.web.is_local:
        yield "web.public_url", Flaw.LINKS_LEAD_NOWHERE, {"url": settings.web.base_url}
    elif settings.web.is_public:
        yield "web.public_url", Flaw.NOT_HTTPS, {"host": url.hostname}


def _ids(settings: Settings) -> Iterator[_Finding]:
    sections: dict[str, tuple[Entry, ...]] = {
        "assembly_points": settings.assembly_points,
        "zones": settings.zones,
        "cameras": settings.cameras,
        "recorders": settings.recorders,
        "alert_sources": settings.alert_sources,
        "channels": settings.channels,
        "agencies": settings.agencies,
    }
    for section, entries in sections.items():
        for spelt, count in Counter(entry.id.casefold() for entry in entries).items():
            if count > 1:
                first = next(entry.id for entry in entries if entry.id.casefold() == spelt)
                yield section, Flaw.DUPLICATE_ID, {"id": first, "count": count}


def _places(settings: Settings) -> Iterator[_Finding]:
    zones = {zone.id: zone for zone in settings.zones}
    points = {point.id for point in settings.assembly_points}
    if not zones:
        yield "zones", Flaw.NO_ZONES, {}
    for name, ids in _same_names((zone.name, zone.id) for zone in settings.zones):
        yield "zones", Flaw.SAME_NAME, {"ids": ids, "name": name}
    for zone in settings.zones:
        if zone.assembly_point is not None and zone.assembly_point not in points:
            key = f"zones.{zone.id}.assembly_point"
            yield key, Flaw.UNKNOWN_ASSEMBLY_POINT, {"id": zone.assembly_point}
    for zone_id in settings.readiness.patrol_zones:
        if zone_id not in zones:
            yield "readiness.patrol_zones", Flaw.UNKNOWN_ZONE, {"id": zone_id}
    for camera in settings.cameras:
        key, seen = f"cameras.{camera.id}", zones.get(camera.zone)
        if seen is None:
            yield f"{key}.zone", Flaw.UNKNOWN_ZONE, {"id": camera.zone}
        if camera.retention_days < _VIDEO_DAYS:
            yield f"{key}.retention_days", Flaw.SHORT_RETENTION, {"days": camera.retention_days}


def _pictures(settings: Settings) -> Iterator[_Finding]:
    if settings.camera_policy.deliver == "chat":
        yield "camera_policy.deliver", Flaw.PICTURES_IN_CHAT, {}
    key_file = settings.path_of(settings.camera_policy.key_file).resolve()
    for folder in (settings.data_folder / name for name in PICTURE_FOLDERS):
        if key_file.is_relative_to(folder.resolve()):
            yield "camera_policy.key_file", Flaw.KEY_IN_BACKUP, {"folder": str(folder)}


def _recorders(settings: Settings) -> Iterator[_Finding]:
    known = {recorder.id for recorder in settings.recorders}
    used: dict[tuple[str, int], str] = {}
    for camera in settings.cameras:
        key = f"cameras.{camera.id}"
        if camera.filed_on is None:
            yield f"{key}.filed_on", Flaw.NOT_FILED, {}
        if camera.recorder is None:
            continue
        if camera.recorder not in known:
            yield f"{key}.recorder", Flaw.UNKNOWN_RECORDER, {"id": camera.recorder}
        place = (camera.recorder, camera.recorder_channel)
        if (other := used.setdefault(place, camera.id)) != camera.id:
            values = {"channel": camera.recorder_channel, "id": camera.recorder, "other": other}
            yield f"{key}.recorder_channel", Flaw.SAME_CHANNEL, values


def _same_names(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for name, entry_id in pairs:
        ids[name].append(entry_id)
    return ((name, ", ".join(same)) for name, same in ids.items() if len(same) > 1)


def _sources(settings: Settings) -> Iterator[_Finding]:
    zones = {zone.id for zone in settings.zones}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for source in settings.alert_sources:
        if source.zone is not None and source.zone not in zones:
            yield f"alert_sources.{source.id}.zone", Flaw.UNKNOWN_ZONE, {"id": source.zone}
        for secret in {each.get_secret_value() for each in source.secrets}:
            holders[secret].append(source.id)
    for same in dict.fromkeys(tuple(ids) for ids in holders.values() if len(ids) > 1):
        yield f"alert_sources.{', '.join(same)}", Flaw.SHARED_SECRET, {}


def _channels(settings: Settings) -> Iterator[_Finding]:
    targets: defaultdict[tuple[str, str, int | None], list[str]] = defaultdict(list)
    for channel in settings.channels:
        is_bare = urlsplit(channel.url).scheme == "http"
        if is_bare and is_public_host(channel.target):
            yield f"channels.{channel.id}.url", Flaw.CHANNEL_NOT_HTTPS, {"host": channel.target}
        if channel.kind == TELEGRAM and Carries.FALLBACK in channel.takes:
            yield f"channels.{channel.id}.takes", Flaw.FALLBACK_BY_TELEGRAM, {}
        if channel.url or channel.chat:
            targets[channel.kind, channel.url, channel.chat].append(channel.id)
    for same in targets.values():
        if len(same) > 1:
            yield f"channels.{', '.join(same)}", Flaw.SAME_TARGET, {}


def _of_roster(settings: Settings, roster: Roster, now: datetime) -> Iterator[_Finding]:
    people = {key: person for key, person in (roster.people or {}).items() if person.is_active}
    if not people:
        yield "staff", Flaw.NO_PEOPLE, {}
        return
    yield from _staff(people, roster)
    yield from _classes(settings, people, roster)
    yield from _duty(settings, people, roster.shifts or (), now)
    for staff_id in settings.digest.also:
        if staff_id not in people:
            yield "digest.also", Flaw.UNKNOWN_READER, {"staff_id": staff_id}


def _staff(people: dict[str, Person], roster: Roster) -> Iterator[_Finding]:
    if all(person.telegram_id is None for person in people.values()):
        yield "staff", Flaw.NOBODY_CONNECTED, {}
    for role in CHAIN:
        if not any(role in person.roles for person in people.values()):
            yield "staff", Flaw.ROLE_UNHELD, {"role": role.value}
    yield from _shared_ids(people)
    if roster.classes:
        for person in people.values():
            for name in unknown_classes(person, roster.classes):
                yield "staff", Flaw.UNKNOWN_CLASS, {"who": person.staff_id, "name": name}


def _shared_ids(people: dict[str, Person]) -> Iterator[_Finding]:
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for person in people.values():
        if person.telegram_id is not None:
            holders[person.telegram_id].append(person.staff_id)
    for same in holders.values():
        if len(same) > 1:
            yield "staff", Flaw.SAME_TELEGRAM_ID, {"people": ", ".join(same)}


def _classes(settings: Settings, people: dict[str, Person], roster: Roster) -> Iterator[_Finding]:
    campus = settings.campus()
    led = {name for person in people.values() if Role.CLASS_LEAD in person.roles for name in person.classes}
    for item in (roster.classes or {}).values():
        if item.name not in led:
            yield "classes", Flaw.CLASS_WITHOUT_LEAD, {"name": item.name}
        if item.zone is not None and item.zone not in campus.zones:
            yield f"classes.{item.name}", Flaw.UNKNOWN_ZONE, {"id": item.zone}
        if item.assembly_point is not None and item.assembly_point not in campus.assembly_points:
            yield f"classes.{item.name}", Flaw.UNKNOWN_ASSEMBLY_POINT, {"id": item.assembly_point}
    if roster.classes:
        for name in dict.fromkeys(pupil.school_class for pupil in (roster.pupils or {}).values()):
            if name not in roster.classes:
                yield "pupils", Flaw.PUPILS_UNKNOWN_CLASS, {"name": name}


def _duty(
    settings: Settings, people: dict[str, Person], shifts: tuple[DutyShift, ...], now: datetime
) -> Iterator[_Finding]:
    ahead = [shift for shift in shifts if shift.ends_at > now]
    for staff_id, role in dict.fromkeys((shift.staff_id, shift.role) for shift in ahead):
        if staff_id not in people:
            yield "duty", Flaw.UNKNOWN_STAFF, {"staff_id": staff_id}
        elif role not in people[staff_id].roles:
            yield "duty", Flaw.SHIFT_WITHOUT_ROLE, {"staff_id": staff_id, "role": role.value}
    for role in CHAIN:
        # a role without any shift has everybody on duty who holds it
        if any(shift.role is role for shift in shifts):
            mine = (shift for shift in ahead if shift.role is role and shift.staff_id in people)
            if gaps := uncovered(mine, now, now + timedelta(days=DUTY_DAYS)):
                values = {"days": DUTY_DAYS, "role": role.value, "ranges": show_times(gaps, settings)}
                yield "duty", Flaw.UNCOVERED, values


def uncovered(shifts: Iterable[DutyShift], begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The times between `begin` and `end` that no shift covers, merged."""
    gaps: list[tuple[datetime, datetime]] = []
    covered_until = begin
    for shift in sorted(shifts, key=lambda shift: shift.starts_at):
        if shift.starts_at > covered_until:
            gaps.append((covered_until, min(shift.starts_at, end)))
        covered_until = max(covered_until, shift.ends_at)
        if covered_until >= end:
            break
    if covered_until < end:
        gaps.append((covered_until, end))
    return [(start, stop) for start, stop in gaps if start < stop]


def show_times(gaps: list[tuple[datetime, datetime]], settings: Settings) -> str:
    """Times in the school's zone, for a line."""
    zone = settings.school.zone_info
    shown = []
    for start, stop in gaps[:_MAX_RANGES]:
        first, last = start.astimezone(zone), stop.astimezone(zone)
        day = "" if first.date() == last.date() else f"{last:%Y-%m-%d} "
        shown.append(f"{first:%Y-%m-%d %H:%M} to {day}{last:%H:%M}")
    more = len(gaps) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
