"""A file's cells before they mean anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.roster_file import RowReason

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 256
# Who has so many has one cause for all; the rest can wait.
MAX_PROBLEMS = 1_000

# Excel tells numbers and dates apart from text; a CSV file has only text.
Cell = str | float | date | datetime


@dataclass(frozen=True)
class Line:
    """One row and its number as an editor or Excel shows it."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """One CSV file or one sheet. `is_ragged`: its rows can differ in width."""

    name: str
    encoding: str
    lines: Sequence[Line]
    is_ragged: bool = True


class UnreadableError(Exception):
    """The file is no table. `line` is 0 for the whole file."""

    def __init__(self, reason: RowReason, *, line: int = 0, **values: str | int) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.line = line
        self.values = values
