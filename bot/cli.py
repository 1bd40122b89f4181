"""Commands for people at a shell. Only this file, `app.py` and `demo` know every part."""

from __future__ import annotations

import asyncio
import csv
import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.config import Settings, load
from bot.config.meaning import check as check_meaning
from bot.domain.roster_diff import Roster, RosterDiff
from bot.domain.roster_file import RosterFile, assemble
from bot.errors import ConfigError, MusterError, RefusedError
from bot.ports import utc_now
from bot.services.enrolling import INVITE_LIFE, make_invite
from bot.services.exporting import export_record
from bot.services.importing import apply_roster, current_roster, named, preview_roster, summary
from bot.storage.database import Database

ConfigOption = Annotated[Path, typer.Option("-c", "--config", help="The school's settings.")]
SCHOOL_TOML = Path("school.toml")

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Muster (集合): the school's emergency plan in chat.",
    pretty_exceptions_enable=False,
)
roster = typer.Typer(no_args_is_help=True, help="The school's people.")
audit = typer.Typer(no_args_is_help=True, help="The log of rights used.")
cli.add_typer(roster, name="roster")
cli.add_typer(audit, name="audit")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """The `muster` command."""
    cli()


@contextmanager
def _plainly() -> Iterator[None]:
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


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the phones' page is.", min=0, max=65535)] = 8090,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the school here; preset: a fresh one each time.")
    ] = None,
) -> None:
    """A whole school in a box on loopback: no token, no internet."""
    from bot.demo.run import run_demo  # noqa: PLC0415 - the simulator is for the demo alone

    with _plainly():
        asyncio.run(run_demo(port, folder))


@cli.command()
def init(folder: Path) -> None:
    """Write a commented school.toml and sample rosters to begin with."""
    from bot.config.sample import init as write  # noqa: PLC0415

    with _plainly():
        for path in write(folder):
            out.print(f"written: {path}", markup=False)


@cli.command()
def check(config: ConfigOption = SCHOOL_TOML) -> None:
    """Print every problem of the settings and the roster; exit 1 when there is one."""
    with _plainly():
        settings = load(config)
        problems = check_meaning(settings, _roster_if_any(settings))
    for problem in problems:
        out.print(str(problem), markup=False, style="yellow" if problem.is_hint else "red")
    if any(not problem.is_hint for problem in problems):
        raise typer.Exit(1)
    out.print("The settings are in order." if not problems else "No errors, hints only.")


def _roster_if_any(settings: Settings) -> Roster | None:
    database = Database(settings.database.url)
    return database.read_now(current_roster) if database.path.exists() else None


@cli.command()
def run(config: ConfigOption = SCHOOL_TOML) -> None:
    """Run Muster until it is told to stop (Ctrl-C, SIGTERM)."""
    from bot.app import serve  # noqa: PLC0415 - the shell's other commands start faster without Telegram

    with _plainly():
        settings = load(config)
        refused = [str(problem) for problem in check_meaning(settings) if not problem.is_hint]
        if refused:
            raise ConfigError(refused)
        serve(settings)


@roster.command("import")
def import_roster(
    files: Annotated[list[Path], typer.Argument(help="Staff, pupils, classes, duty: .csv or .xlsx.")],
    config: ConfigOption = SCHOOL_TOML,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show what the files would change, ask, and apply it whole or not at all."""
    from integrations.roster_files import read_path  # noqa: PLC0415

    with _plainly():
        settings = load(config)
        read = [found for path in files for found in read_path(path, timezone=settings.school.zone_info)]
        database = _database(settings, is_new=True)
        incoming = _without_problems(read, settings, database)
        change = database.read_now(preview_roster, incoming)
        _show(change)
        if change.is_empty:
            out.print("Nothing would change.")
            return
        if change.is_drastic and not yes:
            err.print(f"More than half of these would go: {', '.join(change.drastic)}", style="red")
        if not yes and not typer.confirm("Apply?"):
            out.print("Nothing was changed.")
            raise typer.Exit(1)
        database.write_now(apply_roster, incoming, by="shell", at=utc_now())
        out.print("Applied.")


def _without_problems(files: list[RosterFile], settings: Settings, database: Database) -> Roster:
    assembled = assemble(files, current=database.read_now(current_roster), campus=settings.campus())
    if assembled.problems:
        raise ConfigError([*map(str, assembled.problems), "Nothing was changed."])
    return assembled.roster


def _show(change: RosterDiff) -> None:
    for noun, counts in summary(change).items():
        told = ", ".join(f"{number} {what}" for what, number in counts.items())
        out.print(f"{noun}: {told}", markup=False)
    for line in named(change):
        out.print(f"  {line}", markup=False)


@roster.command()
def invite(staff_id: str, config: ConfigOption = SCHOOL_TOML) -> None:
    """Print a link that binds one person's Telegram account: single use, for seven days."""
    with _plainly():
        settings = load(config)
        database = _database(settings)
        code = database.write_now(make_invite, staff_id, now=utc_now())
        identity: dict[str, Any] = database.read_now(lambda tx: tx.facts.get("identity")) or {}
        name = identity.get("username")
        out.print(f"https://t.me/{name}?start={code}" if name else f"/start {code}", markup=False)
        out.print(f"Single use, valid for {INVITE_LIFE.days} days. Send it to this person only.")


@cli.command()
def export(
    number: Annotated[str, typer.Argument(help="The incident, as 2026-0007.")],
    output: Annotated[Path, typer.Option("-o", help="A folder; it is made when missing.")],
    config: ConfigOption = SCHOOL_TOML,
) -> None:
    """Write an incident's whole record as JSON and CSV."""
    with _plainly():
        settings = load(config)
        database = _database(settings)
        record = database.write_now(export_record, number, settings.campus(), by="shell", at=utc_now())
        output.mkdir(parents=True, exist_ok=True)
        written = [output / f"{record['incident']['number']}.json"]
        written[0].write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written += [_write_csv(output, record, part) for part in ("reports", "timeline", "deliveries")]
        for path in written:
            out.print(f"written: {path}", markup=False)


def _write_csv(folder: Path, record: dict[str, Any], part: str) -> Path:
    """With a byte-order mark: Excel in China opens it right."""
    path = folder / f"{record['incident']['number']}-{part}.csv"
    rows = record[part]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0].keys() if rows else [])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return path


def _cell(value: object) -> str:
    """A spreadsheet must not take what somebody wrote for a formula."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


@audit.command()
def verify(config: ConfigOption = SCHOOL_TOML) -> None:
    """Check the hash chain of the audit log; name the first broken row."""
    with _plainly():
        broken, head = _database(load(config)).read_now(lambda tx: (tx.audit.first_broken(), tx.audit.head()))
    if broken is not None:
        err.print(f"broken at row {broken}: it was changed, or a row before it is missing", style="red")
        raise typer.Exit(1)
    count, digest = head
    out.print(f"unbroken: {count} rows, head {digest}", markup=False)


def _database(settings: Settings, *, is_new: bool = False) -> Database:
    """The school's database; only `run` and `roster import` make one or bring it up to date."""
    database = Database(settings.database.url)
    if is_new:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        database.migrate()
    elif not database.path.exists():
        raise ConfigError(
            [f"there is no database at {database.path}; muster roster import or muster run makes it"]
        )
    return database
