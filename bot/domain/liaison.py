"""A link for the liaison officer outside: facts of one incident to read, for some hours, nothing to press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.timeline import Event

# An engine's usual stay; whoever stays longer is given another link. Links and the pages opened by them end together.
LIFE: Final = timedelta(hours=4)
# Reading the page again so soon is the same opening.
SAME_OPENING: Final = timedelta(minutes=1)
UNIT_LIMIT: Final = 120

# What a stranger may read of the record, without people's names and without words that somebody typed: these could
# name anybody.
TOLD_OUTSIDE: Final = (
    Event.REPORTED,
    Event.KIND_SET,
    Event.ZONE_SET,
    Event.SEVERITY_CHANGED,
    Event.ACTION_ORDERED,
    Event.ALL_CLEAR,
    Event.CANCELLED,
    Event.ROLL_CALL_STARTED,
    Event.EVERYBODY_COUNTED,
    Event.INJURED_COUNTED,
    Event.AGENCY_CALLED,
    Event.AGENCY_SILENT,
    Event.SCENE_REPORTED,
    Event.REPORT_SENT,
)


@dataclass(frozen=True, slots=True)
class LiaisonLink:
    """One link. `unit`: whom it was given to, as its maker wrote. `opened_at`: first; `seen_at`: last on record."""

    id: int
    incident_id: int
    unit: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None
    seen_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it may still be opened, or read where it was opened."""
        return self.revoked_at is None and now < self.expires_at
