"""Official announcements: a row a revision, numbered within the year."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.announcement import (
    Announcement,
    AnnouncementState,
    Asks,
    texts_from_params,
    texts_to_params,
)
from bot.domain.audience import Audience
from bot.domain.cap import MsgType
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.response import ResponseAction
from bot.storage.numbering import next_seq
from bot.storage.tables import announcement_questions, announcements

_NUMBER = re.compile(r"(\d{4})-A(\d{1,9})", re.ASCII | re.IGNORECASE)

_a = announcements.c


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody was asked: `wanted` is a language, or another word of the service that asked."""

    staff_id: str
    announcement_id: int
    wanted: str
    asked_at: datetime


class AnnouncementStore:
    """Revisions as frozen values. The table itself refuses to change what is published, but for how it stands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, fresh: Announcement, *, year: int, due_at: datetime | None) -> Announcement:
        """Keep the first revision of a new one; its id and number, the next of the school's year, are given here."""
        seq = next_seq(self._connection, announcements, year)
        return self._insert(replace(fresh, number=number_of(year, seq), revision=1), year, seq, due_at)

    def add_revision(self, fresh: Announcement, *, due_at: datetime | None) -> Announcement:
        """Keep the next revision of `fresh.number`."""
        year, seq = _read(fresh.number) or (0, 0)
        newest = self._connection.scalar(select(func.max(_a.revision)).where(_a.year == year, _a.seq == seq))
        return self._insert(replace(fresh, revision=(newest or 0) + 1), year, seq, due_at)

    def _insert(self, fresh: Announcement, year: int, seq: int, due_at: datetime | None) -> Announcement:
        values = {"year": year, "seq": seq, "revision": fresh.revision, "created_at": fresh.created_at}
        result = self._connection.execute(
            announcements.insert().values(**values, **_values(fresh), due_at=due_at)
        )
        (key,) = result.inserted_primary_key or (0,)
        return replace(fresh, id=key)

    def save(self, announcement: Announcement, *, due_at: datetime | None) -> None:
        """Write back one that was not published until now."""
        self._connection.execute(
            update(announcements)
            .where(_a.id == announcement.id)
            .values(**_values(announcement), due_at=due_at)
        )

    def move(self, announcement_id: int, state: AnnouncementState) -> None:
        """How a published one stands now."""
        self._connection.execute(
            update(announcements).where(_a.id == announcement_id).values(state=state.value)
        )

    def set_due(self, announcement_id: int, due_at: datetime | None) -> None:
        """When the clock looks at it next."""
        self._connection.execute(update(announcements).where(_a.id == announcement_id).values(due_at=due_at))

    def due_at(self, announcement_id: int) -> datetime | None:
        """When the clock looks at it next."""
        found: datetime | None = self._connection.scalar(select(_a.due_at).where(_a.id == announcement_id))
        return found

    def due(self, now: datetime) -> list[Announcement]:
        """All that the clock has to look at, earliest first."""
        wanted = select(announcements).where(text("due_at IS NOT NULL"), _a.due_at <= now)
        return self._list(wanted.order_by(_a.due_at, _a.id))

    def get(self, announcement_id: int) -> Announcement | None:
        """One revision by id."""
        found = self._list(select(announcements).where(_a.id == announcement_id))
        return found[0] if found else None

    def chain(self, number: str) -> list[Announcement]:
        """All revisions of `2026-A012`, oldest first; none for a number that is not there."""
        read = _read(number)
        if read is None:
            return []
        wanted = select(announcements).where(_a.year == read[0], _a.seq == read[1])
        return self._list(wanted.order_by(_a.revision))

    def published(self, number: str) -> list[Announcement]:
        """The published revisions of a number, oldest first."""
        return [one for one in self.chain(number) if one.published_at is not None]

    def published_between(self, begin: datetime, end: datetime) -> list[Announcement]:
        """Every revision published from `begin` up to but not including `end`, oldest first."""
        wanted = select(announcements).where(_a.published_at >= begin, _a.published_at < end)
        return self._list(wanted.order_by(_a.published_at, _a.id))

    def list_recent(self, limit: int) -> list[Announcement]:
        """The newest revision of each number, published or not, newest number first."""
        newest = select(func.max(_a.id)).group_by(_a.year, _a.seq)
        wanted = select(announcements).where(_a.id.in_(newest))
        return self._list(wanted.order_by(_a.year.desc(), _a.seq.desc()).limit(limit))

    def list_public(self, limit: int) -> list[Announcement]:
        """The newest published revision of each number that anybody may read, latest published first."""
        newest = select(func.max(_a.id)).where(_a.published_at.is_not(None)).group_by(_a.year, _a.seq)
        wanted = select(announcements).where(_a.is_public, _a.id.in_(newest))
        return self._list(wanted.order_by(_a.published_at.desc(), _a.id.desc()).limit(limit))

    def list_unpublished(self, limit: int) -> list[Announcement]:
        """What somebody still works on, newest first."""
        states = ["DRAFT", "SUBMITTED", "RETURNED", "APPROVED"]
        wanted = select(announcements).where(_a.due_at.is_not(None), _a.state.in_(states))
        return self._list(wanted.order_by(_a.id.desc()).limit(limit))

    def of_incident(self, incident_id: int) -> list[Announcement]:
        """Every revision about an incident, oldest first."""
        return self._list(
            select(announcements).where(_a.incident_id == incident_id).order_by(_a.year, _a.seq, _a.revision)
        )

    # ── what people are asked in private ───────────────────────────────────────────────────────────────────
    def ask(self, question: Question) -> None:
        """Their next words answer this; an earlier question is dropped."""
        values = {
            "staff_id": question.staff_id,
            "announcement_id": question.announcement_id,
            "wanted": question.wanted,
            "asked_at": question.asked_at,
        }
        statement = insert(announcement_questions).values(**values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["staff_id"], set_=values))

    def question_of(self, staff_id: str) -> Question | None:
        """What they were asked last and have not answered."""
        wanted = select(announcement_questions).where(announcement_questions.c.staff_id == staff_id)
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return Question(row.staff_id, row.announcement_id, row.wanted, row.asked_at)

    def drop_question(self, staff_id: str) -> None:
        """It is answered, or no longer meant."""
        self._connection.execute(
            delete(announcement_questions).where(announcement_questions.c.staff_id == staff_id)
        )

    def drop_questions(self, announcement_id: int) -> None:
        """Whoever was asked about it need not answer any more."""
        about = announcement_questions.c.announcement_id == announcement_id
        self._connection.execute(delete(announcement_questions).where(about))

    def _list(self, statement: Select[Any]) -> list[Announcement]:
        return [_announcement(row) for row in self._connection.execute(statement)]


