"""The codes of the patrol on paper: one point a half page, to be cut and hung up there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno

from bot.domain.place import Name
from integrations.documents.typesetting import to_pdf

TEMPLATE = Path(__file__).with_name("patrols.typ")


@dataclass(frozen=True)
class PatrolPoint:
    """A place, and the link that its code holds."""

    name: Name
    link: str


def print_patrols(points: Sequence[PatrolPoint], *, school: Name, per_day: int) -> bytes:
    """The PDF."""
    told: list[Mapping[str, object]] = [
        {**point.name.to_params(), "code": segno.make(point.link, error="q").svg_inline(border=0)}
        for point in points
    ]
    return to_pdf(TEMPLATE, {"school": school.to_params(), "points": told, "per_day": per_day})
