"""Whom an announcement was for, what came of telling them, and what they answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.message import Address, DeliveryState, Lane
from bot.storage.tables import announcement_readers, announcements, deliveries, people

_r = announcement_readers.c
_d = deliveries.c
_a = announcements.c


@dataclass(frozen=True, slots=True)
class Post:
    """One message of an announcement in one chat."""

    to: Address
    key: str
    lane: Lane
    params: dict[str, Any]
    message_id: int | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What became of it in one channel."""

    chat: str
    state: DeliveryState
    error: str


@dataclass(slots=True)
class Figures:
    """An announcement in numbers.

    `audience`: all whom it is for; `states`: how many private chats by what became of the message; `errors`: why it
    failed, by how many; `answers`: by answer. Whom no chat reaches is in the audience and in no state.
    """

    audience: int = 0
    states: dict[DeliveryState, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    channels: list[ChannelState] = field(default_factory=list)

    @property
    def unconnected(self) -> int:
        """How many of the audience have no chat with Muster."""
        return self.audience - sum(self.states.values())

    @property
    def waiting(self) -> int:
        """How many messages, also to channels, are still under way."""
        in_channels = sum(channel.state is DeliveryState.QUEUED for channel in self.channels)
        return self.states.get(DeliveryState.QUEUED, 0) + in_channels


def post_key(announcement_id: int, part: int, chat: str) -> str:
    """The outbox's key of one part in one chat."""
    return f"ann:{announcement_id}:{part}:{chat}"


class ReaderStore:
    """Readers by announcement (one revision) and staff_id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, announcement_id: int, staff_ids: Collection[str]) -> None:
        """It is for these."""
        rows = [{"announcement_id": announcement_id, "staff_id": key} for key in staff_ids]
        if rows:
            self._connection.execute(announcement_readers.insert(), rows)

    def of(self, announcement_id: int) -> set[str]:
        """The staff_ids it is for."""
        return set(self._connection.scalars(select(_r.staff_id).where(_r.announcement_id == announcement_id)))

    def answer(self, announcement_id: int, staff_id: str, answer: str, at: datetime) -> str | None:
        """Keep somebody's answer, also of who was not asked but got it passed on; the one before, None for none."""
        mine = (_r.announcement_id == announcement_id, _r.staff_id == staff_id)
        before: str | None = self._connection.scalar(select(_r.answer).where(*mine))
        if before == answer:
            return before
        values = {"answer": answer, "answered_at": at}
        if not self._connection.execute(update(announcement_readers).where(*mine).values(**values)).rowcount:
            fresh = {"announcement_id": announcement_id, "staff_id": staff_id, **values}
            self._connection.execute(insert(announcement_readers).values(**fresh))
        return before

    def silent(self, announcement_id: int) -> list[str]:
        """Who was asked and has not answered, in roster order."""
        wanted = select(_r.staff_id).where(_r.announcement_id == announcement_id, _r.answer.is_(None))
        return list(self._connection.scalars(wanted.order_by(_r.staff_id)))

    def with_answer(self, announcement_id: int, answer: str) -> list[str]:
        """Who answered that."""
        wanted = select(_r.staff_id).where(_r.announcement_id == announcement_id, _r.answer == answer)
        return list(self._connection.scalars(wanted.order_by(_r.staff_id)))

    def record(self, announcement_id: int) -> list[dict[str, Any]]:
        """A line a reader, for the export: who, what became of the message, the answer."""
        posts = (
            select(_d.chat, _d.state, _d.settled_at, _d.error)
            .where(*_first_posts(announcement_id), _d.chat.like("person:%"))
            .subquery()
        )
        joined = announcement_readers.outerjoin(posts, posts.c.chat == "person:" + _r.staff_id).outerjoin(
            people, people.c.staff_id == _r.staff_id
        )
        wanted = (
            select(
                _r.staff_id,
                people.c.name,
                posts.c.state,
                posts.c.settled_at,
                posts.c.error,
                _r.answer,
                _r.answered_at,
            )
            .select_from(joined)
            .where(_r.announcement_id == announcement_id)
            .order_by(_r.staff_id)
        )
        return [_reader(row) for row in self._connection.execute(wanted)]

    def figures(self, announcement_id: int) -> Figures:
        """Counted anew from the outbox and the answers."""
        found = Figures()
        answers = (
            select(_r.answer, func.count()).where(_r.announcement_id == announcement_id).group_by(_r.answer)
        )
        for answer, count in self._connection.execute(answers):
            found.audience += count
            if answer:
                found.answers[answer] = count
        private = (*_first_posts(announcement_id), _d.chat.like("person:%"))
        by_state = select(_d.state, func.count()).where(*private).group_by(_d.state)
        found.states = {DeliveryState(state): count for state, count in self._connection.execute(by_state)}
        failed = select(_d.error, func.count()).where(*private, _d.state == DeliveryState.FAILED)
        found.errors = {error or "": n for error, n in self._connection.execute(failed.group_by(_d.error))}
        elsewhere = select(_d.chat, _d.state, _d.error).where(
            *_first_posts(announcement_id), _d.chat.not_like("person:%")
        )
        found.channels = [
            ChannelState(chat, DeliveryState(state), error or "")
            for chat, state, error in self._connection.execute(elsewhere.order_by(_d.id))
        ]
        return found

    def channels(self, announcement_ids: Iterable[int]) -> set[str]:
        """The chats of all channels that were given one of these."""
        given = _d.announcement_id.in_(list(announcement_ids))
        return set(
            self._connection.scalars(select(_d.chat).where(given, _d.chat.like("channel%")).distinct())
        )

    # ── its messages ───────────────────────────────────────────────────────────────────────────────────────
    def posts_out(self, announcement_id: int) -> list[Post]:
        """What was sent and can be edited."""
        return self._posts(announcement_id, text("message_id IS NOT NULL"))

    def take_back(self, announcement_id: int, now: datetime) -> list[Post]:
        """What waits is not sent any more; those that are on their way right now and may still arrive."""
        is_queued = (_d.announcement_id == announcement_id, text("deliveries.state = 'queued'"))
        under_way = self._posts(announcement_id, is_queued[1], _d.claimed_by.is_not(None))
        values = {"state": DeliveryState.SUPERSEDED, "settled_at": now}
        self._connection.execute(update(deliveries).where(*is_queued).values(**values))
        return under_way

    def take_back_orders(self, incident_id: int, now: datetime) -> None:
        """Ready-made texts that tell people to act are obeyed like orders: the next one outdates what waits."""
        orders = select(_a.id).where(_a.incident_id == incident_id, _a.is_urgent, _a.action.is_not(None))
        waiting = (_d.announcement_id.in_(orders), text("deliveries.state = 'queued'"))
        values = {"state": DeliveryState.SUPERSEDED, "settled_at": now}
        self._connection.execute(update(deliveries).where(*waiting).values(**values))

    def _posts(self, announcement_id: int, *where: Any) -> list[Post]:
        wanted = select(_d.chat, _d.coalesce_key, _d.lane, _d.params, _d.message_id).where(
            _d.announcement_id == announcement_id, _d.edit_of.is_(None), ~_d.is_standing, *where
        )
        return [
            Post(Address(row.chat), row.coalesce_key, Lane(row.lane), row.params, row.message_id)
            for row in self._connection.execute(wanted.order_by(_d.id))
        ]


def _first_posts(announcement_id: int) -> tuple[Any, ...]:
    """Its first part in each chat: no later parts, reminders or edits."""
    key = post_key(announcement_id, 1, "%")
    return (
        _d.announcement_id == announcement_id,
        _d.coalesce_key.like(key),
        _d.edit_of.is_(None),
        ~_d.is_standing,
    )


def _reader(row: Any) -> dict[str, Any]:
    return {
        "staff_id": row.staff_id,
        "name": row.name,
        "state": row.state or "not_connected",
        "at": _iso(row.settled_at),
        "error": row.error,
        "answer": row.answer,
        "answered_at": _iso(row.answered_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
