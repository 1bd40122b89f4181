"""What every builder of an after-action report's sections reads from: one look at the incident's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.after_action import AfterAction
from bot.domain.incident import Incident
from bot.domain.timeline import Event, TimelineEntry
from bot.services.school import School
from bot.storage.transaction import Transaction


@dataclass(frozen=True)
class Reading:
    """One look at the record: what every builder needs."""

    tx: Transaction
    school: School
    incident: Incident
    after_action: AfterAction
    entries: list[TimelineEntry]
    deliveries: list[dict[str, Any]]
    now: datetime

    def since_s(self, moment: datetime | None) -> int | None:
        """Whole seconds since the incident was opened."""
        return None if moment is None else max(0, int((moment - self.incident.opened_at).total_seconds()))

    def first(self, event: Event) -> TimelineEntry | None:
        """The first entry of that kind."""
        return next((entry for entry in self.entries if entry.event is event), None)


Section = Callable[[Reading], Any]
