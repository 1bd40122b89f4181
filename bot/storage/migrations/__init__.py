"""Alembic's steps, and the way to run them without an alembic.ini."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage import sqlite

# The newest step. Comparing with it spares a normal start from loading Alembic.
HEAD = "0002"


def upgrade(connection: Connection, *, patience_s: float) -> None:
    """Run the missing steps in one transaction. StorageError when the database is newer than this program."""
    if _version(connection) == HEAD:
        return
    with sqlite.translated(), sqlite.transaction(connection, patience_s=patience_s):
        _run_alembic(connection)


def _version(connection: Connection) -> str | None:
    try:
        row = sqlite.raw(connection).execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_ERROR:  # no such table: an empty database
            return None
        raise sqlite.translate(error, at_rest=True) from error
    except sqlite3.Error as error:
        raise sqlite.translate(error, at_rest=True) from error
    return None if row is None else str(row[0])


def _run_alembic(connection: Connection) -> None:
    # Loaded on first use: a normal start has nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"the database does not fit this version of Muster: {error}") from error
    except (DBAPIError, sqlite3.Error) as error:
        raise sqlite.translate(error, at_rest=True) from error
