"""Times as people type them: `07:30`, `明天 7:30`, `tomorrow 07:30`, `12-01 07:30`, `2026-12-01 07:30`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"(?<![\d:：])(\d{1,2})[:：](\d{2})(?![\d:：])")
_DATE = re.compile(r"(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})日?")
_DAYS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}
_SHIFT = re.compile(r"[+-]\d{1,4}", re.ASCII)


def read_moment(words: str, now: datetime, timezone: ZoneInfo) -> datetime | None:
    """The moment meant, in UTC: without a day the next time that the clock shows it. None for anything else."""
    said = words.strip().casefold()
    clock = _TIME.search(said)
    if clock is None:
        return None
    rest = (said[: clock.start()] + said[clock.end() :]).strip()
    try:
        at = time(int(clock[1]), int(clock[2]))
        day = _day(rest, now.astimezone(timezone).date())
    except ValueError:
        return None
    if day is None:
        return None
    moment = datetime.combine(day, at, timezone).astimezone(UTC)
    return moment + timedelta(days=1) if not rest and moment <= now else moment


def read_day(words: str, today: date, *, is_ahead: bool = False) -> date | None:
    """The day meant: a date, `today`, or so many days from today, `+14`; None for anything else.

    A date without its year is this year's, or, with `is_ahead`, the next that comes.
    """
    said = words.strip().casefold()
    try:
        if _SHIFT.fullmatch(said):
            return today + timedelta(days=int(said))
        match = _DATE.fullmatch(said)
        if is_ahead or match is None or match[1] is not None:
            return _day(said, today) if said else None
        return date(today.year, int(match[2]), int(match[3]))
    except (ValueError, OverflowError):
        return None


def _day(words: str, today: date) -> date | None:
    if not words:
        return today
    if words in _DAYS:
        return today + timedelta(days=_DAYS[words])
    match = _DATE.fullmatch(words)
    if match is None:
        return None
    day = date(int(match[1] or today.year), int(match[2]), int(match[3]))
    # In December, 01-05 means next year's.
    return day.replace(year=today.year + 1) if match[1] is None and day < today else day
