"""Pupils by their number in the class: what buttons show, and whom a typed number means."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection

# One digit alone looks like a count.
SHORTEST = 2


def short_numbers(student_nos: Collection[str]) -> dict[str, str]:
    """Student number → what is left of it without the start that the whole class shares; unique in the class.

    At least two characters stay. Where a short number would be a classmate's whole number, all stay whole.
    """
    if not student_nos:
        return {}
    most = max(0, min(map(len, student_nos)) - SHORTEST)
    cut = next((at for at in range(most) if len({number[at] for number in student_nos}) > 1), most)
    short = {number: number[cut:] for number in student_nos}
    is_whole_elsewhere = any(cut and end in short for end in short.values())
    return {number: number for number in student_nos} if is_whole_elsewhere else short


def find_pupil(word: str, student_nos: Collection[str]) -> str | None:
    """The student number that `word` means in this class: whole, short, short without its zeros, or its end.

    None when nobody or several could be meant.
    """
    short = short_numbers(student_nos)
    said = _plain(word)
    readings: tuple[Callable[[str], bool], ...] = (
        lambda number: number == word,
        lambda number: short[number] == word,
        lambda number: _plain(number) == said,
        lambda number: _plain(short[number]) == said,
        lambda number: _plain(short[number]).lstrip("0") == said.lstrip("0"),
        lambda number: len(said) >= SHORTEST and _plain(number).endswith(said),
    )
    for means in readings if said else ():
        hits = [number for number in short if means(number)]
        if hits:
            return hits[0] if len(hits) == 1 else None
    return None


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()
