"""From `[[channels]]` to couriers. Part of the wiring: it knows settings and integrations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from aiohttp import web

from bot.announcements import official_channel
from bot.config import Settings
from bot.config.channels import ChannelEntry
from bot.delivery.channels import ChannelCourier, ChannelCouriers
from bot.delivery.fallback import Fallback
from bot.delivery.outbox import Courier
from bot.domain.channel import TELEGRAM, Carries, Channel
from bot.i18n import Languages
from bot.log import redact
from bot.messages.bulletin import BulletinRenderer
from bot.services.public_page import PublicPage
from bot.services.signing import AUDIT_KEY, Signer
from bot.services.turn import Turns
from bot.storage.claim import Addresses
from bot.storage.database import Database
from bot.storage.key_file import load_or_make_key
from handlers.web.announcements import AnnouncementRoutes
from integrations.channels import CHANNELS, ChannelSettings

# A channel that was away for a moment is nobody's business yet.
DOWN_AFTER_S = 30.0


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """All channels, Telegram's official one first when there is one."""
    return (*official_channel(settings), *(entry.channel() for entry in settings.channels))


def addresses_of(settings: Settings) -> Addresses:
    """Where Telegram finds the command centre, the channel and the groups of `[[channels]]`."""
    telegram = settings.telegram
    groups = {_chat(entry): entry.chat for entry in settings.channels if entry.chat is not None}
    others = frozenset(_chat(entry) for entry in settings.channels if entry.kind != TELEGRAM)
    return Addresses(telegram.command_centre, telegram.channel, settings.school.locale, groups, others)


def install_pages(
    site: web.Application, turns: Turns, languages: Languages, settings: Settings, folder: Path
) -> None:
    """The public page of announcements; the school's key is in `folder`."""

    @cache
    def signer() -> Signer:
        return Signer(load_or_make_key(folder / AUDIT_KEY))

    pages = AnnouncementRoutes(
        PublicPage(turns, signer),
        languages,
        turns.clock,
        base_url=settings.web.base_url,
        phone=settings.school.alarm_phone,
    )
    site.add_routes(pages.routes())


class ChannelSide:
    """The couriers of all channels besides Telegram, and what they do in Telegram's place."""

    def __init__(
        self, settings: Settings, courier: Courier, database: Database, languages: Languages
    ) -> None:
        clock = courier.clock
        compose = BulletinRenderer(languages)
        others = [entry for entry in settings.channels if entry.kind != TELEGRAM]
        stand_in = tuple(_chat(entry) for entry in others if Carries.FALLBACK in entry.takes)
        self._couriers = ChannelCouriers(
            ChannelCourier(
                database,
                _chat(entry),
                CHANNELS[entry.kind](_settings_of(entry), clock),
                compose,
                addresses=addresses_of(settings),
                claimed_by=courier.claimed_by,
                clock=clock,
            )
            for entry in others
        )
        fallback = Fallback(
            database, stand_in, courier.quiet_s, after_s=settings.delivery.fallback_after_s, clock=clock
        )
        self.tick = fallback.tick
        self.start = self._couriers.start
        self.stop = self._couriers.stop

    def warnings(self) -> tuple[str, ...]:
        """For /readyz: which channels are down, since when, and why."""
        return tuple(
            f"channel {one.id} has taken nothing for {one.down_s:.0f} s ({one.error})"
            for one in self._couriers.health()
            if one.down_s is not None and one.down_s >= DOWN_AFTER_S
        )


def _chat(entry: ChannelEntry) -> str:
    return entry.channel().address.chat


def _settings_of(entry: ChannelEntry) -> ChannelSettings:
    secrets = tuple(one.get_secret_value() for one in entry.secret)
    password = entry.password.get_secret_value() if entry.password else ""
    for secret in (entry.url, password, *secrets):
        redact(secret)
    return ChannelSettings(
        id=entry.id,
        url=entry.url,
        secrets=secrets,
        host=entry.host,
        port=entry.port,
        tls=entry.tls,
        username=entry.username,
        password=password,
        sender=entry.sender,
        recipients=entry.to,
    )
