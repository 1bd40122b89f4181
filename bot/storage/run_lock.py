"""The lock of the one `muster run` of a PostgreSQL database."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageBusyError
from bot.storage.driver import Driver

# Out of the way of anybody else's advisory locks in the same database.
RUN_LOCK: Final = 0x4D5553540002
# A program that was killed is gone, but the server may need a moment to notice.
_GONE_S: Final = 2.0
# Whether it is still held is asked for again with the first unit of work after so long.
_CONFIRM_EVERY_S: Final = 10.0
_LOCK_RUN: Final = f"SELECT pg_try_advisory_lock({RUN_LOCK})"
# Each time that it was taken counts.
_UNLOCK_RUN: Final = "SELECT pg_advisory_unlock_all()"
# The lock's connection says next to nothing, and a server may be set to end such a one. (One that is too old has no
# such setting; it is refused with better words later.)
_MAY_IDLE: Final = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"


class RunLock:
    """An advisory lock on a connection of its own, for the one `muster run` of a database."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._connection: Connection | None = None
        self._is_unsure = False
        self._confirmed_at = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the next unit of work has to wait until it is confirmed."""
        return self._is_unsure or time.monotonic() - self._confirmed_at >= _CONFIRM_EVERY_S

    def __enter__(self) -> Self:
        self._connection = self._driver.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.exec_driver_sql(_MAY_IDLE)
        until = time.monotonic() + _GONE_S
        while not self._connection.exec_driver_sql(_LOCK_RUN).scalar():
            if time.monotonic() > until:
                self._close()
                raise StorageBusyError(f"already running: another process works on {self._driver}")
            time.sleep(0.05)
        self._confirmed_at = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def confirm(self) -> None:
        """Hold it still or again, or StorageBusyError because another process has begun meanwhile."""
        if self._connection is None and not self._is_unsure:
            return
        self._is_unsure = True  # until it is held again, no unit of work begins
        if self._is_held():
            self._confirmed_at = time.monotonic()
        else:
            self._close()
            self.__enter__()
        self._is_unsure = False

    def _is_held(self) -> bool:
        """Taking what one has is no waiting; what broke off has it no more."""
        try:
            return self._connection is not None and bool(self._connection.exec_driver_sql(_LOCK_RUN).scalar())
        except (DBAPIError, psycopg.Error):
            return False

    def release(self) -> None:
        """Let the next one in: by word, since the server notices a closed connection only some time later."""
        if self._connection is not None:
            with suppress(DBAPIError, psycopg.Error):
                self._connection.exec_driver_sql(_UNLOCK_RUN)
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError, psycopg.Error):
                self._connection.close()
            self._connection = None
