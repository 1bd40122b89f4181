"""The database: units of work that write, reads, and what wakes up after a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ConfigError, StorageError
from bot.ports import Clock, utc_now
from bot.storage.driver import SHELL_PATIENCE_S, Driver
from bot.storage.migrations import HEAD, make, require_known, upgrade
from bot.storage.reading_threads import Readers, read_once
from bot.storage.sqlite_driver import SqliteDriver
from bot.storage.transaction import Transaction
from bot.storage.writer import Unit, Writer

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Transaction, P], T]


class Ride(Generic[T]):
    """A unit of work that waits for somebody else's commit."""

    def __init__(self, writer: Writer, topic: str, rider: Unit) -> None:
        self._writer = writer
        self._topic = topic
        self._rider = rider

    def take_back(self) -> bool:
        """Whether it still waited, and now never runs; False: ask for its result."""
        return self._writer.take_back(self._topic, self._rider)

    async def result(self) -> T:
        """Once its commit is done. Raises what `fn` raised, or a StorageError: then nothing of it was kept."""
        return await self._rider.future  # type: ignore[no-any-return]


class Database:
    """`write` and `read` run plain functions `fn(tx, *args)`; a write's answer comes after its commit.

    A unit of work may run twice (when another unit of the same commit fails), so it has no effect outside `tx`.
    `folder` is where what belongs beside it lies: pictures, keys. A SQLite file's own folder unless told.
    """

    def __init__(self, url: str, *, clock: Clock = utc_now, folder: Path | None = None) -> None:
        self.driver = driver_of(url)
        self.clock = clock
        self._folder = folder
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._writer: Writer | None = None
        self._readers: Readers | None = None

    def __str__(self) -> str:
        return str(self.driver)

    @property
    def path(self) -> Path:
        """The SQLite file. StorageError on a server, where there is none."""
        if isinstance(self.driver, SqliteDriver):
            return self.driver.path
        raise StorageError(f"{self} is no file")

    @property
    def folder(self) -> Path:
        """Where pictures and keys lie."""
        return self._folder or self.path.parent

    def exists(self) -> bool:
        """Whether it was made already. StorageError when a server cannot be asked."""
        return self.driver.exists()

    def process_lock(self) -> AbstractContextManager[object]:
        """Held by the one `muster run`; entering raises StorageBusyError when another process has it."""
        return self.driver.process_lock()

    def migrate(self) -> None:
        """Bring the tables up to date. StorageBusyError when another process keeps the lock for 30 s."""
        connection = self.driver.connect()
        try:
            upgrade(self.driver, connection, patience_s=SHELL_PATIENCE_S)
        finally:
            connection.close()

    def require_known(self) -> None:
        """StorageError when a newer version of Muster made the tables."""
        connection = self.driver.connect()
        try:
            require_known(self.driver.version(connection))
        finally:
            connection.close()

    def is_current(self) -> bool:
        """Whether its tables are those that this version of Muster works with."""
        connection = self.driver.connect()
        try:
            return self.driver.version(connection) == HEAD
        finally:
            connection.close()

    async def open(self) -> None:
        """Start the writer and the readers. StorageError when it cannot be opened."""
        self.driver.warn()
        writer = Writer(self.driver, asyncio.get_running_loop(), self._wake)
        await asyncio.to_thread(writer.start)
        self._writer, self._readers = writer, Readers(self.driver)

    @property
    def is_calm(self) -> bool:
        """Whether nothing waits for the writer, so that one unit may do more at once."""
        return self._writer is not None and not self._writer.has_waiting

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

    def ride(self, topic: str, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> Ride[T]:
        """Have `fn` run inside the next commit whose units touch `topic`: what follows needs no commit of its own."""
        if self._writer is None:
            raise StorageError("the database is closed")
        return Ride(self._writer, topic, self._writer.ride(topic, fn, args, kwargs))

    async def read(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on one state of the database that has every acknowledged write; it cannot write."""
        if self._readers is None:
            raise StorageError("the database is closed")
        return await self._readers.submit(fn, args, kwargs)

    def write_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for shell commands: waits for a running program's writer up to 30 s."""
        connection = self.driver.connect()
        try:
            with self.driver.translated(), self.driver.transaction(connection, patience_s=SHELL_PATIENCE_S):
                return fn(Transaction(connection), *args, **kwargs)
        finally:
            connection.close()

    def read_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for shell commands."""
        connection = self.driver.connect(is_reader=True)
        try:
            return read_once(self.driver, connection, fn, args, kwargs)
        finally:
            connection.close()

    def fill_new(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write_now` for a database that does not exist yet: when it fails, none is left behind."""
        try:
            return self.write_now(fn, *args, **kwargs)
        except BaseException:
            self.driver.discard()
            raise

    def make_tables(self, tx: Transaction, *, version: str = HEAD) -> None:
        """Inside a unit of work that fills a new database: the tables as that version had them."""
        make(self.driver, tx.connection, version)

    def listen(self, topic: str, callback: Callable[[], None]) -> None:
        """Have `callback` called on the event loop after each commit whose units touched `topic`."""
        self._listeners.setdefault(topic, []).append(callback)

    def _wake(self, touched: set[str]) -> None:
        for topic in touched:
            for callback in self._listeners.get(topic, ()):
                callback()


def driver_of(url: str) -> Driver:
    """Of what `[database] url` names. ConfigError for anything but a SQLite file or a PostgreSQL server."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(["[database] url: not a database URL"]) from None
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            ["[database] url: must be sqlite:///var/muster.db or the like, or postgresql://user@host/name"]
        )
    return SqliteDriver(Path(str(parsed.database)))


def _postgres(url: URL) -> Driver:
    from bot.storage.postgres import PostgresDriver  # noqa: PLC0415 - with SQLite its driver is never loaded

    return PostgresDriver(url)
