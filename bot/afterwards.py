"""Wiring of what comes afterwards: the printer at the outbox, the key that signs, the clock's ticks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.config import Settings
from bot.config.settings import WEEKDAYS
from bot.delivery.documents import DocumentDesk
from bot.domain.digest import DigestRules, Term
from bot.domain.readiness import ReadinessRules
from bot.i18n import Languages
from bot.scheduler import Tick
from bot.services import Services
from bot.services.signing import AUDIT_KEY, Signer
from bot.storage.database import Database
from bot.storage.key_file import load_or_make_key
from integrations.documents.printer import Printer

TICK_EVERY_S: Final = 1.0
SLOW_TICK_EVERY_S: Final = 15.0
# Files are read at start only; the first tick after it finds what was changed.
PLAN_FILES_EVERY_S: Final = 60.0


def signer(database: Path) -> Signer:
    """With the school's own key, beside the database. StartError when others could read it."""
    return Signer(load_or_make_key(database.parent / AUDIT_KEY))


def desk(settings: Settings, database: Database, languages: Languages) -> DocumentDesk:
    """Puts the files to messages that have a document."""
    return DocumentDesk(database, Printer(), languages, settings.after_action.language)


def ticks(services: Services) -> list[Tick]:
    """What the clock does afterwards."""
    return [
        Tick("after_actions", TICK_EVERY_S, services.after_actions.tick),
        Tick("corrective", SLOW_TICK_EVERY_S, services.corrective.tick),
        Tick("inspections", SLOW_TICK_EVERY_S, services.inspections.tick),
        Tick("digests", SLOW_TICK_EVERY_S, services.digests.tick),
        Tick("plan_files", PLAN_FILES_EVERY_S, services.plan_decisions.tick),
        Tick("readiness", SLOW_TICK_EVERY_S, services.readiness.tick),
    ]


def digest_rules(settings: Settings) -> DigestRules:
    """`[digest]`, with the school's terms."""
    told = settings.digest
    return DigestRules(
        morning=told.morning,
        evening=told.evening,
        weekly=told.weekly,
        weekday=WEEKDAYS.index(told.weekday),
        also=told.also,
        terms=tuple(Term(one.name, one.starts_on, one.ends_on) for one in settings.school.calendar.terms),
        drill_days=told.drill_days,
    )


def readiness_rules(settings: Settings) -> ReadinessRules:
    """`[readiness]`."""
    told = settings.readiness
    return ReadinessRules(
        tell_at=told.tell_at,
        certificate_days=told.certificate_days,
        patrol_zones=told.patrol_zones,
        patrols_per_day=told.patrols_per_day,
    )
