"""The five response actions and when one contradicts another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ResponseAction(StrEnum):
    """What everybody is told to do."""

    HOLD = "HOLD"
    SECURE = "SECURE"
    LOCKDOWN = "LOCKDOWN"
    EVACUATE = "EVACUATE"
    SHELTER = "SHELTER"


# A phone that rings gives people away: these go out without a sound.
SILENT_ACTIONS = frozenset({ResponseAction.LOCKDOWN})

# An order asked for and not confirmed by then is no longer meant.
CONFIRM_WITHIN = timedelta(minutes=2)

# What is typed behind an order is one line of it.
WORDS_LIMIT = 80


def contradicts(new: ResponseAction, in_force: ResponseAction | None) -> bool:
    """Whether who obeys `in_force` must now stop and do the opposite: go out against stay in."""
    if in_force is None or new is in_force:
        return False
    return ResponseAction.EVACUATE in (new, in_force)


class OrderState(StrEnum):
    """An order waits for one confirmation."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Order:
    """An action, or the all-clear (`action` None), asked for and waiting for its confirmation.

    `words`: with an action they go out to everybody; of an all-clear why, though somebody may not be accounted for.
    """

    id: int
    incident_id: int
    action: ResponseAction | None
    zones: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    state: OrderState = OrderState.ASKED
    words: str = ""

    def is_expired(self, now: datetime) -> bool:
        """Whether it can no longer be confirmed."""
        return abs(now - self.asked_at) > CONFIRM_WITHIN
