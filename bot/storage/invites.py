"""Invite links: single use, hashed, for seven days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.storage.tables import invites


class InviteStore:
    """Only hashes of codes ever reach the table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code_hash: str, staff_id: str, *, expires_at: datetime) -> None:
        """A new invite replaces the person's unused ones."""
        self._connection.execute(
            delete(invites).where(invites.c.staff_id == staff_id, invites.c.used_at.is_(None))
        )
        self._connection.execute(
            invites.insert().values(code_hash=code_hash, staff_id=staff_id, expires_at=expires_at)
        )

    def forget(self, staff_id: str) -> None:
        """What was sent to this person opens nothing any more."""
        self._connection.execute(
            delete(invites).where(invites.c.staff_id == staff_id, invites.c.used_at.is_(None))
        )

    def use(self, code_hash: str, now: datetime) -> str | None:
        """Spend the code; the staff_id, or None when it is unknown, spent or too old."""
        row = self._connection.execute(select(invites).where(invites.c.code_hash == code_hash)).one_or_none()
        if row is None or row.used_at is not None or row.expires_at <= now:
            return None
        self._connection.execute(update(invites).where(invites.c.code_hash == code_hash).values(used_at=now))
        return str(row.staff_id)
