"""Bytes to text: devices declare one encoding and send another, and an alarm must not be lost over a name."""

from __future__ import annotations

import codecs

from bot.domain.alert_format import AlertFlaw, AlertFormatError

# DESIGN.md, section 3: 413 over 256 KiB; pictures have a cap of their own.
MAX_TEXT_BYTES = 256 * 1024

# Only what a table or a plain rule decodes; Python also knows codecs that run escapes or compress.
_KNOWN = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-16",
    "iso-8859-1": "cp1252",  # as browsers do: the two differ only where ISO-8859-1 has controls
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-15": "iso-8859-15",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
}


def read_text(data: bytes, declared: str = "") -> str:
    """The text of `data`, never empty. A mark beats what is declared, and what fails is tried as UTF-8, GB18030."""
    if len(data) > MAX_TEXT_BYTES:
        raise AlertFormatError(AlertFlaw.TOO_BIG, limit=MAX_TEXT_BYTES)
    text = _decode(data, _KNOWN.get(declared.strip().lower(), "utf-8")).lstrip("\ufeff").strip()
    if not text:
        raise AlertFormatError(AlertFlaw.EMPTY)
    return text


def _decode(data: bytes, declared: str) -> str:
    if data.startswith(codecs.BOM_UTF8):
        declared = "utf-8"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        declared = "utf-16"
    for codec in (declared, "utf-8", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")
