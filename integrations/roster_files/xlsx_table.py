"""XLSX by calamine, from a copy that holds no more than was looked through."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, timedelta
from datetime import time as time_of_day
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bot.domain.roster_file import RowReason
from bot.domain.text import clean_line
from integrations.roster_files.table import MAX_ROWS, Cell, Line, Table, UnreadableError
from integrations.roster_files.xlsx_bounds import repack


def read_xlsx(name: str, data: bytes) -> list[Table]:
    """Every visible sheet that is not empty. UnreadableError when it is too large or damaged."""
    workbook = repack(data)
    try:
        return _read(name, workbook)
    except UnreadableError:
        raise
    except BaseException as error:
        # a Rust panic arrives as a BaseException of pyo3's that cannot be imported
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise UnreadableError(RowReason.BROKEN_XLSX, error=_first_line(error)) from None
        raise


def _read(name: str, workbook: bytes) -> list[Table]:
    tables: list[Table] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(workbook)) as book:
        for sheet in book.sheets_metadata:
            if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
                continue
            lines = _lines(book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False))
            if lines:
                tables.append(Table(f"{name} [{clean_line(sheet.name)}]", "XLSX", lines, is_ragged=False))
    return tables


def _lines(rows: Iterable[list[Any]]) -> list[Line]:
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(value) for value in row]
        if any(cell.strip() if isinstance(cell, str) else True for cell in cells):
            lines.append(Line(number, cells))
        if len(lines) > MAX_ROWS + 1:
            raise UnreadableError(RowReason.TOO_MANY_ROWS, limit=MAX_ROWS)
    return lines


def _cell(value: Any) -> Cell:
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return float(value)
        case date() | str():
            return value
        case time_of_day() | timedelta():
            return str(value)
        case _:
            return "" if value is None else str(value)


def _first_line(error: BaseException) -> str:
    return clean_line(str(error).partition("\n")[0]) or type(error).__name__
