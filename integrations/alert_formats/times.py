"""Times as senders write them: any offset or none, fractions of any length, seconds or milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from bot.domain.alert_format import Context

# A device that is further off than this has no time server; NTP holds the others within a second.
CLOCK_TOLERANCE = timedelta(minutes=10)

_LONGEST = 64
_WRITTEN = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s*(Z|[+-]\d{1,2}(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d{1,2}?):?(\d\d)?$", re.ASCII)
_MILLISECONDS_FROM = 100_000_000_000


def read_time(value: Any, zone: tzinfo) -> datetime | None:
    """A moment, aware; None for what is none, and for 0001-01-01, which means "not yet". Lacks an offset: `zone`."""
    match value:
        case bool():
            return None
        case int() | float():
            return _since_epoch(value)
        case str() if len(value) <= _LONGEST:
            text = value.strip()
            return _since_epoch(float(text)) if _is_number(text) else _written(text, zone)
        case _:
            return None


def device_times(at: datetime | None, context: Context) -> tuple[datetime | None, datetime | None]:
    """A device's time as (start, doubtful time): the second when its clock cannot be right."""
    if at is None or abs(at - context.received_at) <= CLOCK_TOLERANCE:
        return at, None
    return None, at


def past_times(at: datetime | None, context: Context) -> tuple[datetime | None, datetime | None]:
    """Like `device_times`, of a sender whose alerts may be old: only the future is doubtful."""
    if at is None or at - context.received_at <= CLOCK_TOLERANCE:
        return at, None
    return None, at


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{9,13}(\.\d{0,12})?", text, re.ASCII) is not None


def _since_epoch(seconds: float) -> datetime | None:
    try:
        if abs(seconds) >= _MILLISECONDS_FROM:
            seconds = seconds / 1000
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return _in_our_age(at)


def _written(text: str, zone: tzinfo) -> datetime | None:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.group(1, 2, 3, 4, 5))
    second = min(int(found[6] or 0), 59)  # a leap second
    micro = int((found[7] or "").ljust(6, "0")[:6])
    try:
        at = datetime(year, month, day, hour, minute, second, micro, _offset(found[8], zone))
    except ValueError:
        return None
    return _in_our_age(at)


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    """`-8:00` is seen from real cameras, and `+0800`."""
    if not text:
        return zone
    found = _OFFSET.match(text)
    if found is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)


def _in_our_age(at: datetime) -> datetime | None:
    return at if 1970 <= at.year <= 2199 else None  # noqa: PLR2004  # as bot/domain/alert.py
