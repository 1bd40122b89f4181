"""What all commands at a shell share: consoles, options, errors as sentences, and the school's database."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.config import Settings
from bot.errors import ConfigError, MusterError, RefusedError
from bot.storage.database import Database

ConfigOption = Annotated[Path, typer.Option("-c", "--config", help="The school's settings.")]
SCHOOL_TOML = Path("school.toml")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def plainly() -> Iterator[None]:
    """Errors that we know become a sentence and exit code 1, never a traceback."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(problem, markup=False, style="red")
        raise typer.Exit(1) from None
    except RefusedError as error:
        details = " ".join(str(value) for value in error.refusal.params.values())
        err.print(f"{error.refusal.reason.value.replace('_', ' ')}: {details}", markup=False, style="red")
        raise typer.Exit(1) from None
    except OSError as error:
        hint = "; choose another port" if error.errno == errno.EADDRINUSE else ""
        err.print(f"{error}{hint}", markup=False, style="red")
        raise typer.Exit(1) from None
    except MusterError as error:
        err.print(str(error), markup=False, style="red")
        raise typer.Exit(1) from None


def existing_database(settings: Settings, *, is_new: bool = False) -> Database:
    """The school's database; only `run` and `roster import` make one or bring it up to date."""
    database = Database(settings.database.url, folder=settings.data_folder)
    if is_new:
        database.folder.mkdir(parents=True, exist_ok=True)
        database.migrate()
    elif not database.exists():
        raise ConfigError(
            [f"there is no database at {database}; muster roster import or muster run makes it"]
        )
    else:
        database.require_known()
    return database
