"""JSON of strangers: strict where a document could mean two things, bounded in depth and number of values."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from bot.domain.alert_format import AlertFlaw, AlertFormatError
from bot.domain.text import clean_line, shorten
from integrations.alert_formats.text_body import read_text

MAX_DEPTH = 64
MAX_VALUES = 30_000
_SHOWN = 60


def read_json(data: bytes) -> Any:
    """The document. Refused: NaN and Infinity, a key twice in one object, too deep, too many values."""
    return parse_json(read_text(data))


def parse_json(text: str) -> Any:
    """Like `read_json`, for text."""
    # every value but the first stands behind one of these; counting is free, making 100,000 lists is not
    if sum(text.count(mark) for mark in ",[{") > MAX_VALUES:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_VALUES)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse_number
        )
    except RecursionError:
        raise AlertFormatError(AlertFlaw.TOO_DEEP, limit=MAX_DEPTH) from None
    except ValueError:  # JSONDecodeError, and whole numbers of more than 4,300 digits
        raise AlertFormatError(AlertFlaw.NOT_JSON) from None
    _check_size(value)
    return value


def object_of(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def said(value: Any) -> str:
    """A text, number or truth value as text; null, lists and objects as an empty text."""
    match value:
        case str():
            return value.strip()
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return ""


def first_said(source: dict[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := said(source.get(name)))), "")


def quoted(text: str) -> str:
    """A stranger's word, fit for an error's params."""
    return shorten(clean_line(text[: 2 * _SHOWN]), _SHOWN)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise AlertFormatError(AlertFlaw.DUPLICATE_KEY, key=quoted(twice))
    return made


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        _refuse_number(literal)
    return number


def _refuse_number(literal: str) -> NoReturn:
    raise AlertFormatError(AlertFlaw.NOT_A_NUMBER, value=quoted(literal))


def _check_size(value: Any) -> None:
    level, values = [value], 0
    for _ in range(MAX_DEPTH + 1):
        values += len(level)
        if values > MAX_VALUES:
            raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_VALUES)
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise AlertFormatError(AlertFlaw.TOO_DEEP, limit=MAX_DEPTH)
