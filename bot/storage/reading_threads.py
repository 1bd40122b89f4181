"""A few threads that read, each with a connection of its own that cannot write."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from bot.errors import StorageBusyError, StorageError
from bot.storage.driver import Driver
from bot.storage.transaction import Transaction

T = TypeVar("T")

READERS: Final = 3
# Reads still running this long after the close began are broken off.
_CLOSING_PATIENCE_S: Final = 0.5


class Readers:
    """Connections are made on first use and stay."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._own = threading.local()
        self._connections: list[Connection] = []
        self._is_closing = False
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="muster-reader")

    async def submit(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        """Run `fn` on one state of the database."""
        reading = asyncio.get_running_loop().run_in_executor(self._pool, self._read, fn, args, kwargs)
        try:
            return await reading
        except asyncio.CancelledError:
            if self._is_closing and reading.cancelled():
                raise StorageError("the database is closed") from None
            raise

    def close(self) -> None:
        """Blocks until every read has ended or was broken off."""
        self._is_closing = True
        interrupt = threading.Timer(_CLOSING_PATIENCE_S, self._interrupt)
        interrupt.start()
        self._pool.shutdown(cancel_futures=True)
        interrupt.cancel()
        for connection in self._connections:
            connection.close()

    def _interrupt(self) -> None:
        for connection in self._connections:
            self._driver.interrupt(connection)

    def _read(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        connection = self._connection()
        try:
            return read_once(self._driver, connection, fn, args, kwargs)
        except StorageBusyError:
            if self._is_closing or not self._driver.is_lost(connection):
                raise
        # The server was restarted since the last read: a read has no effect, so it may simply run again.
        return read_once(self._driver, connection, fn, args, kwargs)

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._driver.connect(is_reader=True)
            self._connections.append(connection)
        return connection


def read_once(
    driver: Driver,
    connection: Connection,
    fn: Callable[..., T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> T:
    """Run `fn` on one state of the database."""
    with driver.translated(), driver.snapshot(connection):
        return fn(Transaction(connection), *args, **kwargs)
