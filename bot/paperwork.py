"""Commands at a shell that write something for people: an incident's record, sheets, the plans, the register."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import Settings, load
from bot.domain.incident import Kind
from bot.domain.patrol import PREFIX
from bot.domain.place import Name
from bot.domain.plan_change import PlanVersion
from bot.domain.roll_sheet import RollSheet
from bot.domain.text import spreadsheet_cell
from bot.errors import ConfigError
from bot.handing_over import Handover, recipient_of, seal_record
from bot.ports import utc_now
from bot.services.exporting import COUNT_PARTS, export_record
from bot.services.patrolling import point_codes
from bot.services.printing import roll_sheets
from bot.shell import SCHOOL_TOML, ConfigOption, existing_database, out, plainly
from bot.storage.database import Database
from bot.storage.transaction import Transaction

DAY = "%Y-%m-%d"
# Before any register began; midnight then and in any zone is after the year 0.
FIRST_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - the zone is the school's
# Of an incident's record, what is a table; beside these COUNT_PARTS and the others, when there is anything in them.
PARTS = ("reports", "timeline", "deliveries")
MORE_PARTS = ("tasks", "calls", "reports_due", "on_scene", "announcements", "announcement_readers")

commands = typer.Typer()


@commands.command()
def export(
    number: Annotated[str, typer.Argument(help="The incident, as 2026-0007.")],
    output: Annotated[Path, typer.Option("-o", help="A folder; it is made when missing.")],
    config: ConfigOption = SCHOOL_TOML,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Seal it for the police with this key file; made when missing."),
    ] = None,
    to: Annotated[str, typer.Option("--to", help='With --key: "UNIT; NAME; REASON" for the register.')] = "",
) -> None:
    """Write an incident's whole record as JSON and CSV; with a key one sealed package, with the original pictures."""
    with plainly():
        recipient = recipient_of(to) if key else None
        settings = load(config)
        database = existing_database(settings)
        record = database.write_now(export_record, number, settings.campus(), by="shell", at=utc_now())
        output.mkdir(parents=True, exist_ok=True)
        files = _record_files(record)
        if key is not None and recipient is not None:
            seal_record(Handover(settings, database, record, recipient), files, output, key)
            return
        for name, content in files.items():
            _write_private(output / name, content)
            out.print(f"written: {output / name}", markup=False)


def _record_files(record: dict[str, Any]) -> dict[str, bytes]:
    """The whole record as JSON, and each part that is a table as CSV."""
    number = record["incident"]["number"]
    parts = [*PARTS, *(part for part in (*COUNT_PARTS, *MORE_PARTS) if record[part])]
    whole = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    tables = {f"{number}-{part}.csv": _as_csv(record[part]) for part in parts}
    return {f"{number}.json": whole.encode()} | tables | _accepted_reports(record)


def _accepted_reports(record: dict[str, Any]) -> dict[str, bytes]:
    """What `muster verify` checks without the server: what was signed, and the data whose hash that names."""
    return {
        f"{record['incident']['number']}-report-v{one['version']}.json": json.dumps(
            {"document": "report", "signed": one["signature"], "data": one["data"]},
            ensure_ascii=False,
            indent=2,
        ).encode()
        for one in record["after_action"]
        if one["signature"]
    }


def _as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """With a byte-order mark: Excel in China opens it right."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(rows[0].keys() if rows else [])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else spreadsheet_cell(str(value))


@commands.command()
def rollsheets(
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF; an older one is replaced.")],
    config: ConfigOption = SCHOOL_TOML,
    only: Annotated[
        list[str] | None, typer.Option("--class", help="This class, without the cover; may be repeated.")
    ] = None,
) -> None:
    """Print a headcount on paper: one page a class, and a list of all classes for the command centre."""
    from integrations.documents.rollsheets import print_sheets  # noqa: PLC0415 - only printing needs it

    with plainly():
        settings = load(config)
        sheets = _chosen(existing_database(settings).read_now(roll_sheets, settings.campus()), only or [])
        _require_place(output)
        school = Name(settings.school.name, settings.school.name_en)
        today = utc_now().astimezone(settings.school.zone_info).date()
        book = print_sheets(sheets, school=school, printed_on=today, has_cover=not only)
        _write_private(output, book.pdf)
    out.print(f"written: {output} ({book.pages} {'page' if book.pages == 1 else 'pages'})", markup=False)
    out.print("It holds pupils' names: print it, keep it locked up, delete the file.")


@commands.command()
def plans(
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF; an older one is replaced.")],
    config: ConfigOption = SCHOOL_TOML,
) -> None:
    """Print the book of plans: who does what, by when, and who outside is called."""
    from bot.config.plans import load_plans, with_approved  # noqa: PLC0415 - only printing needs these
    from bot.i18n import Languages  # noqa: PLC0415
    from bot.messages.plan_book import PlanWords  # noqa: PLC0415
    from integrations.documents.plans import print_plans  # noqa: PLC0415

    with plainly():
        settings = load(config)
        approved = approved_plans(settings)
        found = with_approved(load_plans(settings), approved)
        _require_place(output)
        words = PlanWords(Languages(settings.school.zone_info, settings.school.locale))
        school = Name(settings.school.name, settings.school.name_en)
        book = words.book(found.plans.values(), found.agencies.values(), school, approved)
        today = utc_now().astimezone(settings.school.zone_info).date()
        output.write_bytes(print_plans(book, printed_on=today))
    out.print(f"written: {output} ({len(found.plans)} plans)", markup=False)


def approved_plans(settings: Settings) -> dict[Kind, PlanVersion]:
    """The newest versions that the principal approved, by name; none where there is no up-to-date database."""
    database = Database(settings.database.url, folder=settings.data_folder)
    if not database.exists() or not database.is_current():
        return {}
    return database.read_now(_by_name)


def _by_name(tx: Transaction) -> dict[Kind, PlanVersion]:
    found = tx.plan_changes.newest_of_all()
    return {
        kind: replace(version, approved_by=_name(tx, version.approved_by)) for kind, version in found.items()
    }


def _name(tx: Transaction, staff_id: str) -> str:
    person = tx.people.get(staff_id)
    return person.name.zh if person else staff_id


def told_version(version: PlanVersion, settings: Settings) -> str:
    """One line about a plan that is another than its file's."""
    day = version.approved_at.astimezone(settings.school.zone_info).strftime(DAY)
    return (
        f"plan {version.plan.kind.value}: version {version.version}, approved by {version.approved_by} on {day}: "
        f"{version.reason}"
    )


