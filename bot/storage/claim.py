"""Claiming from the outbox: what may go now, best lane first, and to which of Telegram's numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from bot.domain.message import CENTRE, CHANNEL, Address, Delivery, DeliveryState, Lane, MessageKind
from bot.storage.incidents import IncidentStore
from bot.storage.moved import PREFIX, number_now
from bot.storage.recipient import Nowhere, number_of
from bot.storage.standing import is_under_way, last_sent
from bot.storage.tables import deliveries, facts, incidents, people
from bot.storage.topics import TopicStore

if TYPE_CHECKING:
    from bot.storage.outbox import OutboxStore

# Rows looked at in one query, ever more while the pages are full of what cannot go.
PAGES = (12, 64, 64, 256, 256)
# Lines of one topic that may become one message.
MERGE_AT_MOST = 40
# The chat_id of what goes to no chat of Telegram's.
NO_NUMBER = 0


@dataclass(frozen=True, slots=True)
class Addresses:
    """The settings' chats (a migrated group's fact overrides them) and the school's language.

    Of `[[channels]]`: `groups` are Telegram's, by `channel:<id>`; `elsewhere` are the chats of all others.
    """

    centre: int
    channel: int | None
    locale: str
    groups: Mapping[str, int] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupRoom:
    """How many messages one group still takes: of any lane, and of ALARM and COMMAND."""

    any: int
    urgent: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one claim may take.

    `slots` of any lane, `alarm_slots` in all. `groups` names every group; the chats in `shut` take nothing now, a
    queue in `busy` has a message on its way or waits for another try. `ripe` rows have waited long enough,
    whatever the clock says. A group with less than `merge_below` left gets its lines together, except those up to
    the row that `unmerged` names for their queue. `only`: the one channel, no chat of Telegram's, that is served now.
    """

    claimed_by: str
    now: datetime
    claimed_until: datetime
    slots: int
    alarm_slots: int
    groups: Mapping[str, GroupRoom]
    shut: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    ripe: frozenset[int] = frozenset()
    merge_below: int = 0
    unmerged: Mapping[str, int] = field(default_factory=dict)
    only: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message to send: a row, and the lines behind it that may go out with it."""

    delivery: Delivery
    lines: tuple[Delivery, ...] = ()
    is_unreachable: bool = False


@dataclass(slots=True)
class Harvest:
    """What one claim gave.

    `waiting`: queue → (row, retry_at) of heads whose next try is not due. `is_dry`: nothing else can go now.
    """

    claimed: list[Claimed] = field(default_factory=list)
    waiting: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    settled: list[tuple[Lane, DeliveryState]] = field(default_factory=list)
    is_dry: bool = False


_d = deliveries.c
_topic = incidents.alias("topic")
_about = incidents.alias("about")
_moved = facts.alias("moved")


def is_claimable(now: Any, topic: Any = incidents) -> ColumnElement[bool]:
    """Due, unclaimed, and its topic is there (or it is what makes the topic)."""
    return and_(
        or_(_d.claimed_by.is_(None), _d.claimed_until < now),
        or_(_d.due_at.is_(None), _d.due_at <= now),
        or_(_d.topic_of.is_(None), _d.kind == MessageKind.TOPIC, topic.c.topic_id.is_not(None)),
    )


# Partial indexes are used only when the query says the same words as they do, not a parameter.
_IS_QUEUED = text("deliveries.state = 'queued'")
_ROWS = select(
    deliveries,
    _topic.c.topic_id.label("thread"),
    _topic.c.card_message_id.label("card"),
    _about.c.year,
    _about.c.seq,
    _about.c.mode,
    people.c.staff_id,
    people.c.telegram_id,
    people.c.roles,
    people.c.is_active,
    people.c.is_unreachable,
    func.coalesce(people.c.chosen_locale, people.c.roster_locale, people.c.phone_locale).label("locale"),
    _moved.c.value.label("moved"),
).select_from(
    deliveries.outerjoin(_topic, _topic.c.id == _d.topic_of)
    .outerjoin(_about, _about.c.id == _d.incident_id)
    .outerjoin(people, and_(_d.chat.like("person:%"), people.c.staff_id == func.substr(_d.chat, 8)))
    .outerjoin(_moved, _moved.c.key == literal_column(f"'{PREFIX}'") + _d.chat)
)
_ROW = _ROWS.where(_d.id == bindparam("row"))
_HEADS = (
    _ROWS.where(_IS_QUEUED, is_claimable(bindparam("now"), _topic), _d.lane <= bindparam("worst"))
    .order_by(_d.lane, _d.id)
    .limit(bindparam("most"))
    # On PostgreSQL a row that somebody holds, as an administrator at a console, stops no other.
    .with_for_update(of=deliveries, skip_locked=True)
)
# By the name of its parameter. One that is empty costs as much time as the rest of the query, so it is left out.
_BESIDES = {
    "shut": _d.chat.not_in(bindparam("shut", expanding=True)),
    "urgent_only": or_(_d.lane <= Lane.COMMAND, _d.chat.not_in(bindparam("urgent_only", expanding=True))),
    "busy": _d.queue.not_in(bindparam("busy", expanding=True)),
    "only": _d.chat == bindparam("only"),
}


@cache
def _heads(*besides: str) -> Select[Any]:
    return _HEADS.where(*(_BESIDES[name] for name in besides))


_LINES = (
    _ROWS.where(
        _IS_QUEUED,
        is_claimable(bindparam("now"), _topic),
        _d.lane == bindparam("same_lane"),
        _d.id > bindparam("head"),
        _d.queue == bindparam("same_queue"),
    )
    .order_by(_d.lane, _d.id)
    .limit(MERGE_AT_MOST)
)
_TAKE = (
    update(deliveries)
    .where(_d.id == bindparam("row"))
    .values(
        claimed_by=bindparam("mine"),
        claimed_until=bindparam("lease"),
        attempts=_d.attempts + 1,
        is_repeat=bindparam("repeat"),
    )
)


def claim(connection: Connection, outbox: OutboxStore, wanted: Wanted, addresses: Addresses) -> Harvest:
    """See `OutboxStore.claim`."""
    return _Claim(connection, outbox, wanted, addresses).run()


class _Claim:
    """One claim: pages through the queue and keeps count of the room that is left."""

    def __init__(
        self, connection: Connection, outbox: OutboxStore, wanted: Wanted, addresses: Addresses
    ) -> None:
        self._connection = connection
        self._outbox = outbox
        self._wanted = wanted
        self._addresses = addresses
        self._slots = wanted.slots
        self._alarm_slots = wanted.alarm_slots
        self._groups = dict(wanted.groups)
        self._shut = set(wanted.shut)
        self._busy = set(wanted.busy)
        self._numbers = {CENTRE: addresses.centre, CHANNEL: addresses.channel, **addresses.groups}
        self._harvest = Harvest()

    def run(self) -> Harvest:
        for most in PAGES:
            if self._is_full():
                return self._harvest
            heads = self._page(most)
            for head in heads:
                self._consider(head)
            if len(heads) < most:
                self._harvest.is_dry = not self._is_full() and self._slots > 0
                return self._harvest
        return self._harvest

    def _is_full(self) -> bool:
        return self._alarm_slots <= 0

    def _page(self, most: int) -> list[Row[Any]]:
        groups = self._groups.items()
        shut = self._shut | {chat for chat, room in groups if room.urgent <= 0}
        besides = {
            "shut": sorted(shut),
            "urgent_only": sorted(chat for chat, room in groups if room.any <= 0),
            "busy": sorted(self._busy),
            "only": self._wanted.only,
        }
        besides = {name: value for name, value in besides.items() if value}
        worst = Lane.DIGEST if self._slots > 0 else Lane.ALARM
        values = {"now": self._wanted.now, "worst": worst, "most": most, **besides}
        return list(self._connection.execute(_heads(*besides), values))

    def _consider(self, head: Row[Any]) -> None:
        if head.queue in self._busy or not self._has_room(head):
            return
        is_due = head.retry_at is None or head.retry_at <= self._wanted.now or head.id in self._wanted.ripe
        if not is_due:
            self._busy.add(head.queue)
            self._harvest.waiting[head.queue] = (head.id, head.retry_at)
            return
        # What was dropped on the way may have changed the rows behind it.
        is_stale = bool(self._harvest.settled)
        row = self._connection.execute(_ROW, {"row": head.id}).one() if is_stale else head
        if self._must_wait(row):
            self._busy.add(head.queue)
            return
        outcome = self._resolve(row)
        if isinstance(outcome, Nowhere):
            self._drop(row, outcome)
        else:
            self._take(row, outcome)

    def _must_wait(self, row: Row[Any]) -> bool:
        """One message that stands is being sent in another lane: this one will edit it."""
        return bool(row.is_standing) and is_under_way(
            self._connection, row.coalesce_key or "", row.chat, besides=row.id
        )

    def _has_room(self, row: Row[Any]) -> bool:
        if self._is_full() or row.chat in self._shut:
            return False
        if row.lane != Lane.ALARM and self._slots <= 0:
            return False
        room = self._groups.get(row.chat)
        return room is None or (room.urgent if row.lane <= Lane.COMMAND else room.any) > 0

    def _take(self, row: Row[Any], delivery: Delivery) -> None:
        lines = tuple(self._lines_behind(row, delivery))
        for taken in (delivery, *lines):
            values = {
                "row": taken.id,
                "mine": self._wanted.claimed_by,
                "lease": self._wanted.claimed_until,
                "repeat": taken.is_repeat,
            }
            self._connection.execute(_TAKE, values)
        self._harvest.claimed.append(Claimed(delivery, lines, bool(row.is_unreachable)))
        self._busy.add(row.queue)
        self._alarm_slots -= 1
        self._slots -= row.lane != Lane.ALARM
        room = self._groups.get(row.chat)
        if room is None:
            self._shut.add(row.chat)
        else:
            self._groups[row.chat] = GroupRoom(room.any - 1, room.urgent - 1)

    def _drop(self, row: Row[Any], nowhere: Nowhere) -> None:
        settled = (
            update(deliveries)
            .where(_d.id == row.id)
            .values(state=nowhere.state, settled_at=self._wanted.now, error=nowhere.error)
        )
        self._connection.execute(settled)
        self._harvest.settled.append((Lane(row.lane), nowhere.state))
        if row.kind == MessageKind.TOPIC and row.thread is None and row.topic_of is not None:
            places = IncidentStore(self._connection)
            TopicStore(self._connection, self._outbox, places).keep_topic(row.topic_of, 0)
        if nowhere.problem:
            self._outbox.trouble(nowhere.problem, row.chat.partition(":")[2] or row.chat, self._wanted.now)

    def _lines_behind(self, head: Row[Any], delivery: Delivery) -> Iterator[Delivery]:
        """The lines that follow without anything between them, while the group's room is low."""
        room = self._groups.get(head.chat)
        if room is None or room.any >= self._wanted.merge_below or not _is_line(head):
            return
        if head.id <= self._wanted.unmerged.get(head.queue, 0):
            return
        values = {
            "now": self._wanted.now,
            "same_lane": head.lane,
            "same_queue": head.queue,
            "head": head.id,
        }
        for row in self._connection.execute(_LINES, values):
            outcome = self._resolve(row) if _is_line(row) and row.retry_at is None else None
            if not isinstance(outcome, Delivery) or outcome.is_silent != delivery.is_silent:
                return
            yield outcome

    def _resolve(self, row: Row[Any]) -> Delivery | Nowhere:
        """One row that this version does not understand must not stop all the others."""
        try:
            return self._address(row)
        except (ValueError, TypeError, AttributeError) as error:
            return Nowhere(DeliveryState.FAILED, f"not understood: {error!r}", "rejected")

    def _address(self, row: Row[Any]) -> Delivery | Nowhere:
        if row.expires_at is not None and row.expires_at <= self._wanted.now:
            return Nowhere(DeliveryState.EXPIRED, "expired")
        if row.kind == MessageKind.TOPIC and row.thread == 0:
            return Nowhere(DeliveryState.WITHDRAWN, "this group has no topics")
        where = self._chat_of(row)
        return self._delivery(row, where) if isinstance(where, int) else where

    def _chat_of(self, row: Row[Any]) -> int | Nowhere:
        if row.chat == self._wanted.only:
            return NO_NUMBER
        kind, _, key = row.chat.partition(":")
        if kind == "person":
            return number_of(row)
        if kind == "user" and row.needs_right is not None:
            return Nowhere(DeliveryState.WITHDRAWN, "a stranger has no rights")
        if kind == "user" and key.isdigit():
            return int(key)
        number = number_now(row.moved, self._numbers.get(row.chat))
        return Nowhere(DeliveryState.FAILED, f"no such chat: {row.chat}") if number is None else number

    def _delivery(self, row: Row[Any], chat_id: int) -> Delivery:
        is_card = row.kind == MessageKind.CARD and row.topic_of is not None
        return Delivery(
            id=row.id,
            to=Address(row.chat, row.topic_of),
            kind=MessageKind(row.kind),
            params=row.params,
            lane=Lane(row.lane),
            incident_id=row.incident_id,
            is_silent=row.is_silent,
            edit_of=row.card if is_card else self._edit_of(row),
            locale=row.locale or self._addresses.locale,
            chat_id=chat_id,
            thread_id=row.thread or None,
            attempts=row.attempts + 1,
            is_repeat=row.is_repeat or row.claimed_by is not None,
            created_at=row.created_at,
            card_message_id=row.card,
            incident_number="" if row.seq is None else f"{row.year}-{row.seq:04d}",
            incident_mode=row.mode or "",
            standing=(row.is_standing and row.coalesce_key) or "",
        )

    def _edit_of(self, row: Row[Any]) -> int | None:
        if row.edit_of is None and row.is_standing and row.coalesce_key:
            return last_sent(self._connection, row.coalesce_key, row.chat)
        edited: int | None = row.edit_of
        return edited


def _is_line(row: Row[Any]) -> bool:
    return bool(row.kind == MessageKind.LINE and row.edit_of is None and row.topic_of is not None)
