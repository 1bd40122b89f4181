"""The database of one test: a SQLite file, or a PostgreSQL database that stands for the file of that name.

A test marked `both_databases` runs on each; `database_url(path)` is the same database for the same path, so that
opening it again is a restart. `sqlite_only` on a single test says why it has no other form.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bot.storage.database import Database
from bot.storage.postgres import WRITE_LOCK
from bot.storage.sqlite_driver import SqliteDriver
from tests.support import postgres

SQLITE = "sqlite"
POSTGRES = "postgresql"
Fill = Callable[[Database], object]


class _Now:
    """What the running test works on."""

    kind = SQLITE
    names: dict[Path, str] = {}  # noqa: RUF012 - of one process, one test at a time


def begin(kind: str) -> None:
    """Before a test."""
    _Now.kind = kind


def end() -> None:
    """After a test."""
    for name in _Now.names.values():
        postgres.server().drop(name)
    _Now.names.clear()
    _Now.kind = SQLITE


def is_postgres() -> bool:
    """Whether the running test is on PostgreSQL."""
    return _Now.kind == POSTGRES


def database_url(path: Path) -> str:
    """Of the database at this path: empty at first, then what was kept in it."""
    if not is_postgres():
        path.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{path}"
    return postgres.server().url(_name(path))


def place(path: Path, fill: Fill | None = None) -> str:
    """The same, but with every table and what `fill` puts in; one that is there already is kept.

    Migrating and filling are done once and copied afterwards, since they take their time.
    """
    if is_postgres():
        if path not in _Now.names:
            _Now.names[path] = postgres.server().make(_filled_template(fill))
    elif not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_filled_file(fill))
    return database_url(path)


def section(path: Path) -> str:
    """`[database]` for school.toml; nothing when the preset is meant."""
    return f'\n[database]\nurl = "{database_url(path)}"\n' if is_postgres() else ""


def break_off(path: Path) -> int:
    """Every connection to it breaks, as when the server is restarted; how many."""
    return postgres.server().break_off(_Now.names[path])


def hold(database: Database) -> sqlite3.Connection | psycopg.Connection:
    """Another program that writes, and does not end until it is closed."""
    if isinstance(database.driver, SqliteDriver):
        file = sqlite3.connect(database.path, isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        return file
    server = psycopg.connect(database.driver.url.replace("+psycopg", ""))
    server.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
    return server


def _name(path: Path) -> str:
    if path not in _Now.names:
        _Now.names[path] = postgres.server().make()
    return _Now.names[path]


@cache
def _filled_template(fill: Fill | None) -> str:
    name = postgres.server().make()
    _fill(Database(postgres.server().url(name)), fill)
    return name


@cache
def _filled_file(fill: Fill | None) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "filled.db"
        _fill(Database(f"sqlite:///{path}"), fill)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


def _fill(database: Database, fill: Fill | None) -> None:
    database.migrate()
    if fill is not None:
        fill(database)