def number_of(year: int, seq: int) -> str:
    """`2026-A012`."""
    return f"{year}-A{seq:03d}"


def _read(number: str) -> tuple[int, int] | None:
    match = _NUMBER.fullmatch(number)
    return (int(match[1]), int(match[2])) if match else None


def _values(one: Announcement) -> dict[str, Any]:
    return {
        "mode": one.mode.value,
        "state": one.state.value,
        "msg_type": one.msg_type.value,
        "author_id": one.author_id,
        "approver_id": one.approver_id,
        "incident_id": one.incident_id,
        "kind": one.kind and one.kind.value,
        "action": one.action and one.action.value,
        "severity": one.severity and int(one.severity),
        "template": one.template,
        "is_urgent": one.is_urgent,
        "texts": texts_to_params(one.texts),
        "audience": one.audience.to_params(),
        "is_public": one.audience.is_public,
        "asks": one.asks.value,
        "changed_at": one.changed_at,
        "publish_at": one.publish_at,
        "expires_at": one.expires_at,
        "published_at": one.published_at,
        "said": one.said,
    }


def _announcement(row: Row[Any]) -> Announcement:
    return Announcement(
        id=row.id,
        number=number_of(row.year, row.seq),
        revision=row.revision,
        mode=Mode(row.mode),
        state=AnnouncementState(row.state),
        msg_type=MsgType(row.msg_type),
        author_id=row.author_id,
        created_at=row.created_at,
        changed_at=row.changed_at,
        texts=texts_from_params(row.texts),
        audience=Audience.from_params(row.audience),
        incident_id=row.incident_id,
        kind=Kind(row.kind) if row.kind else None,
        action=ResponseAction(row.action) if row.action else None,
        severity=Severity(row.severity) if row.severity else None,
        template=row.template,
        is_urgent=row.is_urgent,
        asks=Asks(row.asks),
        approver_id=row.approver_id,
        publish_at=row.publish_at,
        expires_at=row.expires_at,
        published_at=row.published_at,
        said=row.said,
    )
