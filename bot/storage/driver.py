"""What one kind of database does differently from another: connecting, beginning, ending, naming its errors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

# A shell command waits this long for the running program's writer, and the writer for a shell command.
SHELL_PATIENCE_S = 30.0
WRITER_PATIENCE_S = 10.0


class Driver(Protocol):
    """Whatever is underneath, one unit of work writes at a time, whichever process it runs in.

    So what a unit has read stays true until it commits, and rows get their ids in the order of the commits: the
    inbox is read by id, a hash follows the one before, an incident's number the last one.
    """

    def connect(self, *, is_writer: bool = False, is_reader: bool = False) -> Connection:
        """One connection that begins nothing by itself. StorageError when there is no way in."""

    def transaction(
        self, connection: Connection, *, patience_s: float | Callable[[], float]
    ) -> AbstractContextManager[None]:
        """Alone with the database, then commit, or roll everything back. StorageBusyError: the lock stays taken.

        `patience_s` may be a function: it is asked anew at every knock.
        """

    def snapshot(self, connection: Connection) -> AbstractContextManager[None]:
        """One state of the database for several reads."""

    def translated(self) -> AbstractContextManager[None]:
        """Let no driver's error about storage out; what else a unit of work raises passes as it is."""

    def translate(self, error: Exception, *, at_rest: bool = False) -> Exception:
        """Our error for a driver's one that is about storage, or the error as it is.

        `at_rest`: no unit of work was running, so every driver's error is about storage.
        """

    def interrupt(self, connection: Connection) -> None:
        """Break off what another thread is doing on this connection."""

    def is_lost(self, connection: Connection) -> bool:
        """Whether the connection broke; the next use of it makes a new one."""

    def finish(self, connection: Connection) -> None:
        """Leave things tidy before the writer's connection is closed."""

    def version(self, connection: Connection) -> str | None:
        """The newest step of the migrations that was taken; None: an empty database."""

    def take_time(self, connection: Connection) -> None:
        """Inside a unit of work that also reads or writes files: it may stand still for as long as they take."""

    def tidy(self, connection: Connection) -> None:
        """Inside the migration's transaction, after its last step."""

    def exists(self) -> bool:
        """Whether somebody has made it already. StorageError when that cannot be found out."""

    def discard(self) -> None:
        """Leave nothing of a database that was begun and not finished."""

    def process_lock(self) -> AbstractContextManager[object]:
        """Held by the one `muster run` of a database; entering it raises StorageBusyError when another has it."""

    def warn(self) -> None:
        """Log what an administrator should know about this installation."""

    def __str__(self) -> str:
        """Where it is, without a password."""
