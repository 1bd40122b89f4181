"""A workbook is a zip of XML: look through all of it with a bounded reader, and pack what was seen again.

calamine believes the zip's numbers, allocates all cells between the first and the last used one, copies a
shared text into each cell that names it. So a file of some kilobytes could ask for gigabytes; not past here.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from bot.domain.roster_file import RowReason
from integrations.roster_files.table import MAX_COLUMNS, MAX_ROWS, UnreadableError

MAX_UNPACKED = 100 * 1024 * 1024
MAX_ENTRIES = 2_000
# calamine allocates the whole rectangle.
MAX_CELLS = 3_000_000
# Excel's own limit for the text of one cell.
MAX_TEXT = 32_767
MAX_SHARED_TEXT = 200 * 1024 * 1024
_ROW = re.compile(r"[0-9]{1,9}")
_MB = 1024 * 1024


def repack(data: bytes) -> bytes:
    """The same workbook, stored plainly, of tables' size. UnreadableError when it is more than that."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _repack(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise UnreadableError(RowReason.BROKEN_XLSX, error=str(error) or type(error).__name__) from None


def _repack(archive: zipfile.ZipFile) -> bytes:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or len(entries) > MAX_ENTRIES:
        raise UnreadableError(RowReason.TOO_BIG, limit=f"{MAX_UNPACKED // _MB} MB unpacked")
    bounds = _Bounds()
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as copy:
        for name in dict.fromkeys(entry.filename for entry in entries):
            # never more than the declared size, and BadZipFile when the checksum differs
            content = archive.read(name)
            if _is_xml(name):
                bounds.look_through(content)
            if _is_read_by_calamine(name):
                copy.writestr(name, content)
    bounds.settle()
    return result.getvalue()


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _is_read_by_calamine(name: str) -> bool:
    return _is_xml(name) and "/media/" not in name


class _Bounds:
    """Counts over all XML of one workbook."""

    def __init__(self) -> None:
        self.cells = 0
        self.texts = 0
        self.longest = 0

    def look_through(self, content: bytes) -> None:
        """Count one XML part. UnreadableError for one that is damaged, or wider or longer than a roster."""
        parser = expat.ParserCreate()
        part = _Part()
        parser.StartElementHandler = part.start
        parser.EndElementHandler = part.end
        parser.CharacterDataHandler = part.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise UnreadableError(RowReason.BROKEN_XLSX, error=str(error)) from None
        self.cells += part.cells
        self.texts += part.shared
        self.longest = max(self.longest, part.longest)

    def settle(self) -> None:
        """UnreadableError when the parts together are too much."""
        if self.cells > MAX_CELLS or self.texts * self.longest > MAX_SHARED_TEXT or self.longest > MAX_TEXT:
            raise UnreadableError(RowReason.TOO_BIG, limit=f"{MAX_CELLS} cells of some words")


class _Part:
    def __init__(self) -> None:
        self.cells = self.shared = self.longest = self._length = 0
        self._row = self._column = self._bottom = self._right = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self._row, self._column = _number(attributes.get("r"), self._row + 1), 0
            case "c":
                self._place(attributes)
            case "si" | "is" | "v" | "f" as content:
                self._length = 0
                if content != "si":
                    self._fill()

    def _place(self, attributes: dict[str, str]) -> None:
        self.shared += attributes.get("t") == "s"
        place = attributes.get("r", "")
        letters = place.rstrip("0123456789")
        self._column = _column(letters) if letters else self._column + 1
        self._row = _number(place[len(letters) :], self._row)

    def _fill(self) -> None:
        self.cells += 1
        self._bottom, self._right = max(self._bottom, self._row), max(self._right, self._column)
        # room for titles and for what people leave empty
        if self._bottom > MAX_ROWS * 2:
            raise UnreadableError(RowReason.TOO_MANY_ROWS, limit=MAX_ROWS)
        if self._right > MAX_COLUMNS or self._bottom * self._right > MAX_CELLS:
            raise UnreadableError(RowReason.TOO_BIG, limit=f"{MAX_COLUMNS} columns or {MAX_CELLS} cells")

    def text(self, text: str) -> None:
        self._length += len(text)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] in {"si", "is", "v"}:
            self.longest = max(self.longest, self._length)
            self._length = 0


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and _ROW.fullmatch(text) else otherwise


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError(RowReason.BROKEN_XLSX, error="it declares a document type")
