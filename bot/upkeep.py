"""Commands at a shell for whoever looks after the installation: backup, restore."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.config import Settings, load
from bot.findings import Finding, Sign
from bot.log import redact, scrub
from bot.ports import utc_now
from bot.shell import SCHOOL_TOML, ConfigOption, existing_database, out, plainly
from bot.storage.database import Database

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="The key file; preset: secrets/backup.key beside the settings."),
]
_COLOURS = {Sign.GOOD: "green", Sign.HINT: "yellow", Sign.WRONG: "red"}

commands = typer.Typer()


@commands.command()
def backup(file: Path, config: ConfigOption = SCHOOL_TOML, key: KeyOption = None) -> None:
    """Write everything into one encrypted file, also while Muster runs."""
    with plainly():
        _backup(load(config), file, key)


@commands.command()
def restore(file: Path, config: ConfigOption = SCHOOL_TOML, key: KeyOption = None) -> None:
    """Bring a backup back into an empty place; nothing that may have been sent is sent as if it were new."""
    with plainly():
        _restore(load(config), file, key)


@commands.command()
def doctor(config: ConfigOption = SCHOOL_TOML) -> None:
    """How the running Muster is; exit 1 when somebody has to do something."""
    from bot.doctor import Doctor  # noqa: PLC0415 - only this command needs it

    with plainly():
        settings = load(config)
        _tell(asyncio.run(Doctor(settings, database_of(settings), utc_now).run()))


def check_online(settings: Settings) -> None:
    """Ask everybody outside; exit 1 when something is wrong."""
    from bot.online_check import OnlineCheck  # noqa: PLC0415 - the settings alone are checked without Telegram

    redact(settings.telegram.token.get_secret_value())
    _tell(asyncio.run(OnlineCheck(settings, database_of(settings)).run()))


def _tell(findings: list[Finding]) -> None:
    for finding in findings:
        out.print(scrub(str(finding)), markup=False, style=_COLOURS[finding.sign])
    if any(finding.sign is Sign.WRONG for finding in findings):
        raise typer.Exit(1)


def _backup(settings: Settings, file: Path, key: Path | None) -> None:
    from bot.services.backing_up import back_up, require_place  # noqa: PLC0415 - only this command needs it
    from bot.storage.key_file import load_or_make_key  # noqa: PLC0415 - the same

    # Before the key is made: a new one that is not told of is a key that nobody keeps.
    require_place(file)
    database = existing_database(settings)
    key_file = _key_file(settings, key)
    is_new = not key_file.exists()
    done = back_up(database, file, load_or_make_key(key_file), now=utc_now())
    out.print(f"written: {file} ({done.total} rows, {done.files} files)", markup=False)
    if not done.is_noted:
        out.print(
            "It is whole, but could not be noted: the database is locked or full; doctor does not know of it."
        )
    if is_new:
        out.print(f"made: {key_file}. Copy it to a safe place now: without it nobody can read the backup.")
    out.print("Not inside, keep a copy elsewhere: school.toml, its secrets, the key files.")


def _restore(settings: Settings, file: Path, key: Path | None) -> None:
    from bot.services.backing_up import restore as bring_back  # noqa: PLC0415 - only this command needs it
    from bot.storage.key_file import load_key  # noqa: PLC0415 - the same

    database = database_of(settings)
    database.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with database.process_lock(), file.open("rb") as source:
        done = bring_back(database, source, load_key(_key_file(settings, key)), now=utc_now())
    out.print(f"restored: the state of {done.made_at:%Y-%m-%d %H:%M:%S} UTC, {done.total} rows", markup=False)
    out.print("The log's hash chain is unbroken.")
    if done.unsettled is not None:
        left = done.unsettled
        out.print(
            f"Waiting messages: {left.repeats} go out marked as repeats, {left.uncertain} do not go out again. "
            f"Dead letters: {left.dead}.",
            markup=False,
        )
    out.print("Links (also those for outside), open pages and unused invites have ended.")
    out.print(
        f"Revocations and roster changes since {done.made_at:%Y-%m-%d %H:%M} UTC are not in it: repeat them before "
        "muster run, by muster roster import without who has left; a lost phone by /revoke, first of all.",
        markup=False,
    )
    out.print("Next: put the key files back, then: muster run")


def _key_file(settings: Settings, key: Path | None) -> Path:
    return key or settings.folder / "secrets" / "backup.key"


def database_of(settings: Settings) -> Database:
    """The school's database and what lies beside it."""
    return Database(settings.database.url, folder=settings.data_folder)
