"""Messages that stand: which of a key's rows is out, and which is on its way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, text

from bot.storage.tables import deliveries

_d = deliveries.c
_OF_KEY = (_d.coalesce_key == bindparam("key"), _d.chat == bindparam("in_chat"))

_LAST_SENT = (
    select(_d.message_id).where(*_OF_KEY, text("message_id IS NOT NULL")).order_by(_d.id.desc()).limit(1)
)
_LAST_SENT_AT = select(func.max(_d.settled_at)).where(*_OF_KEY, text("message_id IS NOT NULL"))
_LAST_DUE_AT = select(func.max(func.coalesce(_d.due_at, _d.created_at))).where(*_OF_KEY)
_UNDER_WAY = (
    select(_d.id)
    .where(
        text("deliveries.state = 'queued'"),
        *_OF_KEY,
        _d.claimed_by.is_not(None),
        _d.id != bindparam("besides"),
    )
    .limit(1)
)


def last_sent(connection: Connection, key: str, chat: str) -> int | None:
    """The newest message with this key in this chat; None when none is out."""
    return connection.scalar(_LAST_SENT, {"key": key, "in_chat": chat})


def last_sent_at(connection: Connection, key: str, chat: str) -> datetime | None:
    """When what this message shows last went out, edits included; None when it never did."""
    found: datetime | None = connection.scalar(_LAST_SENT_AT, {"key": key, "in_chat": chat})
    return found


def last_due_at(connection: Connection, key: str | None, chat: str) -> datetime | None:
    """When the newest row with this key was or is to go out; None when there is none."""
    found: datetime | None = connection.scalar(_LAST_DUE_AT, {"key": key, "in_chat": chat})
    return found


def is_under_way(connection: Connection, key: str, chat: str, *, besides: int = 0) -> bool:
    """Whether a row with this key, other than `besides`, is being sent: its message is not known yet."""
    values = {"key": key, "in_chat": chat, "besides": besides}
    return connection.execute(_UNDER_WAY, values).first() is not None
