"""Alembic's steps, and the way to run them without an alembic.ini."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage.driver import Driver

# The newest step. Comparing with it spares a normal start from loading Alembic.
HEAD = "0021"


def upgrade(driver: Driver, connection: Connection, *, patience_s: float) -> None:
    """Run the missing steps in one transaction. StorageError when the database is newer than this program."""
    found = driver.version(connection)
    if found == HEAD:
        return
    require_known(found)
    with driver.translated(), driver.transaction(connection, patience_s=patience_s):
        make(driver, connection)


def make(driver: Driver, connection: Connection, version: str = HEAD) -> None:
    """Bring the tables to that version, inside the transaction that is open. StorageError as above."""
    require_known(version)
    _run_alembic(driver, connection, version)
    driver.tidy(connection)


def require_known(version: str | None) -> None:
    """StorageError when a newer version of Muster made these tables: this one would not understand them."""
    if version is not None and not list((Path(__file__).parent / "versions").glob(f"v{version}_*.py")):
        raise StorageError(
            f"the database was made by a newer version of Muster (its tables are at {version}, this version knows "
            f"up to {HEAD}): nothing was changed; install that version again, or restore a backup made before it"
        )


def _run_alembic(driver: Driver, connection: Connection, version: str) -> None:
    # Loaded on first use: a normal start has nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, version)
    except CommandError as error:
        raise StorageError(f"the database does not fit this version of Muster: {error}") from error
    except DBAPIError as error:
        raise driver.translate(error, at_rest=True) from error
