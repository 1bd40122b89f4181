"""Reading who is away today, as class leads type it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from bot.domain.headcount_rights import find_class
from bot.domain.pupil_number import find_pupil
from bot.domain.roster import SchoolClass
from bot.errors import Reason, RefusedError

NOBODY = frozenset(
    {
        "none",
        "nobody",
        "no one",
        "all",
        "all here",
        "无",
        "无缺勤",
        "没有",
        "没人",
        "全到",
        "全勤",
        "全部到齐",
    }
)

_BETWEEN = re.compile(r"[\s,、;:。]+")
_BETWEEN_PUPILS = re.compile(r"[\s,、;:。&和]+|\band\b")
# `No. 17`, `#17` and `17号` say that a pupil is meant; all become `#17`.
_SIGN_BEFORE = re.compile(r"\bnos?(?:\.\s*(?=[a-z0-9])|\s*(?=[0-9]))|#\s*(?=[a-z0-9])", re.IGNORECASE)
_SIGN_AFTER = re.compile(r"#?([A-Za-z0-9]*[0-9])\s*[号#]")
# A count has no zero in front; `07` is a pupil.
_COUNT = re.compile(r"0|[1-9][0-9]{0,3}")
_HEADS = re.compile(r"(?:缺勤?|请假)?(0|[1-9][0-9]{0,3})[人名个](?:缺勤|请假)?")


def read_class(
    words: str, classes: Mapping[str, SchoolClass], own: Collection[str]
) -> tuple[SchoolClass | None, str]:
    """The class that `words` open with, and what follows it; without one, all of `words`.

    A class whose name is a plain number is seen only among one's `own`, and alone only when there are several.
    """
    words = unicodedata.normalize("NFKC", words).strip()
    parts = [part for part in _BETWEEN.split(words) if part]
    for length in range(len(parts), 0, -1):
        # Blanks do not count inside a name, and `7-1 2` is not 7-12.
        fitting = {name: item for name, item in classes.items() if len(name.split()) == length}
        said = " ".join(parts[:length])
        found = find_class(said, classes if length == 1 else fitting)
        if found is not None and (not said.isdecimal() or _is_meant(found, parts, own)):
            return found, " ".join(parts[length:])
    return None, words


def _is_meant(found: SchoolClass, parts: list[str], own: Collection[str]) -> bool:
    return found.name in own and (len(parts) > 1 or len(own) > 1)


def name_in(words: str) -> str:
    """The word that seems to be a class's name at the start: neither a number, nor heads, nor nobody; else empty."""
    first = next(iter(_pupils(words)), "")
    is_number = first.startswith("#") or first.isdecimal() or bool(_HEADS.match(words))
    return "" if is_number or words.casefold() in NOBODY else first


def read_absent(words: str, student_nos: Collection[str]) -> int | frozenset[str]:
    """How many of the class are away, or which student numbers. `words` without the class.

    A single bare number up to the class's size is how many; several, a larger one, one with 号 or # are pupils.
    Refused when a number is no pupil's.
    """
    words = " ".join(unicodedata.normalize("NFKC", words).casefold().split()).strip(" .。!")
    if words in NOBODY:
        return 0
    number = _HEADS.fullmatch(words) or _COUNT.fullmatch(words)
    if number is not None:
        count = int(number[number.lastindex or 0])
        if count <= len(student_nos):
            return count
    # Without a single word nobody would be absent; that must be said.
    return frozenset(_find(part.lstrip("#"), student_nos) for part in _pupils(words) or [words])


def _pupils(words: str) -> list[str]:
    marked = _SIGN_AFTER.sub(r" #\1 ", _SIGN_BEFORE.sub(" #", words))
    return [part for part in _BETWEEN_PUPILS.split(marked) if part]


def _find(word: str, student_nos: Collection[str]) -> str:
    found = find_pupil(word, student_nos)
    if found is None:
        raise RefusedError(Reason.UNKNOWN_PUPIL, word=word)
    return found
