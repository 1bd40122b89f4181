"""A way out to more than one person: Telegram's channel and groups, mail, group robots, loudspeakers, the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.audience import Audience
from bot.domain.message import CHANNEL, Address
from bot.domain.place import Name

# The kind of what the Bot API delivers, channel or group: posts are split at 4096 characters and can be edited.
TELEGRAM = "telegram"


class Takes(StrEnum):
    """Which texts a channel takes; it may take several kinds.

    `LIFE_SAFETY`: ready-made life-safety texts for all staff or the public, and no others; for sirens and
    loudspeakers.
    """

    PUBLIC = "public"
    STAFF = "staff"
    LIFE_SAFETY = "life_safety"


class Carries(StrEnum):
    """What goes out by a channel.

    `DISTRICT`: notices of incidents, each only when a person confirms it.
    `ACTIONS`: response actions and their end, at once. `FALLBACK`: alarms, orders and life-safety
    texts while Telegram takes nothing.
    """

    ANNOUNCEMENTS = "announcements"
    ACTIONS = "actions"
    FALLBACK = "fallback"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of `[[channels]]`.

    The `id` "channel" is Telegram's official one, `[telegram] channel`.
    """

    id: str
    kind: str
    name: Name
    audiences: frozenset[Takes] = frozenset({Takes.PUBLIC})
    carries: frozenset[Carries] = frozenset({Carries.ANNOUNCEMENTS})

    @property
    def address(self) -> Address:
        """Where the outbox sends it."""
        return Address(CHANNEL) if self.id == CHANNEL else Address(f"{CHANNEL}:{self.id}")

    @property
    def is_telegram(self) -> bool:
        """Whether the Bot API delivers it."""
        return self.kind == TELEGRAM

    def takes(self, audience: Audience, *, is_life_safety: bool) -> bool:
        """Whether a text for `audience` goes out here. What is for some of the staff goes to their own chats only."""
        if Carries.ANNOUNCEMENTS not in self.carries:
            return False
        wanted = {
            Takes.PUBLIC: audience.is_public,
            Takes.STAFF: audience.is_for_all_staff,
            Takes.LIFE_SAFETY: is_life_safety and audience.is_for_all_staff,
        }
        return any(wanted[one] for one in self.audiences)
