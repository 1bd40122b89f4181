"""Roll sheets: a headcount on paper, one A4 page a class, for the day when no phone works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from bot.domain.place import Name
from bot.domain.roll_sheet import RollSheet
from integrations.documents.typesetting import to_pdf

TEMPLATE = Path(__file__).with_name("rollsheets.typ")
# What the template's fixed heights have room for: 5.2 mm a pupil in two columns, 6 mm a class on the cover.
PUPILS_A_PAGE = 60
CLASSES_A_PAGE = 36

Item = TypeVar("Item")


class Book(NamedTuple):
    """A printed book and how many pages it has."""

    pdf: bytes
    pages: int


def print_sheets(sheets: Sequence[RollSheet], *, school: Name, printed_on: date, has_cover: bool) -> Book:
    """The sheets in the order given, in one document; the cover is the command centre's list of these classes."""
    data = book_data(sheets, school=school, printed_on=printed_on, has_cover=has_cover)
    pages = len(data["cover"]) + sum(len(sheet["pages"]) for sheet in data["sheets"])
    return Book(to_pdf(TEMPLATE, data), pages)


def book_data(
    sheets: Sequence[RollSheet], *, school: Name, printed_on: date, has_cover: bool
) -> dict[str, Any]:
    """What the template reads: every page already parted, names and numbers as they are."""
    covers = _evenly(sheets, CLASSES_A_PAGE) if has_cover else []
    return {
        "school": school.to_params(),
        "printed_on": printed_on.isoformat(),
        "total": sum(len(sheet.pupils) for sheet in sheets),
        "points": _by_point(sheets),
        "cover": [[_head(sheet) for sheet in page] for page in covers],
        "sheets": [_head(sheet) | {"pages": _pages(sheet)} for sheet in sheets],
    }


def _head(sheet: RollSheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "grade": sheet.grade,
        "zone": sheet.zone and sheet.zone.to_params(),
        "point": sheet.assembly_point and sheet.assembly_point.to_params(),
        "leads": [lead.name.to_params() | {"phone": lead.phone} for lead in sheet.leads],
        "expected": len(sheet.pupils),
    }


def _pages(sheet: RollSheet) -> list[list[dict[str, Any]]]:
    rows = [
        {"place": place, "number": pupil.student_no, "name": pupil.name}
        for place, pupil in enumerate(sheet.pupils, start=1)
    ]
    return _evenly(rows, PUPILS_A_PAGE) or [[]]


def _by_point(sheets: Sequence[RollSheet]) -> list[dict[str, Any]]:
    """Who gathers where, in numbers; classes without a point come last."""
    points = sorted(dict.fromkeys(sheet.assembly_point for sheet in sheets), key=lambda point: point is None)
    gathered = [(point, [s for s in sheets if s.assembly_point == point]) for point in points]
    return [
        {
            "point": point and point.to_params(),
            "classes": len(there),
            "expected": sum(len(sheet.pupils) for sheet in there),
        }
        for point, there in gathered
    ]


def _evenly(items: Sequence[Item], most: int) -> list[list[Item]]:
    """Parts of at most `most`, as equal as can be: no page with a single line."""
    if not items:
        return []
    size = ceil(len(items) / ceil(len(items) / most))
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
