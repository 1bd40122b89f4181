"""Numbers within the school's year. After a restore they go on behind all that may have been given out meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from bot.storage.facts import FactStore

# More than any school gives out between two backups.
_SKIPPED: Final = 100
# The school's year begins at its own midnight, which is somewhere around ours.
_AROUND: Final = timedelta(hours=14)


def next_seq(connection: Connection, table: Table, year: int) -> int:
    """The next number of that year."""
    given: Any = connection.scalar(select(func.max(table.c.seq)).where(table.c.year == year))
    skipped: Any = FactStore(connection).get(_fact(table, year))
    return max(given or 0, skipped or 0) + 1


def skip_numbers(connection: Connection, table: Table, begin: datetime, end: datetime) -> None:
    """Give out none again that may have been given out from `begin` to `end`: the next one is 101, 201, …"""
    for year in range((begin - _AROUND).year, (end + _AROUND).year + 1):
        last = next_seq(connection, table, year) - 1
        FactStore(connection).set(_fact(table, year), ceil(last / _SKIPPED + 1) * _SKIPPED)


def _fact(table: Table, year: int) -> str:
    return f"skipped:{table.name}:{year}"
