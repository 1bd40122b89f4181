"""Times as people type them: `07:30`, `明天 7:30`, `下午3:00`, `tomorrow 7:30 pm`, `2026-12-01 07:30`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_MORNING = {hour: hour for hour in range(12)}
_AFTERNOON = {hour: hour + 12 for hour in range(1, 12)} | {hour: hour for hour in range(12, 24)}
# The hour as typed → the hour of the day. What a word leaves open, as 上午12:00 or 晚上2:00, is no time.
_HOURS = {
    "": {hour: hour for hour in range(25)},
    **dict.fromkeys(("凌晨", "早上", "上午"), _MORNING),
    "中午": {11: 11, 12: 12, 1: 13, 2: 14},
    "下午": _AFTERNOON,
    "晚上": {hour: hour + 12 for hour in range(5, 13)} | {hour: hour for hour in range(17, 25)},
    "am": _MORNING | {12: 0},
    "pm": _AFTERNOON,
}
_MIDNIGHT = 24
_DAYS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}
_TIME = re.compile(
    r"(?P<before>凌晨|早上|上午|中午|下午|晚上)?\s*(?<![\d:：])(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?![\d:：])"
    r"(?:\s*(?P<after>[ap])\.?m\.?(?![a-z]))?"
)
_SHORT = re.compile(r"([今明])([早晚])上?")
_DATE = re.compile(r"(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})[日号]?")
_SHIFT = re.compile(r"[+-]\d{1,4}", re.ASCII)
# 29 February comes again within eight years, also around 2100.
_LEAP_YEARS_APART = 8
_HALF_YEAR: Final = timedelta(days=183)


def read_moment(words: str, now: datetime, timezone: ZoneInfo) -> datetime | None:
    """The moment meant, in UTC: without a day the next time that the clock shows it. None for anything else."""
    said = _SHORT.sub(r"\1天\2上", words.strip().casefold())
    clock = _TIME.search(said)
    if clock is None:
        return None
    rest = (said[: clock.start()] + said[clock.end() :]).strip()
    try:
        hour, minute = _hour(clock), int(clock["minute"])
        day = _day(rest, now.astimezone(timezone).date())
        if day is None or hour is None or (hour == _MIDNIGHT and minute):
            return None
        moment = _at(day, hour, minute, timezone)
        return _at(day + timedelta(days=1), hour, minute, timezone) if not rest and moment <= now else moment
    except (ValueError, OverflowError):
        return None


def _hour(clock: re.Match[str]) -> int | None:
    before, after = clock["before"] or "", clock["after"]
    if before and after:
        return None
    return _HOURS[f"{after}m" if after else before].get(int(clock["hour"]))


def _at(day: date, hour: int, minute: int, timezone: ZoneInfo) -> datetime:
    """24:00 is the midnight that ends the day."""
    shown = day + timedelta(days=hour // _MIDNIGHT)
    return datetime.combine(shown, time(hour % _MIDNIGHT, minute), timezone).astimezone(UTC)


def read_day(words: str, today: date, *, is_ahead: bool = False) -> date | None:
    """The day meant: a date, `today`, or so many days from today, `+14`; None for anything else.

    A date without its year is this year's, last year's where that lies more than half a year ahead, or, with
    `is_ahead`, the next that comes.
    """
    said = words.strip().casefold()
    try:
        if _SHIFT.fullmatch(said):
            return today + timedelta(days=int(said))
        match = _DATE.fullmatch(said)
        if is_ahead or match is None or match[1] is not None:
            return _day(said, today) if said else None
        years = range(today.year, today.year - 2, -1)
        return next((day for day in _days(match, years) if day - today <= _HALF_YEAR), None)
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
    if match[1] is not None:
        return date(int(match[1]), int(match[2]), int(match[3]))
    # In December, 01-05 means next year's.
    years = range(today.year, today.year + _LEAP_YEARS_APART + 1)
    return next((day for day in _days(match, years) if day >= today), None)


def _days(match: re.Match[str], years: Iterable[int]) -> Iterator[date]:
    for year in years:
        with suppress(ValueError):
            yield date(year, int(match[2]), int(match[3]))
