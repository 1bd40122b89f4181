"""While Telegram takes nothing: alarms and orders that wait go to the fallback channels too, each once.

Only what many have to know, and of that only what names nobody: kind, place, order, number; and a life-safety text
for all staff, which a loudspeaker could have said as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.delivery import metrics
from bot.domain.announcement import texts_to_params
from bot.domain.message import CHANNEL, Address, Draft, MessageKind
from bot.ports import Clock
from bot.storage.channel_log import Waiting
from bot.storage.database import Database
from bot.storage.transaction import Transaction

# A confirmation or an answer is for one person; a pupil's name is for nobody's group.
KINDS = frozenset(
    {
        MessageKind.ALARM,
        MessageKind.DIRECTIVE,
        MessageKind.ALL_CLEAR,
        MessageKind.CANCELLED,
        MessageKind.DRILL_SUSPENDED,
        MessageKind.ANNOUNCEMENT,
    }
)
# Of a message's params. Words of a reporter may name a pupil; names of staff are nobody's business in a group.
_KEPT = frozenset(
    {
        *("number", "mode", "kind", "zone", "opened_at"),
        *("action", "action_zones", "action_words", "stops", "points", "still"),
    }
)

_log = structlog.get_logger(__name__)


class Fallback:
    """Looks every second. `chats`: the channels; `quiet_s`: for how long Telegram has taken nothing."""

    def __init__(
        self,
        database: Database,
        chats: tuple[str, ...],
        quiet_s: Callable[[], float],
        *,
        after_s: float,
        clock: Clock,
    ) -> None:
        self._database = database
        self._chats = chats
        self._quiet_s = quiet_s
        self._after_s = after_s
        self._clock = clock

    async def tick(self) -> None:
        """Hand over what has waited long enough."""
        if not self._chats or self._quiet_s() < self._after_s:
            return
        now = self._clock()
        before = now - timedelta(seconds=self._after_s)
        if not await self._database.read(lambda tx: tx.channel_log.waiting_for_telegram(KINDS, before)):
            return
        count = await self._database.write(_hand_over, self._chats, before, now)
        if count:
            metrics.FALLBACKS_SENT.inc(count)
            _log.warning("telegram_takes_nothing_so_channels_are_told", messages=count)


def _hand_over(tx: Transaction, chats: tuple[str, ...], before: datetime, now: datetime) -> int:
    count = 0
    for waiting in tx.channel_log.waiting_for_telegram(KINDS, before):
        draft = _copied(tx, waiting)
        for chat in chats if draft else ():
            if draft and not tx.channel_log.is_known(waiting, chat):
                tx.outbox.add(replace(draft, to=Address(chat)), now)
                count += 1
    return count


def _copied(tx: Transaction, waiting: Waiting) -> Draft | None:
    """As channels get it; None for what is not for all staff."""
    kept: dict[str, Any] = {key: value for key, value in waiting.params.items() if key in _KEPT}
    draft = Draft(
        Address(CHANNEL),
        waiting.kind,
        {**kept, "is_fallback": True},
        lane=waiting.lane,
        incident_id=waiting.incident_id,
        coalesce=waiting.key,
    )
    if waiting.kind is not MessageKind.ANNOUNCEMENT:
        return draft
    found = tx.announcements.get(waiting.announcement_id or 0)
    if found is None or not found.audience.is_for_all_staff:
        return None
    # What waits is for one reader: in one language, perhaps the first part of it.
    whole = {"texts": texts_to_params(found.texts), "part": 1, "parts": 1, "asks": "none", "is_for_all": True}
    return replace(
        draft,
        params={**waiting.params, **whole, "is_fallback": True},
        expires_at=found.expires_at,
        announcement_id=found.id,
    )
