"""Bytes, from a disk or a chat, to roster files."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.roster_file import RosterFile, RowProblem, RowReason
from bot.domain.text import clean_line
from integrations.roster_files.csv_table import read_csv
from integrations.roster_files.rows import read_table
from integrations.roster_files.table import MAX_BYTES, Table, UnreadableError
from integrations.roster_files.xlsx_table import read_xlsx

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def read_path(path: Path, *, timezone: ZoneInfo) -> list[RosterFile]:
    """The file's tables. Duty times are meant in `timezone`. Never raises for what the file holds."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [_refused(path.name, RowReason.CANNOT_READ, error=error.strerror or type(error).__name__)]
    return read(path.name, data, timezone=timezone)


def read(name: str, data: bytes, *, timezone: ZoneInfo) -> list[RosterFile]:
    """One roster file for CSV, one for each filled sheet of a workbook; what it is, its first bytes tell."""
    name = clean_line(name) or "file"
    try:
        tables = _tables(name, data)
    except UnreadableError as error:
        return [_refused(name, error.reason, error.line, **error.values)]
    return [read_table(table, timezone) for table in tables] or [_refused(name, RowReason.EMPTY)]


def _tables(name: str, data: bytes) -> list[Table]:
    if len(data) > MAX_BYTES:
        raise UnreadableError(RowReason.TOO_BIG, limit=f"{MAX_BYTES // 1024 // 1024} MB")
    if data.startswith(_OLE):
        raise UnreadableError(RowReason.OLD_EXCEL)
    if data.startswith(_ZIP):
        return read_xlsx(name, data)
    return [read_csv(name, data)]


def _refused(name: str, reason: RowReason, line: int = 0, **values: str | int) -> RosterFile:
    return RosterFile(name, None, problems=(RowProblem(name, line, reason, values),))
