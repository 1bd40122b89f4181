"""Small facts of the running program: poll offset, the bot's identity, a migrated group's new id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import facts

_GET = select(facts.c.value).where(facts.c.key == bindparam("wanted"))
_DELETE = delete(facts).where(facts.c.key == bindparam("wanted"))
_insert = insert(facts)
_SET = _insert.on_conflict_do_update(index_elements=[facts.c.key], set_={"value": _insert.excluded.value})


class FactStore:
    """JSON values by key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> Any:
        """The value, None when there is none."""
        return self._connection.scalar(_GET, {"wanted": key})

    def under(self, prefix: str) -> dict[str, Any]:
        """All whose key begins so."""
        found = select(facts.c.key, facts.c.value).where(facts.c.key.startswith(prefix, autoescape=True))
        return {row.key: row.value for row in self._connection.execute(found)}

    def set(self, key: str, value: Any) -> None:
        """Keep anything that JSON can hold."""
        self._connection.execute(_SET, {"key": key, "value": value})

    def delete(self, key: str) -> None:
        """Forget it, if it is there."""
        self._connection.execute(_DELETE, {"wanted": key})
