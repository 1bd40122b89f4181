"""What a restored database must not do again: since the backup was made, time went on without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, update

from bot.domain.message import DeliveryState, Lane, MessageKind
from bot.storage.tables import deliveries, inbox, invites, page_links, page_sessions
from bot.storage.transaction import Transaction

WHY: Final = "restored from a backup: it may have been dealt with since"
# A topic is made, a card is edited, a picture is taken away: doing so again tells nobody anything twice; lines wait
# for the first two, and a picture that nobody takes away stays in its chat for good.
_ALWAYS: Final = (MessageKind.TOPIC.value, MessageKind.CARD.value, MessageKind.CAMERA_REMOVAL.value)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """`repeats` go out marked as such; `uncertain` and `dead` are not taken up again."""

    repeats: int
    uncertain: int
    dead: int


def settle_restored(tx: Transaction, *, now: datetime, fresh_since: datetime) -> Unsettled:
    """As after a crash: alarms and orders that are fresh go out once more, marked; everything else is uncertain.

    What came in and is not fresh becomes a dead letter. Links, sessions and unused invites end, as each
    may have been used.
    """
    columns = deliveries.c
    may_go = or_(
        columns.kind.in_(_ALWAYS), (columns.lane <= Lane.COMMAND) & (columns.created_at >= fresh_since)
    )
    queued = update(deliveries).where(columns.state == DeliveryState.QUEUED.value)
    uncertain = queued.where(~may_go).values(
        state=DeliveryState.UNCERTAIN.value, settled_at=now, error=WHY, claimed_by=None, claimed_until=None
    )
    repeats = queued.where(may_go).values(claimed_by=None, claimed_until=None, is_repeat=True)
    old = update(inbox).where(inbox.c.state == "new", inbox.c.received_at < fresh_since)
    run = tx.connection.execute
    found = Unsettled(
        uncertain=run(uncertain).rowcount,
        repeats=run(repeats).rowcount,
        dead=run(old.values(state="dead", error=WHY)).rowcount,
    )
    run(delete(page_links))
    run(delete(page_sessions))
    run(delete(invites).where(invites.c.used_at.is_(None)))
    return found
