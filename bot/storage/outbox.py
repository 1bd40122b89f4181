"""What goes out: one row a message, from the draft to its final state."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, null, or_, select, text, update

from bot.domain.message import CENTRE, Address, DeliveryState, Draft, Lane, MessageKind, queue_of
from bot.domain.roll_call import RollCall
from bot.storage.claim import Addresses, Harvest, Wanted, claim, is_claimable
from bot.storage.new_id import new_id
from bot.storage.standing import is_under_way, last_due_at, last_sent, last_sent_at
from bot.storage.tables import deliveries, incidents, people

OUTBOX = "outbox"

# Troubles of one kind gather this long and are told as one message.
TROUBLE_GATHERS = timedelta(seconds=3)
# More names than this would only fill the screen; the rest is a number.
TROUBLE_NAMES = 30
# Of what was said meanwhile, the newest.
SAID_GATHERED = 40
_ERROR_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class LaneCount:
    """How much waits in one lane, and since when the oldest that could go now waits (None: nothing could)."""

    lane: Lane
    queued: int
    oldest_at: datetime | None


_d = deliveries.c
_IS_QUEUED = text("deliveries.state = 'queued'")
_IS_OUT = _d.state != DeliveryState.QUEUED
_MINE = (_d.id == bindparam("row"), _d.claimed_by == bindparam("mine"))

_ADD = deliveries.insert()
_WAITING = (
    select(_d.id, _d.lane, _d.params, _d.edit_of)
    .where(
        _IS_QUEUED,
        _d.coalesce_key == bindparam("key"),
        _d.chat == bindparam("to"),
        _d.topic_of.is_not_distinct_from(bindparam("in_topic")),
        _d.claimed_by.is_(None),
    )
    .order_by(_d.id.desc())
    .limit(1)
)
_REPLACE = (
    update(deliveries)
    .where(_d.id == bindparam("row"))
    .values(
        kind=bindparam("new_kind"),
        params=bindparam("new_params"),
        lane=bindparam("new_lane"),
        queue=bindparam("new_queue"),
        is_silent=bindparam("new_is_silent"),
        edit_of=bindparam("new_edit_of"),
        is_standing=bindparam("new_is_standing"),
        needs_right=bindparam("new_needs_right"),
        expires_at=bindparam("new_expires_at"),
    )
)
# Drafts of nobody's claim; a claimed one is withdrawn too, and says so again only if it turns out to be sent.
_UNSETTLED = (DeliveryState.QUEUED, DeliveryState.SUPERSEDED, DeliveryState.WITHDRAWN)
_SENT = (
    update(deliveries)
    .where(*_MINE, or_(*(_d.state == state for state in _UNSETTLED)))
    .values(
        state=DeliveryState.SENT,
        message_id=bindparam("new_message_id"),
        settled_at=bindparam("now"),
        error=null(),
    )
)
_SETTLE = (
    update(deliveries)
    .where(*_MINE, _d.state == DeliveryState.QUEUED)
    .values(state=bindparam("new_state"), settled_at=bindparam("now"), error=bindparam("new_error"))
)
_RETRY = (
    update(deliveries)
    .where(*_MINE, _d.state == DeliveryState.QUEUED)
    .values(
        claimed_by=null(),
        claimed_until=null(),
        retry_at=bindparam("new_retry_at"),
        is_repeat=or_(_d.is_repeat, bindparam("now_repeat")),
        attempts=_d.attempts - case((bindparam("is_burnt"), 0), else_=1),
        error=bindparam("new_error"),
    )
)


class OutboxStore:
    """Services add, supersede and withdraw; the courier claims and settles."""

    def __init__(self, connection: Connection, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched

    # ── for services ───────────────────────────────────────────────────────────────────────────────────────
    def add(self, draft: Draft, now: datetime) -> int:
        """Queue one message; its row. A waiting one with the same `coalesce` takes the newer content instead."""
        self._touched.add(OUTBOX)
        if draft.coalesce is not None:
            waiting = self._waiting(draft.coalesce, draft.to)
            if waiting is not None:
                return self._replace(waiting.id, min(Lane(waiting.lane), draft.lane), draft)
        result = self._connection.execute(_ADD, _values(draft, now))
        return new_id(result)

    def gather(self, draft: Draft, now: datetime, *, pause: timedelta) -> None:
        """Queue what comes fast: what follows within `pause` of the last one goes together, as what was `said`."""
        waiting = self._waiting(draft.coalesce, draft.to)
        before = [] if waiting is None else waiting.params["said"]
        said = [*before, *draft.params["said"]][-SAID_GATHERED:]
        last = last_due_at(self._connection, draft.coalesce, draft.to.chat)
        is_soon = last is not None and now - pause < last <= now + pause
        due_at = last + pause if last and is_soon else None
        self.add(replace(draft, params={**draft.params, "said": said}, due_at=due_at), now)

    def add_many(self, drafts: Iterable[Draft], now: datetime) -> None:
        """Queue many at once, in their order."""
        plain: list[Draft] = []
        for draft in drafts:
            if draft.coalesce is None:
                plain.append(draft)
            else:
                self.add(draft, now)
        self.add_new(plain, now)

    def add_new(self, drafts: Iterable[Draft], now: datetime) -> None:
        """Like `add_many`, for what is surely the first with its key: thousands cost no look-up each."""
        rows = [_values(draft, now) for draft in drafts]
        if rows:
            self._touched.add(OUTBOX)
            self._connection.execute(_ADD, rows)

    def refresh(self, draft: Draft, now: datetime) -> None:
        """Bring an earlier message with the same `coalesce` up to date: in place while it waits, else by an edit.

        When there is none, nothing is sent.
        """
        if draft.coalesce is None:
            raise ValueError("only a coalescing message can be brought up to date")
        waiting = self._waiting(draft.coalesce, draft.to)
        sent = None if waiting else last_sent(self._connection, draft.coalesce, draft.to.chat)
        if waiting is not None or sent is not None:
            self.add(replace(draft, edit_of=waiting.edit_of if waiting else sent), now)
        elif is_under_way(self._connection, draft.coalesce, draft.to.chat):
            self.add(replace(draft, is_standing=True), now)

    def last_sent_at(self, coalesce: str, to: Address) -> datetime | None:
        """When the message with this `coalesce` last went out, also as an edit; None: never."""
        return last_sent_at(self._connection, coalesce, to.chat)

    def supersede(self, incident_id: int, kinds: Collection[MessageKind], now: datetime) -> int:
        """Take back what is not sent yet; how many rows.

        One that is on its way right now is taken back as well: it is not tried again when that fails, and
        counts as sent when it succeeds.
        """
        return self._take_back(
            DeliveryState.SUPERSEDED, now, _d.incident_id == incident_id, _d.kind.in_([str(k) for k in kinds])
        )

    def silence(self, incident_id: int) -> None:
        """What waits about this incident goes out without a sound."""
        statement = update(deliveries).where(_IS_QUEUED, _d.incident_id == incident_id)
        self._connection.execute(statement.values(is_silent=True))

    def forget(self, roll_call: RollCall, kinds: Collection[MessageKind]) -> None:
        """Blank what was said in these messages; that they went out stays on record.

        A count may have moved from one incident to the next: while it ran it was the only one of its mode.
        """
        same_mode = select(incidents.c.id).where(incidents.c.mode == roll_call.mode.value)
        is_of_count = or_(
            _d.incident_id == roll_call.incident_id,
            _d.incident_id.in_(same_mode) & _d.created_at.between(roll_call.opened_at, roll_call.closed_at),
        )
        wanted = (is_of_count, _d.kind.in_([str(kind) for kind in kinds]))
        self._connection.execute(update(deliveries).where(*wanted, _IS_OUT).values(params={}))

    def hurry(self, key: str, now: datetime) -> None:
        """What waits under this `coalesce` key for its time goes now."""
        self._touched.add(OUTBOX)
        waiting = update(deliveries).where(_IS_QUEUED, _d.coalesce_key == key)
        self._connection.execute(waiting.values(due_at=now))

    def forget_kind(self, kind: MessageKind, before: datetime) -> None:
        """Blank messages of one kind that belong to no incident and were written before that."""
        wanted = (_d.incident_id.is_(None), _d.kind == str(kind), _d.created_at < before)
        self._connection.execute(update(deliveries).where(*wanted, _IS_OUT).values(params={}))

    def withdraw(self, to: Address, now: datetime) -> int:
        """Take back everything unsent to one chat, as when somebody is revoked; how many rows."""
        return self._take_back(DeliveryState.WITHDRAWN, now, _d.chat == to.chat)

    def trouble(self, problem: str, subject: str, now: datetime, **params: Any) -> None:
        """Tell the command centre, gathering the subjects of one kind of problem into one message.

        `subject`: a staff_id, an incident's number or a chat.
        """
        key = f"trouble:{problem}"
        waiting = self._waiting(key, Address(CENTRE))
        before: dict[str, Any] = {} if waiting is None else dict(waiting.params)
        subjects, more = list(before.get("subjects", ())), int(before.get("more", 0))
        name = self._name_of(subject)
        if name not in subjects:
            more += len(subjects) >= TROUBLE_NAMES
            subjects = [*subjects, name][:TROUBLE_NAMES]
        content = {**params, "problem": problem, "subjects": subjects, "more": more}
        draft = Draft(
            Address(CENTRE),
            MessageKind.TROUBLE,
            content,
            lane=Lane.THREAD,
            coalesce=key,
            due_at=now + TROUBLE_GATHERS,
        )
        self.add(draft, now)

    def of_incident(self, incident_id: int) -> list[dict[str, Any]]:
        """What was told to whom about an incident, and what came of it; for the export."""
        rows = self._connection.execute(
            select(_d.id, _d.chat, _d.kind, _d.lane, _d.state, _d.created_at, _d.settled_at, _d.is_repeat)
            .where(_d.incident_id == incident_id)
            .order_by(_d.id)
        )
        return [
            {
                "id": row.id,
                "to": row.chat,
                "kind": row.kind,
                "lane": Lane(row.lane).name,
                "state": row.state,
                "queued_at": row.created_at.isoformat(),
                "settled_at": row.settled_at and row.settled_at.isoformat(),
                "is_repeat": row.is_repeat,
            }
            for row in rows
        ]

    def _name_of(self, subject: str) -> dict[str, str]:
        """A person's name by staff_id; an incident or a chat is called what it is."""
        row = self._connection.execute(
            select(people.c.name, people.c.name_en).where(people.c.staff_id == subject)
        ).one_or_none()
        return {"zh": row.name, "en": row.name_en} if row else {"zh": subject, "en": subject}

    def wake(self) -> None:
        """Have the courier look after the commit."""
        self._touched.add(OUTBOX)

    # ── for the courier ────────────────────────────────────────────────────────────────────────────────────
    def claim(self, wanted: Wanted, addresses: Addresses) -> Harvest:
        """Take what may go now, best first, with a lease; settle on the way what may not go any more."""
        return claim(self._connection, self, wanted, addresses)

    def settle_sent(self, row: int, *, claimed_by: str, message_id: int | None, now: datetime) -> bool:
        """It is out. False when the lease was lost; then somebody else may have sent it too."""
        values = {"row": row, "mine": claimed_by, "new_message_id": message_id, "now": now}
        return self._connection.execute(_SENT, values).rowcount == 1

    def settle(
        self, row: int, state: DeliveryState, *, claimed_by: str, now: datetime, error: str = ""
    ) -> bool:
        """It will not be tried again. False when the lease was lost or the row was taken back meanwhile."""
        values = {"row": row, "mine": claimed_by, "new_state": state, "now": now, "new_error": _cut(error)}
        return self._connection.execute(_SETTLE, values).rowcount == 1

    def retry(
        self,
        row: int,
        *,
        claimed_by: str,
        retry_at: datetime | None = None,
        is_repeat: bool = False,
        is_burnt: bool = True,
        error: str = "",
    ) -> bool:
        """Give it back to the queue, at the earliest for `retry_at`. `is_burnt`: the try counts."""
        values = {
            "row": row,
            "mine": claimed_by,
            "new_retry_at": retry_at,
            "now_repeat": is_repeat,
            "is_burnt": is_burnt,
            "new_error": _cut(error),
        }
        return self._connection.execute(_RETRY, values).rowcount == 1

    def release_foreign(self, claimed_by: str) -> int:
        """Free what processes that are gone had claimed. It may have been sent, so it counts as a repeat."""
        statement = (
            update(deliveries)
            .where(_IS_QUEUED, _d.claimed_by.is_not(None), _d.claimed_by != claimed_by)
            .values(claimed_by=None, claimed_until=None, is_repeat=True)
        )
        return self._connection.execute(statement).rowcount

    def counts(self, now: datetime, *, besides: Collection[str] = ()) -> list[LaneCount]:
        """By lane, for health and metrics; of all chats but these."""
        oldest = func.min(case((is_claimable(now), _d.created_at)))
        joined = deliveries.outerjoin(incidents, incidents.c.id == _d.topic_of)
        wanted = (_IS_QUEUED, _d.chat.not_in(list(besides)))
        statement = select(_d.lane, func.count(), oldest).select_from(joined).where(*wanted).group_by(_d.lane)
        rows = self._connection.execute(statement)
        return [LaneCount(Lane(lane), queued, oldest_at) for lane, queued, oldest_at in rows]

    def _take_back(self, state: DeliveryState, now: datetime, *where: Any) -> int:
        statement = update(deliveries).where(_IS_QUEUED, *where).values(state=state, settled_at=now)
        return self._connection.execute(statement).rowcount

    def _waiting(self, key: str | None, to: Address) -> Any:
        keys = {"key": key, "to": to.chat, "in_topic": to.incident_id}
        return self._connection.execute(_WAITING, keys).one_or_none()

    def _replace(self, row: int, lane: Lane, draft: Draft) -> int:
        values = {
            "row": row,
            "new_kind": draft.kind,
            "new_params": draft.params,
            "new_lane": lane,
            "new_queue": queue_of(draft.to, lane, draft.kind),
            "new_is_silent": draft.is_silent,
            "new_edit_of": draft.edit_of,
            "new_is_standing": draft.is_standing,
            "new_needs_right": draft.needs_right,
            "new_expires_at": draft.expires_at,
        }
        self._connection.execute(_REPLACE, values)
        return row


def _values(draft: Draft, now: datetime) -> dict[str, Any]:
    to = draft.to
    return {
        "chat": to.chat,
        "topic_of": to.incident_id,
        "queue": queue_of(to, draft.lane, draft.kind),
        "lane": int(draft.lane),
        "kind": draft.kind.value,
        "params": draft.params,
        "incident_id": to.incident_id if draft.incident_id is None else draft.incident_id,
        "is_silent": draft.is_silent,
        "needs_right": draft.needs_right,
        "coalesce_key": draft.coalesce,
        "edit_of": draft.edit_of,
        "is_standing": draft.is_standing,
        "state": DeliveryState.QUEUED.value,
        "created_at": now,
        "due_at": draft.due_at,
        "expires_at": draft.expires_at,
        "announcement_id": draft.announcement_id,
    }


def _cut(error: str) -> str | None:
    return error.encode("utf-8", "replace").decode()[:_ERROR_LENGTH] or None
