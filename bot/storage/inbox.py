"""What came in: chat updates and alerts, each once by source and id, until its effect is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import inbox

INBOX = "inbox"

# An error is kept for whoever reads the dead letters, not for ever growing.
_ERROR_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing that came in; `payload` is JSON text, `sender` the lane whose order holds."""

    id: int
    source: str
    external_id: str
    sender: str
    payload: str
    attempts: int
    received_at: datetime

    def data(self) -> Any:
        """The payload, parsed."""
        return json.loads(self.payload)


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits, how much was given up, and since when the oldest waits."""

    new: int
    dead: int
    oldest_at: datetime | None


def payload_of(data: Any) -> str:
    """JSON as ASCII text: U+0000 and lone surrogates stay escaped, so that every database takes them."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


# Partial indexes are used only when the query says the same words as they do, not a parameter.
_IS_NEW = text("inbox.state = 'new'")
_COLUMNS = (
    inbox.c.id,
    inbox.c.source,
    inbox.c.external_id,
    inbox.c.sender,
    inbox.c.payload,
    inbox.c.attempts,
    inbox.c.received_at,
)
_ADD = (
    insert(inbox)
    .on_conflict_do_nothing(index_elements=[inbox.c.source, inbox.c.external_id])
    .returning(inbox.c.id)
)
_SETTLE = (
    update(inbox)
    .where(
        inbox.c.source == bindparam("of_source"),
        inbox.c.external_id == bindparam("of_external_id"),
        inbox.c.state == "new",
    )
    .values(state="done")
)
_WAITING = select(inbox.c.id).where(_IS_NEW, inbox.c.sender == bindparam("of_sender")).limit(1)
_MARK_DONE = update(inbox).where(inbox.c.id == bindparam("item"), inbox.c.state == "new").values(state="done")
_FAIL = (
    update(inbox)
    .where(inbox.c.id == bindparam("item"), inbox.c.state == "new")
    .values(
        state=bindparam("new_state"),
        attempts=inbox.c.attempts + 1,
        retry_at=bindparam("new_retry_at"),
        error=bindparam("new_error"),
    )
)
# Rows that wait for another try are taken by `due_retries` alone.
_PAGE = (
    select(*_COLUMNS)
    .where(_IS_NEW, inbox.c.retry_at.is_(None), inbox.c.id > bindparam("after"))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
)
_PAGE_OF_SENDER = _PAGE.where(inbox.c.sender == bindparam("of_sender"))
_DUE = (
    select(*_COLUMNS)
    .where(_IS_NEW, inbox.c.retry_at <= bindparam("now"))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
)
_COUNT_NEW = select(func.count(), func.min(inbox.c.received_at)).select_from(inbox).where(_IS_NEW)
_COUNT_DEAD = select(func.count()).select_from(inbox).where(text("inbox.state = 'dead'"))


class InboxStore:
    """Rows are `new` until their effect is kept (`done`) or every try failed (`dead`)."""

    def __init__(self, connection: Connection, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched

    def add_many(self, source: str, rows: Iterable[tuple[str, str, str]], now: datetime) -> list[int]:
        """Keep (external_id, sender, payload) of each; the ids of those that were not known yet."""
        added = [self.add(source, row, now) for row in rows]
        return [key for key in added if key is not None]

    def add(
        self, source: str, row: tuple[str, str, str], now: datetime, *, is_done: bool = False
    ) -> int | None:
        """Keep one; its id, or None when it was known already. `is_done`: the same unit keeps its effect."""
        external_id, sender, payload = row
        values = {
            "source": source,
            "external_id": external_id,
            "sender": sender,
            "payload": payload,
            "received_at": now,
            "state": "done" if is_done else "new",
        }
        key: int | None = self._connection.scalar(_ADD, values)
        if key is not None and not is_done:
            self._touched.add(INBOX)
        return key

    def has_waiting(self, sender: str) -> bool:
        """Whether something of this sender is not handled yet; what comes now must not overtake it."""
        return self._connection.scalar(_WAITING, {"of_sender": sender}) is not None

    def settle(self, source: str, external_id: str) -> bool:
        """Mark as done, together with the effect; False: it is done already, so do nothing."""
        keys = {"of_source": source, "of_external_id": external_id}
        return self._connection.execute(_SETTLE, keys).rowcount == 1

    def forget(self, source: str, external_id: str) -> None:
        """Of what it said nothing is kept; that it came is."""
        mine = (inbox.c.source == source) & (inbox.c.external_id == external_id)
        self._connection.execute(update(inbox).where(mine).values(payload="{}"))

    def mark_done(self, *item_ids: int) -> None:
        """For those whose handling wrote nothing; the others are done already."""
        if item_ids:
            self._connection.execute(_MARK_DONE, [{"item": item_id} for item_id in item_ids])

    def fail(self, item_id: int, error: str, retry_at: datetime | None) -> None:
        """One try failed: try again at `retry_at`, or never (None: a dead letter)."""
        values = {
            "item": item_id,
            "new_state": "dead" if retry_at is None else "new",
            "new_retry_at": retry_at,
            "new_error": error.encode("ascii", "backslashreplace").decode()[:_ERROR_LENGTH],
        }
        self._connection.execute(_FAIL, values)

    def page(self, after_id: int, limit: int) -> list[InboxItem]:
        """New ones that were never tried, oldest first."""
        return _items(self._connection.execute(_PAGE, {"after": after_id, "most": limit}).all())

    def page_of_sender(self, sender: str, after_id: int, limit: int) -> list[InboxItem]:
        """The same for one sender."""
        values = {"of_sender": sender, "after": after_id, "most": limit}
        return _items(self._connection.execute(_PAGE_OF_SENDER, values).all())

    def due_retries(self, now: datetime, limit: int) -> list[InboxItem]:
        """Those whose next try is due."""
        return _items(self._connection.execute(_DUE, {"now": now, "most": limit}).all())

    def get(self, item_id: int) -> InboxItem | None:
        """One item, whatever its state."""
        items = _items(self._connection.execute(select(*_COLUMNS).where(inbox.c.id == item_id)).all())
        return items[0] if items else None

    def state_of(self, item_id: int) -> str:
        """`new`, `done` or `dead`."""
        return str(self._connection.scalar(select(inbox.c.state).where(inbox.c.id == item_id)))

    def id_of(self, source: str, external_id: str) -> int | None:
        """The item that has this id at its source."""
        return self._connection.scalar(
            select(inbox.c.id).where(inbox.c.source == source, inbox.c.external_id == external_id)
        )

    def counts(self) -> InboxCounts:
        """For health and metrics."""
        new, oldest_at = self._connection.execute(_COUNT_NEW).one()
        dead = self._connection.scalar(_COUNT_DEAD) or 0
        return InboxCounts(new, dead, oldest_at)

    def purge(self, before: datetime) -> int:
        """Delete done rows received before then; how many.

        The newest row stays: SQLite gives a deleted highest id away again, and whoever reads the inbox has
        passed that id already.
        """
        newest = select(func.max(inbox.c.id)).scalar_subquery()
        statement = delete(inbox).where(
            inbox.c.state == "done", inbox.c.received_at < before, inbox.c.id < newest
        )
        return self._connection.execute(statement).rowcount


def _items(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[InboxItem]:
    return [InboxItem(*row) for row in rows]
