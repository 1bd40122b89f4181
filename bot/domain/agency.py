"""Who outside is called: police, fire brigade, ambulance, authorities.

Muster tells people to call, and keeps what they say of the call. It calls nobody itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.place import Name

# Whom the first report goes to by telephone: that call is due when the report is.
EDUCATION: Final = "education"
# Police, fire brigade, ambulance: no paper comes before these calls.
EMERGENCY: Final = frozenset({"110", "119", "120"})


@dataclass(frozen=True, slots=True)
class Agency:
    """`number` empty: the school has not said yet. `needs`: what they ask first."""

    id: str
    name: Name
    needs: Name
    number: str = ""
    contact: str = ""


class CallState(StrEnum):
    """How a call stands, as people say."""

    ASKED = "asked"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class AgencyCall:
    """One call that somebody is to make. `called_by`, `called_at`: who says that they have, and when."""

    id: int
    incident_id: int
    agency_id: str
    state: CallState
    asked_at: datetime
    asked_by: str | None = None
    called_by: str | None = None
    called_at: datetime | None = None
    answer: str = ""
