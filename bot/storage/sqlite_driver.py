"""SQLite as a `Driver`: one file on a local disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from bot.storage import sqlite
from bot.storage.process_lock import ProcessLock


class SqliteDriver:
    """BEGIN IMMEDIATE is what lets one unit write at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def connect(self, *, is_writer: bool = False, is_reader: bool = False) -> Connection:
        """See `Driver`."""
        return sqlite.connect(self.path, is_writer=is_writer, is_reader=is_reader)

    def transaction(
        self, connection: Connection, *, patience_s: float | Callable[[], float]
    ) -> AbstractContextManager[None]:
        """See `Driver`."""
        return sqlite.transaction(connection, patience_s=patience_s)

    def snapshot(self, connection: Connection) -> AbstractContextManager[None]:
        """See `Driver`."""
        return sqlite.snapshot(connection)

    def translated(self) -> AbstractContextManager[None]:
        """See `Driver`."""
        return sqlite.translated()

    def translate(self, error: Exception, *, at_rest: bool = False) -> Exception:
        """See `Driver`."""
        return sqlite.translate(error, at_rest=at_rest)

    def interrupt(self, connection: Connection) -> None:
        """See `Driver`."""
        sqlite.raw(connection).interrupt()

    def is_lost(self, connection: Connection) -> bool:
        """A file is never lost that way."""
        return connection.invalidated

    def finish(self, connection: Connection) -> None:
        """Leave a small log behind. Not worth an error: SQLite reads the log anyway when it opens the file."""
        try:
            sqlite.raw(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error:
            return

    def version(self, connection: Connection) -> str | None:
        """See `Driver`."""
        try:
            row = sqlite.raw(connection).execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_ERROR:  # no such table: an empty database
                return None
            raise sqlite.translate(error, at_rest=True) from error
        except sqlite3.Error as error:
            raise sqlite.translate(error, at_rest=True) from error
        return None if row is None else str(row[0])

    def take_time(self, connection: Connection) -> None:
        """Nothing to ask for: nobody looks at the time."""

    def tidy(self, connection: Connection) -> None:
        """Nothing to do: SQLite compares text by its bytes."""

    def exists(self) -> bool:
        """See `Driver`. A file without tables is none: somebody opened it before it was made."""
        if not self.path.exists() or not self.path.stat().st_size:
            return False
        connection = self.connect(is_reader=True)
        try:
            return sqlite.has_tables(connection)
        finally:
            connection.close()

    def discard(self) -> None:
        """See `Driver`."""
        for end in ("", "-wal", "-shm"):
            self.path.with_name(f"{self.path.name}{end}").unlink(missing_ok=True)

    def process_lock(self) -> AbstractContextManager[object]:
        """See `Driver`."""
        return ProcessLock(f"{self.path}.lock")

    def warn(self) -> None:
        """See `Driver`."""
        sqlite.warn_of_wal_reset_bug()
