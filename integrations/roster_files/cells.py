"""What one cell says: text, a day, a moment."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.text import clean_line
from integrations.roster_files.table import Cell

_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_DATE = re.compile(rf"{_DAY}|(\d{{4}})(\d{{2}})(\d{{2}})")
_MOMENT = re.compile(rf"{_DAY}[T ]*(\d{{1,2}}):(\d{{2}})(?::\d{{2}}(?:\.0+)?)?")
_BETWEEN = re.compile(r"[;；、,，\n]")
# Excel keeps 15 digits of a number; what is longer has lost its end.
_EXACT = 10**15
_SHORTENED = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")
# What Excel makes of a class called 7-3.
_MADE_A_DATE = re.compile(r"\d{1,2}月\d{1,2}日|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{1,2}")
_YEARS = range(2000, 2101)


def text_of(cell: Cell) -> str:
    """One clean line; 1001.0 is 1001, a day is 2026-11-23."""
    match cell:
        case float():
            return str(int(cell)) if cell.is_integer() else str(cell)
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes")
        case date():
            return cell.isoformat()
    return clean_line(cell)


def items_of(cell: Cell) -> list[str]:
    """The parts of a list: `7-1;7-2`."""
    text = cell if isinstance(cell, str) else text_of(cell)
    return list(dict.fromkeys(part for each in _BETWEEN.split(text) if (part := clean_line(each))))


def is_made_a_date(cell: Cell) -> bool:
    """Whether Excel has turned what was a name into a day."""
    return isinstance(cell, date) or (isinstance(cell, str) and bool(_MADE_A_DATE.fullmatch(cell.strip())))


def is_shortened(cell: Cell) -> bool:
    """Whether Excel has cut digits off."""
    if isinstance(cell, float):
        return abs(cell) >= _EXACT
    return isinstance(cell, str) and bool(_SHORTENED.fullmatch(cell.strip()))


def date_of(cell: Cell) -> date | None:
    """The day, or None when the cell names none."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell if cell.year in _YEARS else None
    match = _DATE.fullmatch(_narrow(cell))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def moment_of(cell: Cell, timezone: ZoneInfo) -> datetime | None:
    """The minute in the school's zone, or None when the cell names none; 24:00 is the next midnight."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=timezone) if cell.year in _YEARS else None
    match = _MOMENT.fullmatch(_narrow(cell))
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups())
    extra = timedelta(days=1) if (hour, minute) == (24, 0) else timedelta()
    try:
        naive = datetime(year, month, day, 0 if extra else hour, minute, tzinfo=timezone)
    except ValueError:
        return None
    return naive + extra if year in _YEARS else None


def midnight(day: date, timezone: ZoneInfo) -> datetime:
    """When the day begins at the school."""
    return datetime.combine(day, time(), tzinfo=timezone)


def _narrow(cell: Cell) -> str:
    return unicodedata.normalize("NFKC", text_of(cell))
