"""Reports, digests and reviews: parts in one or two languages, each a list of blocks, to one PDF or its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from integrations.documents.typesetting import PPI, to_pdf, to_png

TEMPLATE = Path(__file__).with_name("paper.typ")
# Tables and bars with names need a page's width.
PHONE_BLOCKS = frozenset({"figures", "columns", "curve"})
# 108 mm, which 360 pixels of a phone's screen show at three for one.
PHONE_PPI = 254.0


def print_paper(parts: Sequence[dict[str, Any]]) -> bytes:
    """The parts one after the other, with page numbers through all of them."""
    return to_pdf(TEMPLATE, {"parts": list(parts)})


def picture_paper(parts: Sequence[dict[str, Any]], *, ppi: float = PPI) -> list[bytes]:
    """The same as one PNG a page."""
    return to_png(TEMPLATE, {"parts": list(parts)}, ppi=ppi)


def picture_phone(part: dict[str, Any]) -> bytes:
    """The part's figures and charts over time as one PNG, 1080 pixels wide, to be read on a phone."""
    shown = {**part, "blocks": [one for one in part["blocks"] if one["block"] in PHONE_BLOCKS]}
    return to_png(TEMPLATE, {"parts": [shown], "phone": True}, ppi=PHONE_PPI)[0]
