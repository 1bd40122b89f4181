"""The database: units of work that write, reads, and what wakes up after a commit."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ConfigError, StorageBusyError, StorageError
from bot.ports import Clock, utc_now
from bot.storage import sqlite
from bot.storage.migrations import upgrade
from bot.storage.transaction import Transaction
from bot.storage.writer import Writer

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Transaction, P], T]

READERS = 3


class Database:
    """`write` and `read` run plain functions `fn(tx, *args)`; a write's answer comes after its commit.

    A unit of work may run twice (when another unit of the same commit fails), so it has no effect outside `tx`.
    """

    def __init__(self, url: str, *, clock: Clock = utc_now) -> None:
        self.path = sqlite_path(url)
        self.clock = clock
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._writer: Writer | None = None
        self._readers: _Readers | None = None

    def migrate(self) -> None:
        """Bring the tables up to date. StorageBusyError when another process keeps the lock for 30 s."""
        connection = sqlite.connect(self.path)
        try:
            upgrade(connection, patience_s=sqlite.SHELL_PATIENCE_S)
        finally:
            connection.close()

    async def open(self) -> None:
        """Start the writer and the readers. StorageError when the file cannot be opened."""
        sqlite.warn_of_wal_reset_bug()
        writer = Writer(self.path, asyncio.get_running_loop(), self._wake)
        await asyncio.to_thread(writer.start)
        self._writer, self._readers = writer, _Readers(self.path)

    def hurry(self) -> None:
        """Called when the end begins, before those who still write are stopped."""
        if self._writer is not None:
            self._writer.hurry()

    async def close(self) -> None:
        """Finish what is queued, then stop; later calls get a StorageError."""
        writer, readers = self._writer, self._readers
        self._writer = self._readers = None
        if readers is not None:
            await asyncio.to_thread(readers.close)
        if writer is not None:
            await asyncio.to_thread(writer.stop)

    async def write(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one unit of work and keep it. Raises what `fn` raised, or a StorageError: then nothing was kept."""
        if self._writer is None:
            raise StorageError("the database is closed")
        return await self._writer.submit(fn, args, kwargs)  # type: ignore[no-any-return]

    async def read(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on one state of the database that has every acknowledged write; it cannot write."""
        if self._readers is None:
            raise StorageError("the database is closed")
        return await self._readers.submit(fn, args, kwargs)

    def write_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for shell commands: waits for a running program's writer up to 30 s."""
        connection = sqlite.connect(self.path)
        try:
            with sqlite.translated(), sqlite.transaction(connection, patience_s=sqlite.SHELL_PATIENCE_S):
                return fn(Transaction(connection), *args, **kwargs)
        finally:
            connection.close()

    def read_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for shell commands."""
        connection = sqlite.connect(self.path, is_reader=True)
        try:
            with sqlite.translated(), sqlite.snapshot(connection):
                return fn(Transaction(connection), *args, **kwargs)
        finally:
            connection.close()

    def listen(self, topic: str, callback: Callable[[], None]) -> None:
        """Have `callback` called on the event loop after each commit whose units touched `topic`."""
        self._listeners.setdefault(topic, []).append(callback)

    def _wake(self, touched: set[str]) -> None:
        for topic in touched:
            for callback in self._listeners.get(topic, ()):
                callback()


class _Readers:
    """A few threads, each with a connection of its own that cannot write."""

    # Reads still running this long after the close began are broken off.
    _CLOSING_PATIENCE_S = 0.5

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._connections: list[Connection] = []
        self._is_closing = False
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")

    async def submit(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        reading = asyncio.get_running_loop().run_in_executor(self._pool, self._read, fn, args, kwargs)
        try:
            return await reading
        except asyncio.CancelledError:
            if self._is_closing and reading.cancelled():
                raise StorageError("the database is closed") from None
            raise

    def close(self) -> None:
        self._is_closing = True
        interrupt = threading.Timer(self._CLOSING_PATIENCE_S, self._interrupt)
        interrupt.start()
        self._pool.shutdown(cancel_futures=True)
        interrupt.cancel()
        for connection in self._connections:
            connection.close()

    def _interrupt(self) -> None:
        for connection in self._connections:
            sqlite.raw(connection).interrupt()

    def _read(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        connection = self._connection()
        with sqlite.translated(), sqlite.snapshot(connection):
            return fn(Transaction(connection), *args, **kwargs)

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = sqlite.connect(self._path, is_reader=True)
            self._connections.append(connection)
        return connection


class ProcessLock:
    """Held by the one `muster run` of a database; shell commands do not take it. A context manager."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._file: int | None = None

    def acquire(self) -> None:
        """StorageBusyError when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StorageBusyError(f"already running: process {holder} holds {self._path}") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Let the next one in; the file itself stays, so that nobody locks a deleted one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def sqlite_path(url: str) -> Path:
    """The file that `[database] url` names. ConfigError for anything but a SQLite file."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(["[database] url: not a database URL"]) from None
    if parsed.get_backend_name() == "postgresql":
        raise ConfigError(["[database] url: PostgreSQL comes with a later version; use sqlite:///path.db"])
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ConfigError(["[database] url: must name a file, as in sqlite:///var/muster.db"])
    return Path(str(parsed.database))
