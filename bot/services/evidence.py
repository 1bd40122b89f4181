"""The evidence of an incident for the police: its record, the register, and the cameras' own pictures in one file.

The format is a backup's: a tar under AES-256-GCM whose key goes another way than the file. Its last entry says the
SHA-256 of every other one; the school signs that.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from bot.domain.signature import is_genuine
from bot.domain.snapshot import Act, Part, RegisterEntry, Snapshot
from bot.errors import BackupError, VaultError
from bot.services.backing_up import add_entry, entries_of
from bot.services.register import as_csv, enter_export, rows_of
from bot.services.signing import Signer, fingerprint
from bot.storage.archive import Sealing, Unsealing
from bot.storage.key_file import sync_folder, write_private
from bot.storage.transaction import Transaction
from bot.storage.vault import Label, Vault

MANIFEST: Final = "manifest.json"
REGISTER: Final = "register.csv"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who takes it over and why: what State Council Order 799 art. 16(3) asks for besides the content."""

    unit: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to hand over, with the wrapped key of its original; None when it was erased meanwhile."""

    snapshot: Snapshot
    wrapped_key: bytes | None

    @property
    def file_name(self) -> str:
        """By its number in the register."""
        return f"originals/{self.snapshot.id}-{self.snapshot.camera_id}.jpg"


@dataclass
class Package:
    """What was written or opened. `missing`: files that could not be handed over, with the reason."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    signed_by: str = ""


def collect(
    tx: Transaction, incident_id: int, recipient: Recipient, *, at: datetime, zone: tzinfo
) -> tuple[bytes, list[Picture]]:
    """The register's lines of this incident and its pictures; each handed-out picture becomes a line itself.

    Entered before the file is written: one that then fails is on record as handed out, never the other way round.
    """
    pictures = [
        Picture(one, tx.snapshots.key(one.id, Part.ORIGINAL)) for one in tx.snapshots.of_incident(incident_id)
    ]
    for picture in pictures:
        snapshot = picture.snapshot
        line = RegisterEntry(
            at,
            Act.EXPORT,
            snapshot.camera_id,
            name=recipient.name,
            unit=recipient.unit,
            reason=recipient.reason,
            content=f"证据包 {picture.file_name}",
            snapshot_id=snapshot.id,
            incident_id=incident_id,
            sha256=snapshot.original_sha256,
        )
        enter_export(tx, line)
    lines = rows_of(tx.register.of_incident(incident_id), zone)
    details = {"unit": recipient.unit, "reason": recipient.reason, "pictures": len(pictures)}
    tx.audit.append("export evidence", at=at, actor="shell", subject=str(incident_id), details=details)
    return as_csv(lines), pictures


def seal(
    target: Path,
    key: bytes,
    files: Mapping[str, bytes],
    pictures: list[Picture],
    *,
    vault: Vault | None,
    signer: Signer | None,
    about: Mapping[str, Any],
) -> Package:
    """Write the package, whole or not at all. BackupError when the name is taken."""
    if target.exists():
        raise BackupError(f"{target} is there already; an evidence package replaces nothing")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            package = _write(file, key, _contents(files, pictures, vault), signer, about)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return package


def _contents(
    files: Mapping[str, bytes], pictures: list[Picture], vault: Vault | None
) -> Iterator[tuple[str, bytes | str]]:
    """Name and content, or why there is none."""
    yield from files.items()
    for picture in pictures:
        yield picture.file_name, _original(picture, vault)


def _original(picture: Picture, vault: Vault | None) -> bytes | str:
    if vault is None:
        return "the pictures' key file is not on this machine"
    if picture.wrapped_key is None:
        return "erased by the retention rule"
    try:
        return vault.read(Label.of(picture.snapshot, Part.ORIGINAL), picture.wrapped_key)
    except VaultError as error:
        return str(error)


def _write(
    file: BinaryIO,
    key: bytes,
    contents: Iterator[tuple[str, bytes | str]],
    signer: Signer | None,
    about: Mapping[str, Any],
) -> Package:
    package, sealing = Package(), Sealing(file, key)
    with tarfile.open(fileobj=cast("Any", sealing), mode="w|gz") as tar:
        for name, content in contents:
            if isinstance(content, str):
                package.missing[name] = content
                continue
            add_entry(tar, name, content)
            package.files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        manifest = {**about, "files": package.files, "missing": package.missing}
        signed = signer.sign(manifest) if signer else manifest
        add_entry(tar, MANIFEST, json.dumps(signed, ensure_ascii=False, indent=2).encode())
    sealing.finish()
    package.signed_by = fingerprint(signer.public_key) if signer else ""
    return package


def unseal(source: BinaryIO, key: bytes, folder: Path) -> Package:
    """Open a package into a new folder and compare every file with the manifest. BackupError says what is wrong.

    What was written before something turned out wrong is removed again: half a package proves nothing.
    """
    written: list[Path] = []
    try:
        return _read(Unsealing(source, key), folder, written)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()
        raise


def _read(source: Unsealing, folder: Path, written: list[Path]) -> Package:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found: dict[str, str] = {}
    for name, data in entries_of(source):
        _keep(folder, name, data, written)
        if name == MANIFEST:
            return _compared(json.loads(data), found)
        found[name] = hashlib.sha256(data).hexdigest()
    raise BackupError("this is no evidence package, or it was cut off: it has no manifest at its end")


def _keep(folder: Path, name: str, data: bytes, written: list[Path]) -> None:
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        raise BackupError("this is no evidence package of Muster")
    target = folder.joinpath(*parts)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_private(target, data)
    except FileExistsError:
        raise BackupError(f"{target} is there already; open the package into a new folder") from None
    written.append(target)


def _compared(manifest: dict[str, Any], found: Mapping[str, str]) -> Package:
    told = {name: one["sha256"] for name, one in manifest["files"].items()}
    if told != found:
        wrong = sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))
        raise BackupError(f"not what the manifest says: {', '.join(wrong)}")
    if "signature" in manifest and not is_genuine(manifest):
        raise BackupError("the signature of the manifest is not genuine")
    signed_by = fingerprint(manifest["public_key"]) if "signature" in manifest else ""
    return Package(manifest["files"], manifest["missing"], signed_by)
