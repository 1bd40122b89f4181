"""A whole Muster in one encrypted file, and back into an empty place; of either kind of database.

Inside: every table, and the pictures beside the database (the vault still encrypted as it is, with the wrapped key
of each picture). Not inside: `school.toml` with its secrets, and the
key files (the pictures' master key, the audit log's signing key, the backup's own), which are copied once and kept
elsewhere. So a backup and its key give nobody the camera pictures, and nobody can sign a log with them.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from sqlalchemy import Table

from bot.domain.snapshot import PICTURE_FOLDERS
from bot.errors import BackupError, StorageError
from bot.storage.archive import Sealing, Unsealing
from bot.storage.database import Database
from bot.storage.dump import put_rows, rows_of, tables_of, take_over_ids
from bot.storage.key_file import sync_folder, write_private
from bot.storage.restored import Unsettled, settle_restored
from bot.storage.transaction import Transaction

BACKUP_FACT: Final = "backup:made_at"
_MANIFEST: Final = "manifest.json"
_END: Final = "end.json"
_TABLES: Final = "tables"
_FILES: Final = "files"
# What is not older may still matter to somebody; the rest would only alarm people about yesterday.
FRESH: Final = timedelta(minutes=15)
_LARGEST: Final = 256 * 1024 * 1024


@dataclass
class Summary:
    """What is in a backup: rows by table, files; and after a restore, what may have been sent since.

    `is_noted`: whether the database knows that it was made.
    """

    made_at: datetime
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    unsettled: Unsettled | None = None
    is_noted: bool = True

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(self.rows.values())


def require_place(target: Path) -> None:
    """BackupError when a backup cannot be written there."""
    if target.exists():
        raise BackupError(f"{target} is there already; a backup replaces nothing")
    if not target.parent.is_dir():
        raise BackupError(f"the folder {target.parent} does not exist: make it first, or name another")


def back_up(database: Database, target: Path, key: bytes, *, now: datetime) -> Summary:
    """Write one state of the database, also while it is in use; whole or not at all.

    BackupError when the file is there already, or its folder is not.
    """
    require_place(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            summary = database.read_now(_write, database, file, key, now)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
    try:
        database.write_now(lambda tx: tx.facts.set(BACKUP_FACT, now.isoformat()))
    except StorageError:
        summary.is_noted = False  # locked or full, but the backup is whole
    return summary


def restore(database: Database, source: BinaryIO, key: bytes, *, now: datetime) -> Summary:
    """Bring it back into an empty place, whole or not at all; then nothing old is sent again.

    Pictures that are there already and the same stay. BackupError when there is anything else, or the backup is
    damaged, or its log's chain is broken.
    """
    if database.exists():
        raise BackupError(
            f"there is a database already at {database}: a restore replaces nothing. Name another, or move this one "
            "away (a file with its -wal and -shm); leave every *.key file where it is"
        )
    written: list[Path] = []
    try:
        return database.fill_new(_read, Unsealing(source, key), database, written, now)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


# ── out ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _write(tx: Transaction, database: Database, file: BinaryIO, key: bytes, now: datetime) -> Summary:
    database.driver.take_time(tx.connection)
    summary = Summary(now)
    sealing = Sealing(file, key)
    with tarfile.open(fileobj=cast("Any", sealing), mode="w|gz") as tar:
        tables = tables_of(tx.connection)
        version = tx.connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        add_entry(tar, _MANIFEST, json.dumps({"version": version, "made_at": now.isoformat()}).encode())
        for table in tables:
            summary.rows[table.name] = 0
            for number, page in enumerate(rows_of(tx.connection, table)):
                head = json.dumps(table.c.keys()).encode() + b"\n"
                add_entry(tar, f"{_TABLES}/{table.name}/{number:06}.jsonl", head + page)
                summary.rows[table.name] += len(page.splitlines())
        for path in _kept_files(database.folder):
            with suppress(FileNotFoundError):  # erased meanwhile; its row says so
                add_entry(tar, f"{_FILES}/{path.relative_to(database.folder)}", path.read_bytes())
                summary.files += 1
        add_entry(tar, _END, json.dumps(summary.rows).encode())
    sealing.finish()
    return summary


def _kept_files(folder: Path) -> Iterator[Path]:
    """The pictures; what else lies there may be a key or the school's settings."""
    for name in sorted(PICTURE_FOLDERS):
        for path in sorted((folder / name).glob("**/*")):
            if path.is_file() and not path.is_symlink() and not path.name.endswith(".part"):
                yield path