@commands.command()
def patrols(
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF; an older one is replaced.")],
    config: ConfigOption = SCHOOL_TOML,
    *,
    is_renewed: Annotated[
        bool, typer.Option("--renew", help="With new codes: every sheet that hangs becomes void.")
    ] = False,
) -> None:
    r"""Print the codes of the patrol: one for each of `\[readiness] patrol_zones`, to be hung up there."""
    from integrations.documents.patrols import PatrolPoint, print_patrols  # noqa: PLC0415 - only printing needs it

    with plainly():
        settings = load(config)
        zones, campus = settings.readiness.patrol_zones, settings.campus()
        if not zones:
            raise ConfigError(["there are no points yet: name key areas in [readiness] patrol_zones"])
        _require_place(output)
        database = existing_database(settings)
        identity: dict[str, Any] = database.read_now(lambda tx: tx.facts.get("identity")) or {}
        if not identity.get("username"):
            raise ConfigError(["the bot's name is not known yet: start muster run once"])
        codes = database.write_now(point_codes, zones, is_renewed=is_renewed)
        link = f"https://t.me/{identity['username']}?start={PREFIX}"
        points = [PatrolPoint(campus.zones[zone].name, link + codes[zone]) for zone in zones]
        school = Name(settings.school.name, settings.school.name_en)
        per_day = settings.readiness.patrols_per_day
        _write_private(output, print_patrols(points, school=school, per_day=per_day))
    out.print(f"written: {output} ({len(points)} {'point' if len(points) == 1 else 'points'})", markup=False)


def _chosen(sheets: list[RollSheet], only: Sequence[str]) -> list[RollSheet]:
    """All of them, or those named, in the school's order."""
    if not sheets:
        raise ConfigError(["there are no classes yet; bring them with: muster roster import classes.csv"])
    known = [sheet.name for sheet in sheets]
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ConfigError(
            [f"there is no class {name}" for name in unknown] + [f"known are: {', '.join(known)}"]
        )
    return [sheet for sheet in sheets if not only or sheet.name in only]


def _require_place(path: Path) -> None:
    if path.is_dir():
        raise ConfigError([f"{path} is a folder; name a file in it, as in {path / 'rollsheets.pdf'}"])
    if not path.parent.is_dir():
        raise ConfigError([f"there is no folder {path.parent}; make it first"])


def _write_private(path: Path, content: bytes) -> None:
    """For its owner's eyes only, also where an older file was open to all."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "wb") as file:
        os.fchmod(number, 0o600)
        file.write(content)


@commands.command()
def register(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="FILE.csv or FILE.pdf; an older one is replaced.")
    ],
    config: ConfigOption = SCHOOL_TOML,
    begin: Annotated[
        datetime | None, typer.Option("--from", formats=[DAY], help="First day; preset: all there is.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=[DAY], help="Last day; preset: today.")
    ] = None,
) -> None:
    """Write the cameras' access register: every view, refusal, export and deletion, in the law's four columns."""
    from bot.services.register import as_csv, export_register  # noqa: PLC0415 - only this command needs it
    from integrations.documents.register import print_register  # noqa: PLC0415 - the same

    with plainly():
        settings = load(config)
        if output.suffix.casefold() not in {".csv", ".pdf"}:
            raise ConfigError([f"{output}: its name must end in .csv or .pdf"])
        _require_place(output)
        zone = settings.school.zone_info
        now = utc_now().astimezone(zone)
        first = (begin or FIRST_DAY).replace(tzinfo=zone)
        last = (end.replace(tzinfo=zone) if end else now).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = existing_database(settings).write_now(
            export_register, first, last + timedelta(days=1), by="shell", at=now, zone=zone
        )
        if output.suffix.casefold() == ".csv":
            content = as_csv(rows)
        else:
            begun = begin.strftime(DAY) if begin else (rows[0]["时间"][:10] if rows else "…")
            content = print_register(
                rows,
                school=Name(settings.school.name, settings.school.name_en),
                begin=begun,
                end=last.strftime(DAY),
                printed_at=now.strftime(f"{DAY} %H:%M"),
            )
        _write_private(output, content)
    out.print(f"written: {output} ({len(rows)} {'line' if len(rows) == 1 else 'lines'})", markup=False)
