"""The book of plans on paper: an overview with the telephone numbers, then a page or more for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from integrations.documents.typesetting import to_pdf

TEMPLATE = Path(__file__).with_name("plans.typ")


def print_plans(book: Mapping[str, Any], *, printed_on: date) -> bytes:
    """The PDF. `book`: its words in both languages, as `bot/messages/plan_book.py` writes them."""
    return to_pdf(TEMPLATE, {**book, "printed_on": printed_on.isoformat()})