def add_entry(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    """One file of an archive."""
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(data))


# ── back ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _read(
    tx: Transaction, source: Unsealing, database: Database, written: list[Path], now: datetime
) -> Summary:
    database.driver.take_time(tx.connection)
    entries = entries_of(source)
    name, data = next(entries, ("", b""))
    if name != _MANIFEST:
        raise BackupError("this is no backup of Muster")
    manifest = json.loads(data)
    database.make_tables(tx, version=str(manifest["version"]))
    tables = {table.name: table for table in tables_of(tx.connection)}
    summary = Summary(datetime.fromisoformat(manifest["made_at"]), dict.fromkeys(tables, 0))
    incoming = _Incoming(tx, tables, summary, database.folder, written)
    incoming.take(entries)
    incoming.require_nothing_else()
    take_over_ids(tx.connection, tables.values())
    database.make_tables(tx)
    broken = tx.audit.first_broken()
    if broken is not None:
        raise BackupError(f"the audit log in this backup is broken at row {broken}")
    summary.unsettled = settle_restored(tx, made_at=summary.made_at, now=now, fresh_since=now - FRESH)
    details = {"made_at": summary.made_at.isoformat(), "rows": summary.total, "files": summary.files}
    tx.audit.append("restored", at=now, actor="shell", details=details)
    return summary


@dataclass
class _Incoming:
    """What comes out of a backup, on its way to its places."""

    tx: Transaction
    tables: dict[str, Table]
    summary: Summary
    folder: Path
    written: list[Path]
    _kept: set[Path] = field(default_factory=set)

    def take(self, entries: Iterator[tuple[str, bytes]]) -> None:
        """All of it, up to the end that says how much it was."""
        for name, data in entries:
            path = PurePosixPath(name)
            if name == _END:
                if json.loads(data) != self.summary.rows:
                    raise BackupError("the backup does not hold what it says it holds")
                return
            if path.parts[0] == _TABLES:
                self._rows(path.parts[1], data)
            # Earlier versions also took what else lay in folders.
            elif path.parts[0] == _FILES and {*path.parts[1:2]} <= PICTURE_FOLDERS:
                self._file(path, data)
        raise BackupError("the backup was cut off")

    def require_nothing_else(self) -> None:
        """A picture that the backup does not know would lie there for ever: nobody could read or erase it."""
        other = next((path for path in _kept_files(self.folder) if path not in self._kept), None)
        if other is not None:
            raise _in_the_way(other, self.folder)

    def _file(self, path: PurePosixPath, data: bytes) -> None:
        target = _place_of(self.folder, path)
        if not target.exists():
            _keep_file(target, data)
            self.written.append(target)
        elif target.read_bytes() != data:
            raise _in_the_way(target, self.folder)
        self._kept.add(target)
        self.summary.files += 1

    def _rows(self, name: str, data: bytes) -> None:
        head, *lines = data.splitlines()
        table = self.tables.get(name)
        if table is None:
            raise BackupError(f"this version of Muster has no table {name}")
        self.summary.rows[name] += put_rows(self.tx.connection, table, json.loads(head), lines)


def entries_of(source: Unsealing) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in an archive, in its order. BackupError when it cannot be read."""
    try:
        with tarfile.open(fileobj=cast("Any", source), mode="r|gz") as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                if file is None or entry.size > _LARGEST:
                    raise BackupError("this is no backup of Muster")
                yield entry.name, file.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"the backup cannot be read: {error}") from error


def _place_of(folder: Path, path: PurePosixPath) -> Path:
    parts = path.parts[1:]
    if not parts or ".." in parts:
        raise BackupError("this is no backup of Muster")
    return folder.joinpath(*parts)


def _keep_file(target: Path, data: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(target, data)
    sync_folder(target.parent)


def _in_the_way(path: Path, folder: Path) -> BackupError:
    aside = folder / path.relative_to(folder).parts[0]
    return BackupError(
        f"{path} is there already and not as it is in the backup: a restore replaces nothing. Move {aside} away; "
        "leave every *.key file where it is"
    )
