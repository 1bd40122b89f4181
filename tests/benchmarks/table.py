"""What a benchmark says: one row a figure, with what it is measured beside and what it has to hold."""

from __future__ import annotations

import math
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("what", "figure", "beside", "hold", "held?")


@dataclass(frozen=True, slots=True)
class Row:
    """`held` None: nothing to hold."""

    what: str
    figure: str
    beside: str = ""
    hold: str = ""
    held: bool | None = None

    def cells(self) -> tuple[str, ...]:
        held = {None: "", True: "yes", False: "NO"}[self.held]
        return self.what, self.figure, self.beside, self.hold, held


def at_most(what: str, value: float, most: float, unit: str, *, beside: str = "", digits: int = 2) -> Row:
    """A row whose figure must not be above `most`."""
    return Row(
        what, f"{value:.{digits}f} {unit}".strip(), beside, f"≤ {most:g} {unit}".strip(), value <= most
    )


def render(rows: Iterable[Row]) -> str:
    """The table as text."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(HEADINGS))]
    rule = tuple("─" * width for width in widths)
    return "\n".join(_line(cells, widths) for cells in (lines[0], rule, *lines[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def p50_p99(seconds: Sequence[float]) -> str:
    """`3.1 / 12.0 ms`."""
    return f"{statistics.median(seconds) * 1000:.1f} / {percentile(seconds, 0.99) * 1000:.1f} ms"
