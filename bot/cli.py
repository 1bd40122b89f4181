"""Commands for people at a shell. Only this file, `app.py` and `demo` know every part."""

from __future__ import annotations

import asyncio
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import handing_over, paperwork, upkeep
from bot.config import Settings, load
from bot.config.meaning import check as check_meaning
from bot.config.meaning import check_roster
from bot.config.plan_meaning import check_plans
from bot.domain.roster_diff import Roster, RosterDiff
from bot.domain.roster_file import RosterFile, assemble
from bot.errors import ConfigError
from bot.ports import utc_now
from bot.services.enrolling import INVITE_LIFE, make_invite
from bot.services.importing import apply_roster, current_roster, named, preview_roster, roster_after, summary
from bot.shell import SCHOOL_TOML, ConfigOption, err, existing_database, out, plainly
from bot.storage.database import Database
from bot.storage.revoked import is_revoked

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
roster = typer.Typer(no_args_is_help=True, help="The school's people.")
equipment = typer.Typer(no_args_is_help=True, help="Emergency equipment.")
audit = typer.Typer(no_args_is_help=True, help="The log of rights used.")
cli.add_typer(paperwork.commands)
cli.add_typer(upkeep.commands)
cli.add_typer(handing_over.commands)
cli.add_typer(roster, name="roster")
cli.add_typer(equipment, name="equipment")
cli.add_typer(audit, name="audit")


def _tell_version(*, is_asked: bool) -> None:
    if is_asked:
        out.print(f"muster {metadata.version('muster')}", markup=False)
        raise typer.Exit


@cli.callback()
def muster(
    *,
    _is_asked: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Muster (集合): the school's emergency plan in chat."""


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the phones' page is.", min=0, max=65535)] = 8090,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the school here; preset: a fresh one each time.")
    ] = None,
) -> None:
    """A whole school in a box on loopback: no token, no internet."""
    from bot.demo.run import run_demo  # noqa: PLC0415 - the simulator is for the demo alone

    with plainly():
        asyncio.run(run_demo(port, folder))


@cli.command()
def init(folder: Path) -> None:
    """Write a commented school.toml and sample rosters to begin with."""
    from bot.config.sample import init as write  # noqa: PLC0415

    with plainly():
        for path in write(folder):
            out.print(f"written: {path}", markup=False)
    out.print(f"Next, in {folder}: fill school.toml, then: muster check", markup=False)
    out.print("Put the school's people into the .csv files in place of the invented ones, then:")
    out.print("  muster roster import staff.csv classes.csv pupils.csv duty.csv absences.csv equipment.csv")
    out.print("Then: muster check --online, muster run, and an invite for each person: muster roster invite")


@cli.command()
def check(
    config: ConfigOption = SCHOOL_TOML,
    online: Annotated[
        bool, typer.Option("--online", help="Ask Telegram, the database and the pages, too.")
    ] = False,
) -> None:
    """Print every error and hint about the settings and the roster; exit 1 when there is an error."""
    with plainly():
        settings = load(config)
        people = _roster_if_any(settings)
        approved = paperwork.approved_plans(settings)
        problems = [*check_meaning(settings, people), *check_plans(settings, people, approved)]
    for problem in problems:
        sign, style = ("hint", "yellow") if problem.is_hint else ("error", "red")
        out.print(f"{sign}: {problem}", markup=False, style=style)
    for version in approved.values():
        out.print(paperwork.told_version(version, settings), markup=False)
    if any(not problem.is_hint for problem in problems):
        if online:
            out.print("Nobody was asked online: mend the errors first.")
        raise typer.Exit(1)
    out.print("The settings are in order." if not problems else "No errors, hints only.")
    if online:
        upkeep.check_online(settings)


def _roster_if_any(settings: Settings) -> Roster | None:
    """None where there is no up-to-date database: `check` comes before the `run` that makes it one."""
    database = Database(settings.database.url, folder=settings.data_folder)
    return database.read_now(current_roster) if database.exists() and database.is_current() else None


@cli.command()
def run(config: ConfigOption = SCHOOL_TOML) -> None:
    """Run Muster until it is told to stop (Ctrl-C, SIGTERM)."""
    from bot.app import serve  # noqa: PLC0415 - the shell's other commands start faster without Telegram

    with plainly():
        settings = load(config)
        refused = [str(problem) for problem in check_meaning(settings) if not problem.is_hint]
        if refused:
            raise ConfigError(refused)
        serve(settings)


