"""Announcements put straight into the database, as if they had been written and approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.announcement import Announcement, AnnouncementState, Text
from bot.domain.audience import Audience, Group
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.storage.transaction import Transaction
from tests.support.published import EN, ZH

STAFF_ONLY = Audience(Group.STAFF)


def announce(tx: Transaction, at: datetime, **changes: Any) -> Announcement:
    """A new number, published at once."""
    fresh = Announcement(
        id=0,
        number="",
        revision=1,
        mode=Mode.REAL,
        state=AnnouncementState.DRAFT,
        msg_type=MsgType.ALERT,
        author_id="T4",
        created_at=at,
        changed_at=at,
        texts={"zh_Hans": ZH, "en": EN},
    )
    return _publish(tx, tx.announcements.add(replace(fresh, **changes), year=2026, due_at=None), at)


def correct(tx: Transaction, number: str, at: datetime, **changes: Any) -> Announcement:
    """The next revision: an UPDATE unless told otherwise."""
    last = tx.announcements.published(number)[-1]
    given = {
        "msg_type": MsgType.UPDATE,
        "texts": {"zh_Hans": Text("明日照常上课。", "明日不停课")},
        **changes,
    }
    fresh = replace(
        last, id=0, state=AnnouncementState.DRAFT, created_at=at, changed_at=at, published_at=None, **given
    )
    return _publish(tx, tx.announcements.add_revision(fresh, due_at=None), at)


def _publish(tx: Transaction, draft: Announcement, at: datetime) -> Announcement:
    published = replace(draft, state=AnnouncementState.PUBLISHED, published_at=at)
    tx.announcements.save(published, due_at=None)
    return published
