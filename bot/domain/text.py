"""Foreign text, made safe to keep: what people type and what their phones call themselves."""

from __future__ import annotations

import re
import unicodedata

# Bidi embeddings, overrides and isolates can turn a sentence round on screen; zero-width joiners stay (emoji).
_BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Strip control and bidi characters and replace lone surrogates (SQLite and PostgreSQL refuse them)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", _BIDI.sub("", text))).strip()


def clean_line(text: str) -> str:
    """Like `clean_text`, on one line."""
    return " ".join(clean_text(text).split())


def shorten(text: str, limit: int) -> str:
    """Cut to at most `limit` characters, the last being … when something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def spreadsheet_cell(text: str) -> str:
    """What somebody wrote, for CSV: a spreadsheet must not take it for a formula (OWASP ASVS 5.0, 1.2.10)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text
