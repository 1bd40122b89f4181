"""What a restored database must not do again: since the backup was made, time went on without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select, update

from bot.domain.announcement import AnnouncementState
from bot.domain.lost_time import LostTime
from bot.domain.message import DeliveryState, Lane, MessageKind
from bot.storage.numbering import skip_numbers
from bot.storage.tables import (
    announcements,
    deliveries,
    digests,
    inbox,
    incidents,
    invites,
    liaison_links,
    page_links,
    page_sessions,
)
from bot.storage.transaction import Transaction

LOST_FACT: Final = "lost_time"
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


def settle_restored(tx: Transaction, *, made_at: datetime, now: datetime, fresh_since: datetime) -> Unsettled:
    """As after a crash: alarms and orders that are fresh go out once more, marked; everything else is uncertain.

    Buttons and numbers that were given out since `made_at` mean nothing any more. What came in and is not fresh
    becomes a dead letter. Links, sessions and unused invites end, as each may have been used.
    Announcements that were due are asked about, digests that were due are left out.
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
    links = liaison_links.c
    run(
        update(liaison_links).where(links.revoked_at.is_(None), links.expires_at > now).values(revoked_at=now)
    )
    run(delete(digests))  # as at the first start, which tells nothing of the past
    _ask_again(tx, now)
    _note_lost_time(tx, made_at, now)
    return found


def _ask_again(tx: Transaction, now: datetime) -> None:
    """What was approved and due may be out already: a person decides, who is told its time."""
    columns = announcements.c
    may_be_out = (columns.state == AnnouncementState.APPROVED.value) & (columns.due_at <= now)
    for row_id, due_at in tx.connection.execute(select(columns.id, columns.due_at).where(may_be_out)).all():
        # Without its approver the clock asks for approval anew.
        values = {"approver_id": None, "publish_at": due_at}
        tx.connection.execute(update(announcements).where(columns.id == row_id).values(values))


def _note_lost_time(tx: Transaction, made_at: datetime, now: datetime) -> None:
    """Rows get the ids of lost ones again, so buttons from that time are refused by their time; numbers never."""
    lost = LostTime.from_params(tx.facts.get(LOST_FACT))
    tx.facts.set(LOST_FACT, LostTime((*lost.spans, (made_at, now))).to_params())
    for numbered in (incidents, announcements):
        skip_numbers(tx.connection, numbered, made_at, now)
    for incident in tx.incidents.list_open():
        if incident.card_message_id is not None:
            tx.topics.renew_card(
                incident.id, now
            )  # it may show the lost time, and its buttons would be refused
