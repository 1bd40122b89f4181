"""The hash-chained log: rights used and refused, roster changes, exports.

Each row's hash covers its canonical JSON and the hash before it, so that a changed, removed or inserted row breaks
the chain from there on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.storage.tables import audit

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    act: str
    outcome: str
    subject: str
    details: dict[str, Any]
    hash: str


class AuditStore:
    """Append and verify."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self,
        act: str,
        *,
        at: datetime,
        actor: str,
        outcome: str = "done",
        subject: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        """Add a row after the last one. Runs inside the single writer's transaction, so there is no race."""
        last, before = self.head()
        key = last + 1
        row = AuditRow(key, at, actor, act, outcome, subject, details or {}, "")
        self._connection.execute(
            audit.insert().values(
                id=key,
                at=at,
                actor=actor,
                act=act,
                outcome=outcome,
                subject=subject,
                details=row.details,
                hash=_hash(before, row),
            )
        )

    def head(self) -> tuple[int, str]:
        """The last row's id and hash."""
        last = self._connection.execute(
            select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
        ).one_or_none()
        return (last.id, last.hash) if last else (0, GENESIS)

    def hash_at(self, row_id: int) -> str | None:
        """The hash of one row, GENESIS for row 0; None when there is no such row."""
        if row_id == 0:
            return GENESIS
        found: str | None = self._connection.scalar(select(audit.c.hash).where(audit.c.id == row_id))
        return found

    def rows(self) -> Iterator[AuditRow]:
        """Every row, first to last."""
        for row in self._connection.execute(select(audit).order_by(audit.c.id)).yield_per(1000):
            yield AuditRow(
                row.id, row.at, row.actor, row.act, row.outcome, row.subject, row.details, row.hash
            )

    def first_broken(self) -> int | None:
        """The id of the first row that does not follow from the one before, None when all do.

        A chain cut at its end cannot be seen from the rows alone; keep an exported head to compare with.
        """
        before, expected_id = GENESIS, 1
        for row in self.rows():
            if row.id != expected_id or row.hash != _hash(before, row):
                return row.id
            before, expected_id = row.hash, row.id + 1
        return None


def _hash(before: str, row: AuditRow) -> str:
    fields = [row.id, row.at.isoformat(), row.actor, row.act, row.outcome, row.subject, row.details]
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256((before + canonical).encode()).hexdigest()