@equipment.command("import")
@roster.command("import")
def import_roster(
    files: Annotated[
        list[Path], typer.Argument(help="Staff, pupils, classes, duty, absences, equipment: .csv or .xlsx.")
    ],
    config: ConfigOption = SCHOOL_TOML,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show what the files would change, ask, and apply it whole or not at all."""
    from integrations.roster_files import read_path  # noqa: PLC0415

    with plainly():
        settings = load(config)
        read = [found for path in files for found in read_path(path, timezone=settings.school.zone_info)]
        database = existing_database(settings, is_new=True)
        incoming = _without_problems(read, settings, database)
        change = database.read_now(preview_roster, incoming)
        _show(change)
        if change.is_empty:
            out.print("Nothing would change.")
            return
        for problem in check_roster(settings, database.read_now(roster_after, incoming), utc_now()):
            if not problem.is_hint:
                out.print(f"warning: {problem}", markup=False, style="yellow")
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
    if change.barred:
        who = ", ".join(f"{person.staff_id} {person.name.zh}" for person in change.barred)
        out.print(f"Revoked, so the file's account is not taken; an invite binds one: {who}", markup=False)


@equipment.command("export")
def export_equipment(
    output: Annotated[Path, typer.Option("-o", "--output", help="The CSV file to write.")],
    config: ConfigOption = SCHOOL_TOML,
) -> None:
    """Write the list as a CSV file that Excel opens and `import` reads, with the inspections' next days."""
    from integrations.roster_files.writing import write_equipment  # noqa: PLC0415 - only the export needs it

    with plainly():
        items = existing_database(load(config)).read_now(lambda tx: tx.equipment.all())
        write_equipment(output, items.values())
        out.print(f"written: {output}, {len(items)} lines", markup=False)


@roster.command()
def invite(staff_id: str, config: ConfigOption = SCHOOL_TOML) -> None:
    """Print a link that binds one person's Telegram account: single use, for seven days."""
    with plainly():
        settings = load(config)
        database = existing_database(settings)
        was_revoked = database.read_now(lambda tx: is_revoked(tx.facts, staff_id))
        code = database.write_now(make_invite, staff_id, now=utc_now())
        identity: dict[str, Any] = database.read_now(lambda tx: tx.facts.get("identity")) or {}
        name = identity.get("username")
        out.print(f"https://t.me/{name}?start={code}" if name else f"/start {code}", markup=False)
        out.print(f"Single use, valid for {INVITE_LIFE.days} days. Send it to this person only.")
        if was_revoked:
            out.print(
                f"{staff_id} was revoked: opening it gives the rights back, to the phone that opens it alone."
            )


@cli.command("verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="A signed announcement or an erasure certificate, JSON.")],
    key: Annotated[
        str, typer.Option(help="The school's public key in hex, or its fingerprint; pins who signed.")
    ] = "",
) -> None:
    """Check the signature of a downloaded file without the server; exit 1 when it is not genuine."""
    from bot.verifying import told, verify_document  # noqa: PLC0415 - only this command verifies

    with plainly():
        found = verify_document(file, key)
    for line in told(found):
        out.print(line, markup=False, style="yellow" if line.startswith("note:") else None)


@audit.command()
def verify(config: ConfigOption = SCHOOL_TOML) -> None:
    """Check the hash chain of the audit log, and its signature when it has one; name the first broken row."""
    from bot.services.signing import AUDIT_KEY, Seal, Signer, check_head, fingerprint  # noqa: PLC0415 - only this command verifies
    from bot.storage.key_file import load_key  # noqa: PLC0415 - the same

    with plainly():
        database = existing_database(load(config))
        key_file = database.folder / AUDIT_KEY
        own = Signer(load_key(key_file)).public_key if key_file.exists() else None
        broken, head, sealed = database.read_now(
            lambda tx: (tx.audit.first_broken(), tx.audit.head(), check_head(tx, public_key=own))
        )
    if broken is not None:
        err.print(f"broken at row {broken}: it was changed, or a row before it is missing", style="red")
        raise typer.Exit(1)
    count, digest = head
    if sealed.seal not in (Seal.NONE, Seal.HOLDS):
        err.print(f"not what was signed: {sealed.seal.value}", markup=False, style="red")
        raise typer.Exit(1)
    out.print(f"unbroken: {count} rows, head {digest}", markup=False)
    if sealed.seal is Seal.HOLDS:
        key = f"key {fingerprint(own)}" if own else f"the key file {key_file} is not here to compare with"
        out.print(f"signed up to row {sealed.row} at {sealed.at}, {key}", markup=False)
