"""What an insert made: the number that a row was given, or whether there is a new row at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Table, literal
from sqlalchemy.dialects.postgresql import insert


def new_id(result: CursorResult[Any]) -> int:
    """After an insert of one row whose id the database gave. `lastrowid` knows it on SQLite alone."""
    (key,) = result.inserted_primary_key or (0,)
    return int(key)


def is_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert unless such a row is there; whether it was new. An insert's `rowcount` says so on SQLite alone."""
    added = insert(table).values(dict(values)).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(added).first() is not None
