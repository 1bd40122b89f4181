"""`[announcements]` and the ready-made texts, as the services take them."""

from __future__ import annotations

from datetime import timedelta

from bot.alert_sources import school_hours
from bot.config import Settings
from bot.domain.announcement_rule import AnnouncementRules
from bot.domain.channel import TELEGRAM, Channel
from bot.domain.message import CHANNEL
from bot.domain.place import Name


def rules(settings: Settings) -> AnnouncementRules:
    """Who publishes what, and when."""
    told = settings.announcements
    return AnnouncementRules(
        issuer=Name(told.issuer, told.issuer_en),
        publishers=told.publisher_roles,
        quiet=told.quiet_hours,
        hours=school_hours(settings),
        is_for_school_days=told.school_days_only,
        are_drills_for_staff=told.drills == "staff",
        are_private_bilingual=told.private == "both",
        draft_life=timedelta(hours=told.draft_hours),
        page_url=settings.web.public_url,
    )


def official_channel(settings: Settings) -> tuple[Channel, ...]:
    """`[telegram] channel`, if there is one."""
    name = Name("Telegram 频道", "Telegram channel")
    return (Channel(CHANNEL, TELEGRAM, name),) if settings.telegram.channel else ()
