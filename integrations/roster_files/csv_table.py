"""CSV: UTF-8, UTF-16 with its mark, or GB18030; commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from bot.domain.roster_file import RowReason
from integrations.roster_files.columns import recognise
from integrations.roster_files.table import MAX_COLUMNS, MAX_ROWS, Line, Table, UnreadableError

# A title or two may stand above the heading.
HEADING_WITHIN = 5
_DELIMITERS = (",", ";", "\t")


def read_csv(name: str, data: bytes) -> Table:
    """The file's lines. UnreadableError when it is not text, or its quotes do not close."""
    text, encoding = decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[Line] = []
    try:
        for line in _lines(text, _delimiter(text)):
            if len(lines) > MAX_ROWS:
                raise UnreadableError(RowReason.TOO_MANY_ROWS, limit=MAX_ROWS)
            lines.append(line)
    except csv.Error as error:
        number = lines[-1].number + 1 if lines else 1
        raise UnreadableError(RowReason.BAD_QUOTES, line=number, error=str(error)) from None
    return Table(name, encoding, lines)


def decode(data: bytes) -> tuple[str, str]:
    """The text and how it was read. No guessing: short files mislead guessers, and UTF-8 proves itself."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = [("utf-16", "UTF-16")]
    else:
        attempts = [("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")]
    for codec, encoding in attempts:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise UnreadableError(RowReason.NOT_TEXT)


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    # strict: a quote that never closes would else swallow the rest of the file into one cell
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    number = 1
    for cells in reader:
        if len(cells) > MAX_COLUMNS:
            raise UnreadableError(RowReason.TOO_BIG, line=number, limit=f"{MAX_COLUMNS} columns")
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)
        number = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The separator by which most headings are understood; else the one that cuts most."""
    return max(_DELIMITERS, key=lambda delimiter: _score(text, delimiter))


def _score(text: str, delimiter: str) -> tuple[int, int]:
    lines: list[list[str]] = []
    with suppress(csv.Error, UnreadableError):
        lines.extend(
            [str(cell) for cell in line.cells] for line in islice(_lines(text, delimiter), HEADING_WITHIN)
        )
    headers = [recognise(cells) for cells in lines]
    known = max((len(header.at) for header in headers if header), default=0)
    return known, max(map(len, lines), default=0)
