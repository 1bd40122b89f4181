"""Commands at a shell for evidence: an incident's record sealed for the police, and such a package opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import Settings
from bot.errors import ConfigError
from bot.ports import utc_now
from bot.services.evidence import REGISTER, Package, Recipient, collect, seal, unseal
from bot.services.register import SEPARATORS
from bot.services.signing import AUDIT_KEY, Signer
from bot.shell import out, plainly
from bot.storage.database import Database
from bot.storage.key_file import load_key, load_or_make_key
from bot.storage.vault import Vault

commands = typer.Typer()
_TOLD = 'a package needs --to "UNIT; NAME; REASON": who takes it over, and why'


@dataclass(frozen=True, slots=True)
class Handover:
    """Whose record goes to whom."""

    settings: Settings
    database: Database
    record: dict[str, Any]
    recipient: Recipient


def recipient_of(told: str) -> Recipient:
    """`UNIT; NAME; REASON`. ConfigError when one of them is missing: the register needs all three."""
    parts = [part for part in SEPARATORS.split(told.strip()) if part]
    if len(parts) != len(("unit", "name", "reason")):
        raise ConfigError([_TOLD])
    return Recipient(*parts)


def seal_record(handover: Handover, files: Mapping[str, bytes], folder: Path, key_file: Path) -> None:
    """`NUMBER.evidence` in the folder. ConfigError when it is there already."""
    settings, database, incident = handover.settings, handover.database, handover.record["incident"]
    target = folder / f"{incident['number']}.evidence"
    if target.exists():
        raise ConfigError([f"{target} is there already; an evidence package replaces nothing"])
    is_new, now = not key_file.exists(), utc_now()
    key = load_or_make_key(key_file)
    register_csv, pictures = database.write_now(
        collect, incident["id"], handover.recipient, at=now, zone=settings.school.zone_info
    )
    package = seal(
        target,
        key,
        {**files, REGISTER: register_csv},
        pictures,
        vault=_vault(settings, database),
        signer=_signer(database),
        about={
            "incident": incident["number"],
            "mode": incident["mode"],
            "school": settings.school.name,
            "made_at": now.isoformat(),
            **asdict(handover.recipient),
        },
    )
    out.print(f"written: {target} ({_told(package)})", markup=False)
    for name, why in package.missing.items():
        out.print(f"not inside: {name}: {why}", markup=False)
    if is_new:
        out.print(f"made: {key_file}. Hand it over another way than the file.", markup=False)


def _vault(settings: Settings, database: Database) -> Vault | None:
    """Where the original pictures are; None where their key is not."""
    path = settings.path_of(settings.camera_policy.key_file)
    return Vault(database.folder / "vault", load_key(path), budget_bytes=0) if path.exists() else None


def _signer(database: Database) -> Signer | None:
    path = database.folder / AUDIT_KEY
    return Signer(load_key(path)) if path.exists() else None


def _told(package: Package) -> str:
    count = len(package.files)
    signed = (
        f"signed by key {package.signed_by}" if package.signed_by else "not signed: there is no audit.key"
    )
    return f"{count} files, {signed}"


@commands.command()
def unpack(
    file: Annotated[Path, typer.Argument(help="An evidence package.")],
    output: Annotated[Path, typer.Option("-o", help="A folder that does not exist yet.")],
    key: Annotated[Path, typer.Option("--key", help="Its key file.")],
) -> None:
    """Open an evidence package and compare every file with its manifest; exit 1 when one is not as it was."""
    with plainly():
        if output.exists():
            raise ConfigError([f"{output} is there already; name a new folder"])
        with file.open("rb") as source:
            package = unseal(source, load_key(key), output)
    out.print(f"opened: {output} ({_told(package)})", markup=False)
    out.print("Every file is as the manifest says. Compare the key with the one that the school tells you.")
    for name, why in package.missing.items():
        out.print(f"was not handed over: {name}: {why}", markup=False)
