"""A typst template and plain data, to a PDF or to pictures of its pages. Typst loads on first use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typst import Fonts

# Typst reads a page's measures in points of 1/72 inch.
PPI = 72.0


def has_fonts() -> bool:
    """Whether the Chinese font is installed."""
    try:
        _fonts()
    except (ImportError, OSError):
        return False
    return True


def to_pdf(template: Path, data: Any) -> bytes:
    """The document as PDF 1.7. `data` is anything that JSON holds; the template reads it from `sys.inputs.data`.

    Untagged: structure tags make a school's book of tables sixteen times as large.
    """
    import typst  # noqa: PLC0415 - 30 MB that only printing needs

    return typst.compile(
        template, font_paths=_fonts(), sys_inputs=_inputs(data), format="pdf", pdf_tags=False
    )


def to_png(template: Path, data: Any, *, ppi: float = PPI) -> list[bytes]:
    """The same document as one PNG a page."""
    import typst  # noqa: PLC0415 - as above

    pages: bytes | list[bytes] = typst.compile(
        template, font_paths=_fonts(), sys_inputs=_inputs(data), format="png", ppi=ppi
    )
    return [pages] if isinstance(pages, bytes) else pages


def _inputs(data: Any) -> dict[str, str]:
    return {"data": json.dumps(data, ensure_ascii=False)}


@cache
def _fonts() -> Fonts:
    """Noto Sans CJK alone: a sheet looks the same on every machine, whatever is installed there."""
    from noto_cjk_sans_otc import FONT_PATH  # noqa: PLC0415 - as above
    from typst import Fonts  # noqa: PLC0415 - as above

    return Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(Path(str(FONT_PATH)).parent)],
    )
