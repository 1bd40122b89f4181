"""The access register on paper, for an inspection: A4 across, the law's four columns, who did what beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.domain.place import Name
from integrations.documents.typesetting import to_pdf

TEMPLATE: Final = Path(__file__).with_name("register.typ")
HASH_SHOWN: Final = 12
"""Digits of a hash on paper: enough to find the line again; the CSV has them all."""
TIME_SHOWN: Final = len("2026-11-29 14:30:00")


def print_register(
    rows: Sequence[Mapping[str, str]], *, school: Name, begin: str, end: str, printed_at: str
) -> bytes:
    """`rows` as `services.register.export_register` gives them; `begin`, `end`, `printed_at` as people write them."""
    data = {
        "school": school.to_params(),
        "begin": begin,
        "end": end,
        "printed_at": printed_at,
        "rows": [_cells(row) for row in rows],
    }
    return to_pdf(TEMPLATE, data)


def _cells(row: Mapping[str, str]) -> list[str]:
    number, at, *rest, digest = row.values()
    return [number, at[:TIME_SHOWN], *rest, digest[:HASH_SHOWN]]
