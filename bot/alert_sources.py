"""From `[[alert_sources]]` to doors, parsers and feeds. Part of the wiring: it knows settings and integrations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time

from bot.config import Settings
from bot.config.sources import AlertSourceEntry
from bot.domain.alert import Alert
from bot.domain.alert_format import Body, Context
from bot.domain.alert_rule import SchoolHours, SourcePolicy
from bot.ports import Clock
from handlers.web.alerts import Source
from handlers.web.doors import Door
from integrations.alert_formats import FORMATS

_SCHOOL_DAY = ((time(7), time(18)),)


def policies(settings: Settings) -> dict[str, SourcePolicy]:
    """What each source sets in motion."""
    return {entry.id: entry.policy() for entry in settings.alert_sources}


def school_hours(settings: Settings) -> SchoolHours:
    """The school's calendar, for rules."""
    calendar = settings.school.calendar
    return SchoolHours(
        settings.school.zone_info,
        terms=tuple((term.starts_on, term.ends_on) for term in calendar.terms),
        lessons=tuple((lesson.starts_at, lesson.ends_at) for lesson in calendar.lessons) or _SCHOOL_DAY,
    )


def sources(settings: Settings, clock: Clock) -> dict[str, Source]:
    """Each source's door and parser."""
    return {
        entry.id: Source(_door(entry), parser(settings, entry, clock)) for entry in settings.alert_sources
    }


def _door(entry: AlertSourceEntry) -> Door:
    return Door(
        entry.id,
        secrets=tuple(secret.get_secret_value() for secret in entry.secret),
        token=entry.token.get_secret_value() if entry.token else "",
        allow=entry.allow,
    )


def parser(settings: Settings, entry: AlertSourceEntry, clock: Clock) -> Callable[[Body], list[Alert]]:
    """The source's format, given what the settings know."""
    parse, context = FORMATS[entry.format], _context(settings, entry)
    return lambda body: parse(body, replace(context, received_at=clock()))


def _context(settings: Settings, entry: AlertSourceEntry) -> Context:
    campus = settings.campus()
    words = {
        word.casefold(): zone.id
        for zone in campus.zones.values()
        for word in (zone.name.en, zone.name.zh, zone.id)
        if word
    }
    return Context(
        source=entry.id,
        received_at=datetime.now(UTC),
        timezone=settings.school.zone_info,
        zone=entry.zone,
        kind=entry.kind,
        severity=entry.severity,
        zones=words,
        cameras={camera.id: camera.zone for camera in settings.cameras},
        channels=entry.channels,
        refused_zones=frozenset(zone.id for zone in campus.zones.values() if zone.is_private),
    )
