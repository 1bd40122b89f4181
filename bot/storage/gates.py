"""Penalties that Telegram imposed, kept over a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import gates

_gate = insert(gates)
_is_later = _gate.excluded.until > gates.c.until
_SET = _gate.on_conflict_do_update(
    index_elements=[gates.c.chat],
    set_={
        name: case((_is_later, _gate.excluded[name]), else_=gates.c[name]) for name in ("until", "seconds")
    },
)


class GateStore:
    """By chat; `*` is the whole bot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def shut(self, chat: str, seconds: float, now: datetime) -> None:
        """Nothing to this chat (`*`: to any) for so long; the later of two penalties holds."""
        until = now + timedelta(seconds=seconds)
        self._connection.execute(_SET, {"chat": chat, "until": until, "seconds": seconds})

    def left_s(self, chat: str, now: datetime) -> float | None:
        """How many seconds this chat takes nothing; None when it does."""
        return self.running(now).get(chat)

    def running(self, now: datetime) -> dict[str, float]:
        """The seconds that are left of each penalty: no more than it was meant to last, if the clock was set back."""
        rows = self._connection.execute(select(gates).where(gates.c.until > now))
        return {row.chat: min((row.until - now).total_seconds(), row.seconds) for row in rows}

    def forget(self, now: datetime) -> None:
        """Those that are over."""
        self._connection.execute(gates.delete().where(gates.c.until <= now))
