"""Which digest was handled last of each kind, and when the next is due."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.digest import DigestKind
from bot.storage.tables import digests


@dataclass(frozen=True, slots=True)
class Handled:
    """`period`: the school's day of the last one. `rule`: by which the next one's moment, `due_at`, was found."""

    kind: DigestKind
    period: date
    rule: str
    due_at: datetime


class DigestStore:
    """One row a kind."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[DigestKind, Handled]:
        """Every kind that was ever handled."""
        rows = self._connection.execute(select(digests))
        return {DigestKind(r.kind): Handled(DigestKind(r.kind), r.period, r.rule, r.due_at) for r in rows}

    def save(self, handled: Handled) -> None:
        """Insert or replace."""
        values = {**asdict(handled), "kind": handled.kind.value}
        statement = insert(digests).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[digests.c.kind], set_=values)
        )
