"""Reading words: which kind, which place, which language somebody means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.domain.incident import Kind, Severity
from bot.domain.place import BETWEEN_WORDS, Campus, opens_with
from bot.i18n import LOCALES, catalogue
from bot.messages.labels import KINDS
from bot.messages.people import KEY_HELP, KEY_REPORT, KEY_SOS, KEY_STATUS
from bot.services.reporting import Told

_SEVERITIES = {
    "1": 1,
    "ⅰ": 1,
    "i": 1,
    "2": 2,
    "ⅱ": 2,
    "ii": 2,
    "3": 3,
    "ⅲ": 3,
    "iii": 3,
    "4": 4,
    "ⅳ": 4,
    "iv": 4,
}
# What people say besides the catalogue's own words.
_ALSO = {
    "着火": Kind.FIRE,
    "起火": Kind.FIRE,
    "smoke": Kind.FIRE,
    "闯入": Kind.INTRUDER,
    "受伤": Kind.MEDICAL,
    "生病": Kind.MEDICAL,
    "injury": Kind.MEDICAL,
    "打架": Kind.VIOLENCE,
    "fight": Kind.VIOLENCE,
    "踩踏": Kind.CROWD_CRUSH,
    "欺凌": Kind.BULLYING,
    "走失": Kind.MISSING_PERSON,
    "missing": Kind.MISSING_PERSON,
    "weather": Kind.SEVERE_WEATHER,
    "gas": Kind.CHEMICAL,
    "燃气": Kind.CHEMICAL,
}


@cache
def _kinds() -> dict[str, Kind]:
    said = {kind.value.casefold(): kind for kind in Kind}
    said |= {kind.value.replace("_", "").casefold(): kind for kind in Kind}
    for locale in LOCALES:
        for kind, (_, text) in KINDS.items():
            said.setdefault(str(catalogue(locale)[text].string).casefold(), kind)
    return {**_ALSO, **said}


def read_kind(words: str) -> tuple[Kind | None, str]:
    """The kind that `words` open with, in either language, and what follows it."""
    lowered = words.casefold()
    for name in sorted(_kinds(), key=len, reverse=True):
        if opens_with(lowered, name):
            return _kinds()[name], words[len(name) :].lstrip(BETWEEN_WORDS)
    return None, words


def read_zones(words: str, campus: Campus) -> tuple[str, ...]:
    """The ids of the places named one after the other; a word that is no place stays as it is."""
    found: list[str] = []
    while words := words.strip(BETWEEN_WORDS):
        zone, rest = campus.read(words)
        if zone is None:
            word, *more = re.split(f"[{BETWEEN_WORDS}]+", words, maxsplit=1)
            zone_id, rest = word, "".join(more)
        else:
            zone_id = zone.id
        found.append(zone_id)
        words = rest
    return tuple(found)


def find_severity(word: str) -> Severity | None:
    """1–4 or Ⅰ–Ⅳ, with or without 级."""
    value = _SEVERITIES.get(word.casefold().removesuffix("级"))
    return Severity(value) if value else None


def read_report(words: str, campus: Campus) -> Told:
    """`fire A3 smoke in the corridor` or `体育馆着火了`: kind and place in either order, then words.

    Who names no kind is heard all the same; the receipt asks for it.
    """
    kind, rest = read_kind(words)
    zone, more = campus.read(rest)
    if kind is None and zone is not None:
        kind, rest = read_kind(more)
        words, more = more, rest
    said_before = words[: len(words) - len(rest)]
    if kind and rest and more == rest and said_before[-1] not in BETWEEN_WORDS:
        more = words  # 「生病了三个学生」 opens with a kind but is one sentence
    return Told(kind, zone.id if zone else None, more)


@dataclass(frozen=True, slots=True)
class Keys:
    """The labels of the always-visible keyboard, in every language."""

    sos: frozenset[str]
    report: frozenset[str]
    status: frozenset[str]
    help: frozenset[str]


@cache
def keys() -> Keys:
    """Whatever language the keyboard was shown in, its press is understood."""
    return Keys(*(_in_all(key) for key in (KEY_SOS, KEY_REPORT, KEY_STATUS, KEY_HELP)))


def _in_all(text: str) -> frozenset[str]:
    return frozenset(str(catalogue(locale)[text].string) for locale in LOCALES)
