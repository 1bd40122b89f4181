"""All rows of all tables, out of one kind of database and into another.

It asks the database which tables and columns there are, so that a backup of an older version is brought back as
it was and only then migrated.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Date, LargeBinary, MetaData, Table, func, inspect, select
from sqlalchemy.types import TypeEngine

from bot.errors import BackupError

# Rows that are in memory at once.
_ROWS: Final = 2000
_NOT_OURS: Final = frozenset({"alembic_version"})

_WRITE: Final[dict[type[TypeEngine[Any]], Callable[[Any], Any]]] = {
    LargeBinary: lambda value: base64.b64encode(value).decode(),
    Date: lambda value: value.isoformat(),
}
_READ: Final[dict[type[TypeEngine[Any]], Callable[[Any], Any]]] = {
    LargeBinary: base64.b64decode,
    Date: date.fromisoformat,
}


def tables_of(connection: Connection) -> list[Table]:
    """Every table as it stands, those that others refer to first."""
    look = inspect(connection)
    metadata = MetaData()
    names = [name for name, _ in look.get_sorted_table_and_fkc_names() if name and name not in _NOT_OURS]
    return [Table(name, metadata, *map(_column, look.get_columns(name))) for name in names]


def _column(told: Any) -> Column[Any]:
    kind = told["type"]
    if isinstance(kind, JSON):
        kind = JSON(none_as_null=told["nullable"])
    return Column(told["name"], kind, nullable=told["nullable"])


def rows_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Its rows in pages, each row a line of JSON."""
    write = _each(table, _WRITE)
    result = connection.execution_options(stream_results=True).execute(select(table))
    for page in result.partitions(_ROWS):
        lines = (json.dumps([_with(write, row, n) for n in range(len(row))]) for row in page)
        yield "".join(f"{line}\n" for line in lines).encode()


def put_rows(connection: Connection, table: Table, columns: list[str], lines: Iterable[bytes]) -> int:
    """Insert a page; how many rows. BackupError when the table is not as it was."""
    if unknown := sorted(set(columns) - set(table.c.keys())):
        raise BackupError(f"the table {table.name} has no {', '.join(unknown)}")
    read = _each(table, _READ)
    positions = [table.c.keys().index(name) for name in columns]
    rows = []
    for line in lines:
        values = json.loads(line)
        pairs = zip(columns, positions, values, strict=True)
        rows.append({name: _decoded(read[at], value) for name, at, value in pairs})
    if rows:
        connection.execute(table.insert(), rows)
    return len(rows)


def take_over_ids(connection: Connection, tables: Iterable[Table]) -> None:
    """The next new row gets an id after those that were brought in; SQLite sees to that by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        if "id" not in table.c:
            continue
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
        highest = connection.scalar(select(func.max(table.c.id)))
        if sequence and isinstance(highest, int):
            connection.execute(select(func.setval(sequence, highest)))


def _each(
    table: Table, how: dict[type[TypeEngine[Any]], Callable[[Any], Any]]
) -> list[Callable[[Any], Any] | None]:
    return [
        next((convert for kind, convert in how.items() if isinstance(column.type, kind)), None)
        for column in table.c
    ]


def _with(convert: list[Callable[[Any], Any] | None], row: Any, at: int) -> Any:
    return _decoded(convert[at], row[at])


def _decoded(convert: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)
