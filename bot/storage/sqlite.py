"""How Muster speaks to SQLite: connecting, beginning, and which errors may pass by themselves."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import structlog
from sqlalchemy import URL, Connection, Engine, NullPool, RootTransaction, create_engine
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageBusyError, StorageError

READER_PATIENCE_S = 5.0
# SQLite's own busy handler sleeps up to 100 ms and so misses the short gaps that the writer leaves.
_KNOCK_EVERY_S = 0.001

# What another moment may cure: a lock, a full disk, a failed read or write, memory.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,  # no file descriptor free: it passes
        sqlite3.SQLITE_NOMEM,
    }
)
# What is wrong with the file, not with the unit of work.
_BROKEN = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
    }
)

# The writer moves pages from the log into the database each time the log has grown by this many (4 MB).
_CHECKPOINT_PAGES = 1000
_LOG_LIMIT_BYTES = 64 * 1024 * 1024


def connect(path: Path, *, is_writer: bool = False, is_reader: bool = False) -> Connection:
    """One connection that begins nothing by itself. StorageError when the file cannot be opened."""
    try:
        _create_private(path)
        connection = _engine(path).connect()
        _prepare(raw(connection), is_writer=is_writer, is_reader=is_reader)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise translate(error, at_rest=True) from error
    return connection


def raw(connection: Connection) -> sqlite3.Connection:
    """The driver's connection underneath."""
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def has_tables(connection: Connection) -> bool:
    """Whether anything was ever made in it."""
    try:
        return raw(connection).execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    except sqlite3.Error as error:
        raise translate(error, at_rest=True) from error


@contextmanager
def transaction(connection: Connection, *, patience_s: float | Callable[[], float]) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT, or roll everything back. StorageBusyError when the lock stays taken.

    `patience_s` may be a function: it is asked anew at every knock.
    """
    driver = raw(connection)
    _begin_immediate(driver, patience_s)
    held = connection.begin()
    try:
        yield
        _commit(held, driver)
    except BaseException:
        held.close()
        raise
    finally:
        if driver.in_transaction:
            driver.rollback()


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """One state of the database for several reads."""
    raw(connection).execute("BEGIN")
    held = connection.begin()
    try:
        yield
    finally:
        held.close()


@contextmanager
def translated() -> Iterator[None]:
    """Let no driver's error about storage out; what else a unit of work raises passes as it is."""
    try:
        yield
    except Exception as error:
        ours = translate(error)
        if ours is error:
            raise
        raise ours from error


def translate(error: Exception, *, at_rest: bool = False) -> Exception:
    """The error of our tree for a driver's error that is about storage; any other error as it is.

    `at_rest`: no unit of work was running (open, begin, commit), so every driver's error is about storage.
    """
    if isinstance(error, OSError) and at_rest:
        return StorageError(str(error))
    codes = [code for code in map(_code, _with_context(error)) if code is not None]
    if _code(error) is None:
        return error
    if not _PASSING.isdisjoint(codes):
        return StorageBusyError(str(error))
    return StorageError(str(error)) if at_rest or not _BROKEN.isdisjoint(codes) else error


def _code(error: BaseException) -> int | None:
    """SQLite's primary result code; None when this is no error of the driver."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    return (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF


def _with_context(error: BaseException) -> Iterator[BaseException]:
    """A full disk ends the transaction, so that the savepoint's own rollback fails in front of it."""
    step: BaseException | None = error
    while step is not None:
        yield step
        step = step.__context__


def warn_of_wal_reset_bug() -> None:
    """Log when this SQLite may lose commits if a checkpoint races a commit on another connection.

    3.7.0 to 3.51.2 are affected, except 3.44.6 and 3.50.7 and later of these lines:
    https://sqlite.org/wal.html#walresetbug . One writer that alone checkpoints makes it very unlikely.
    """
    if _has_wal_reset_bug(sqlite3.sqlite_version_info):
        structlog.get_logger(__name__).warning(
            "sqlite_wal_reset_bug", version=sqlite3.sqlite_version, fixed="3.51.3"
        )


def _has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    line, patch = version[:2], version[2]
    if line in ((3, 44), (3, 50)):
        return patch < {44: 6, 50: 7}[line[1]]
    return (3, 7, 0) <= version < (3, 51, 3)


def _create_private(path: Path) -> None:
    """Rosters and reports are nobody else's: the file is its owner's alone (log and index take its mode).

    A file that is there must not be opened here: closing any descriptor of it drops every POSIX lock that this
    process holds on it, and the next program would take the write-ahead log for abandoned and delete it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _engine(path: Path) -> Engine:
    return create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={
            "isolation_level": None,
            "timeout": 0,
            "check_same_thread": False,
            "cached_statements": 512,
        },
    )


def _prepare(driver: sqlite3.Connection, *, is_writer: bool, is_reader: bool) -> None:
    driver.execute(f"PRAGMA busy_timeout={int(READER_PATIENCE_S * 1000)}")
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES if is_writer else 0}")
    driver.execute(f"PRAGMA journal_size_limit={_LOG_LIMIT_BYTES}")
    if is_reader:
        driver.execute("PRAGMA query_only=ON")
    else:
        driver.execute("PRAGMA busy_timeout=0")


def _commit(held: RootTransaction, driver: sqlite3.Connection) -> None:
    if not driver.in_transaction:
        raise StorageError("the transaction ended before its unit of work")
    try:
        held.commit()
    except (DBAPIError, sqlite3.Error) as error:
        raise translate(error, at_rest=True) from error


def _begin_immediate(driver: sqlite3.Connection, patience_s: float | Callable[[], float]) -> None:
    begun_at = time.monotonic()
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            waits_s = patience_s() if callable(patience_s) else patience_s
            is_late = time.monotonic() - begun_at >= waits_s
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or is_late:
                raise translate(error, at_rest=True) from error
        time.sleep(_KNOCK_EVERY_S)
