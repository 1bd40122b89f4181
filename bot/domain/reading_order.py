"""The order in which people read classes and numbers: 7-2 before 7-10, 七班 before 十班."""

from __future__ import annotations

import re

_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九", start=1)}
_PART = re.compile(r"\d+|[一二三四五六七八九十]+|[^\d一二三四五六七八九十]+")


def reading_order(words: str) -> list[tuple[bool, int, str]]:
    """A key that compares numbers as numbers, Chinese ones too; a number comes before a word."""
    return [_part(part) for part in _PART.findall(words)]


def _part(part: str) -> tuple[bool, int, str]:
    if part.isdecimal():
        return False, int(part), ""
    if part[0] in _NUMERALS or part[0] == "十":
        return False, _value(part), ""
    return True, 0, part


def _value(numerals: str) -> int:
    """Of 七, 十一, 二十 or, as in a list of digits, 一二."""
    tens, ten, ones = numerals.partition("十")
    if ten:
        return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)
    return int("".join(str(_NUMERALS[numeral]) for numeral in numerals))
