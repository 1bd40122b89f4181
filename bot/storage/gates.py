"""Penalties that Telegram imposed, kept over a restart."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import gates

_gate = insert(gates)
_SET = _gate.on_conflict_do_update(
    index_elements=[gates.c.chat],
    set_={"until": case((_gate.excluded.until > gates.c.until, _gate.excluded.until), else_=gates.c.until)},
)


class GateStore:
    """By chat; `*` is the whole bot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def shut(self, chat: str, until: datetime) -> None:
        """Nothing to this chat (`*`: to any) before then; the later of two penalties holds."""
        self._connection.execute(_SET, {"chat": chat, "until": until})

    def running_for(self, chat: str, now: datetime) -> datetime | None:
        """Until when this chat takes nothing; None when it does."""
        return self._connection.scalar(select(gates.c.until).where(gates.c.chat == chat, gates.c.until > now))

    def running(self, now: datetime) -> dict[str, datetime]:
        """The penalties still running; forgets the others."""
        self._connection.execute(gates.delete().where(gates.c.until <= now))
        return {row.chat: row.until for row in self._connection.execute(select(gates))}
