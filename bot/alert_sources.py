"""From `[[alert_sources]]` to doors, parsers and feeds. Part of the wiring: it knows settings and integrations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.config import Settings
from bot.config.sources import AlertSourceEntry
from bot.domain.alert import Alert
from bot.domain.alert_format import AlertFormatError, Body, Context
from bot.domain.alert_rule import SCHOOL_DAY, SchoolHours, SourcePolicy
from bot.errors import ConfigError
from bot.ports import Clock
from handlers.web.alerts import Source
from handlers.web.doors import Door
from integrations.alert_feeds import FEEDS, Deliver, Feed, FeedSettings
from integrations.alert_formats import FORMATS

Receive = Callable[[str, list[Alert]], Awaitable[object]]

log = structlog.get_logger(__name__)


def policies(settings: Settings) -> dict[str, SourcePolicy]:
    """What each source sets in motion."""
    return {entry.id: entry.policy() for entry in settings.alert_sources}


def school_hours(settings: Settings) -> SchoolHours:
    """The school's calendar, for rules."""
    calendar = settings.school.calendar
    return SchoolHours(
        settings.school.zone_info,
        terms=tuple((term.starts_on, term.ends_on) for term in calendar.terms),
        lessons=tuple((lesson.starts_at, lesson.ends_at) for lesson in calendar.lessons) or SCHOOL_DAY,
    )


def sources(settings: Settings, clock: Clock) -> dict[str, Source]:
    """Each source's door and parser."""
    return {
        entry.id: Source(_door(entry), parser(settings, entry, clock)) for entry in settings.alert_sources
    }


def feeds(settings: Settings, clock: Clock, receive: Receive) -> list[Feed]:
    """The sources that Muster fetches from itself. ConfigError for an address that the feed cannot use."""
    found = []
    for entry in settings.alert_sources:
        if not entry.feed:
            continue
        if entry.format not in FEEDS:
            raise ConfigError(
                [f"{settings.path.name}: alert_sources.{entry.id}.feed: {entry.format} is posted to us"]
            )
        try:
            found.append(
                FEEDS[entry.format](_feed_settings(entry), _deliver(settings, entry, clock, receive))
            )
        except ValueError as error:
            raise ConfigError([f"{settings.path.name}: alert_sources.{entry.id}.feed: {error}"]) from None
    return found


def _feed_settings(entry: AlertSourceEntry) -> FeedSettings:
    return FeedSettings(
        source=entry.id,
        url=entry.feed,
        username=entry.username,
        password=entry.password.get_secret_value() if entry.password else "",
        topic=entry.topic,
        every_s=entry.every_s,
    )


def _deliver(settings: Settings, entry: AlertSourceEntry, clock: Clock, receive: Receive) -> Deliver:
    """Parse off the loop and store; what cannot be read is logged and passed over, as nobody could send it anew."""
    parse = parser(settings, entry, clock)

    async def deliver(body: Body) -> None:
        try:
            alerts = await asyncio.to_thread(parse, body)
        except AlertFormatError as error:
            log.warning("alert_not_understood", source=entry.id, flaw=error.flaw.value, **error.params)
            return
        await receive(entry.id, alerts)

    return deliver


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
    return Context(
        source=entry.id,
        received_at=datetime.now(UTC),
        timezone=settings.school.zone_info,
        zone=entry.zone,
        kind=entry.kind,
        severity=entry.severity,
        zones=campus.words(),
        cameras={camera.id: camera.zone for camera in settings.cameras},
        channels=entry.channels,
        refused_zones=frozenset(zone.id for zone in campus.zones.values() if zone.is_private),
    )
