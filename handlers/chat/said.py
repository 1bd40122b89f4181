"""Reading words: which kind, which place, which language somebody means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.domain.equipment import CALLED, EquipmentKind
from bot.domain.headcount import VISITORS
from bot.domain.incident import Kind, Severity
from bot.domain.injured import Injury
from bot.domain.place import BETWEEN_WORDS, Campus, opens_with
from bot.i18n import LOCALES, catalogue
from bot.messages.equipment import KINDS as EQUIPMENT
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
    "失火": Kind.FIRE,
    "火警": Kind.FIRE,
    "smoke": Kind.FIRE,
    "闯入": Kind.INTRUDER,
    "受伤": Kind.MEDICAL,
    "生病": Kind.MEDICAL,
    "晕倒": Kind.MEDICAL,
    "injury": Kind.MEDICAL,
    "打架": Kind.VIOLENCE,
    "fight": Kind.VIOLENCE,
    "踩踏": Kind.CROWD_CRUSH,
    "欺凌": Kind.BULLYING,
    "校园欺凌": Kind.BULLYING,
    "性侵": Kind.BULLYING,
    "abuse": Kind.BULLYING,
    "走失": Kind.MISSING_PERSON,
    "missing": Kind.MISSING_PERSON,
    "weather": Kind.SEVERE_WEATHER,
    "gas": Kind.CHEMICAL,
    "燃气": Kind.CHEMICAL,
    "泄漏": Kind.CHEMICAL,
    "停电": Kind.UTILITY,
    "停水": Kind.UTILITY,
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


@cache
def _equipment() -> dict[str, EquipmentKind]:
    said = {word.casefold(): kind for kind, words in CALLED.items() for word in (kind.value, *words)}
    for locale in LOCALES:
        for kind, (_, text) in EQUIPMENT.items():
            said.setdefault(str(catalogue(locale)[text].string).casefold(), kind)
    return {f"{word}s": kind for word, kind in said.items() if word.isascii()} | said


def read_equipment(words: str, campus: Campus) -> tuple[tuple[EquipmentKind, ...], str | None, str]:
    """`灭火器 A3`, `A3 AED radio`: kinds and a place in any order, and what was not understood."""
    kinds: list[EquipmentKind] = []
    place: str | None = None
    while words := words.strip(BETWEEN_WORDS):
        lowered = words.casefold()
        name = next((n for n in sorted(_equipment(), key=len, reverse=True) if opens_with(lowered, n)), "")
        zone, rest = campus.read(words)
        if name and (zone is None or len(name) > len(words) - len(rest)):
            kinds.append(_equipment()[name])
            words = words[len(name) :]
        elif zone is not None and place is None:
            place, words = zone.id, rest
        else:
            break
    return tuple(dict.fromkeys(kinds)), place, words


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


def split_order(words: str) -> tuple[str, str]:
    """The places of an order, and what follows the first semicolon: the words that go out with it."""
    places, *said = re.split("[;；]", words, maxsplit=1)
    return places, "".join(said).strip()


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


# `7-3` is a class; a date without its year has two digits each, or 月.
_DUE_DAY = (
    r"今天|明天|后天|[今明][早晚]上?|today|tomorrow|"
    r"(?<![a-z0-9/-])(?:\d{4}[-/年]\d{1,2}[-/月]\d{1,2}[日号]?|\d{1,2}月\d{1,2}[日号]?|\d{2}-\d{2})"
)
_DUE = re.compile(
    r"(?:(?<![a-z])(?:by|before|until)\s+|在)?"
    rf"(?P<moment>(?:(?:{_DUE_DAY})\s*)?(?:(?:凌晨|早上|上午|中午|下午|晚上)\s*)?"
    r"(?<![\d:：-])\d{1,2}[:：]\d{2}(?:\s*[ap]\.?m\.?)?(?:\s*(?:today|tomorrow))?)\s*(?:之?前)?[.。]?$",
    re.IGNORECASE,
)


def read_due(words: str) -> tuple[str, str]:
    """`close the gate by 10:20`, `关东门 明天下午3:00前`: the words before, and the moment at their end as typed."""
    match = _DUE.search(words)
    if match is None:
        return words, ""
    return words[: match.start()].strip(BETWEEN_WORDS), match["moment"]


@dataclass(frozen=True, slots=True)
class Counted:
    """What `/headcount` was told. `number` -1: something that is no count."""

    school_class: str = ""
    number: int | None = None
    is_all: bool = False
    is_paper: bool = False


_ALL_WORDS = frozenset({"all", "everyone", "全部", "全部到齐", "到齐", "全到", "全齐", "齐"})
_PAPER_WORDS = frozenset({"paper", "sheet", "纸质", "纸面", "纸单", "纸"})
_VISITORS_WORDS = frozenset({"visitor", "visitors", "访客"})
_MOST_DIGITS = 6


def read_count(words: str) -> Counted:
    """`[class] [all|N] [paper]`: `7-3 all`, `7-3 38 paper`, `38`, `全部到齐`; a class alone asks for its question."""
    parts = words.split()
    paper = [part for part in parts if part.casefold() in _PAPER_WORDS]
    parts = [part for part in parts if part not in paper]
    if not parts:
        return Counted(is_paper=bool(paper))
    last = parts[-1].casefold()
    if last in _ALL_WORDS:
        return Counted(_class_word(parts[:-1]), None, is_all=True, is_paper=bool(paper))
    digits = last.removesuffix("人").removesuffix("名")
    if digits.isdecimal():
        number = int(digits) if len(digits) <= _MOST_DIGITS and not _is_torn(parts) else -1
        return Counted(_class_word(parts[:-1]), number, is_paper=bool(paper))
    if len(parts) > 1:
        return Counted(_class_word(parts[:-1]), -1, is_paper=bool(paper))
    return Counted(_class_word(parts), is_paper=bool(paper))


def _is_torn(parts: list[str]) -> bool:
    """`7-1 4 0` is 40 of 7-1, a slip of the thumb, and not nobody of 7-14."""
    return len(parts) > 2 and parts[-2].isdecimal() and parts[-3][-1].isdecimal()  # noqa: PLR2004


def _class_word(parts: list[str]) -> str:
    words = " ".join(parts)
    return VISITORS if words.casefold() in _VISITORS_WORDS else words


_INJURIES = {
    "light": Injury.LIGHT,
    "minor": Injury.LIGHT,
    "slight": Injury.LIGHT,
    "轻微伤": Injury.LIGHT,
    "轻伤": Injury.LIGHT,
    "轻": Injury.LIGHT,
    "serious": Injury.SERIOUS,
    "severe": Injury.SERIOUS,
    "重伤": Injury.SERIOUS,
    "重": Injury.SERIOUS,
    "critical": Injury.CRITICAL,
    "危重": Injury.CRITICAL,
    "病危": Injury.CRITICAL,
    "dead": Injury.DEAD,
    "deaths": Injury.DEAD,
    "死亡": Injury.DEAD,
    "遇难": Injury.DEAD,
    "injured": Injury.UNKNOWN,
    "unknown": Injury.UNKNOWN,
    "受伤": Injury.UNKNOWN,
    "不明": Injury.UNKNOWN,
    "伤": Injury.UNKNOWN,
    "": Injury.UNKNOWN,
}
_NUMERALS = dict(zip("零一二两三四五六七八九十", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
_INJURY = "|".join(sorted(filter(None, _INJURIES), key=len, reverse=True))
_HEADS = r"[0-9]{1,6}|[零一二两三四五六七八九十]"
_GAP = r"[\s,，、;；+和及共]*"
_NUMBER_FIRST = re.compile(rf"{_GAP}(?P<n>{_HEADS})\s*[名人个例]?\s*(?P<state>{_INJURY}|)", re.IGNORECASE)
_STATE_FIRST = re.compile(
    rf"{_GAP}(?P<state>{_INJURY})\s*[:：×x]?\s*(?P<n>{_HEADS})\s*[名人个例]?", re.IGNORECASE
)


NO_NUMBERS = ((Injury.UNKNOWN, -1),)


def read_injured(words: str) -> tuple[tuple[Injury, int], ...]:
    """`2 light 1 serious`, `轻伤2人、重伤1人`, `两人轻伤`, `3`; what is no such thing is a number of −1."""
    pattern = _NUMBER_FIRST if re.match(rf"{_GAP}(?:{_HEADS})", words) else _STATE_FIRST
    found: list[tuple[Injury, int]] = []
    at = 0
    while at < len(words):
        match = pattern.match(words, at)
        if match is None:
            return NO_NUMBERS
        found.append((_INJURIES[match["state"].casefold()], _heads(match["n"])))
        at = match.end()
    return tuple(found)


_WELL = ("not injured", "unhurt", "没有受伤", "未受伤", "无恙")
_NAME_THEN = re.compile(
    rf"(?P<name>.+?)[\s:：,，]*(?P<state>{_INJURY}|{'|'.join(_WELL)})", re.IGNORECASE | re.DOTALL
)


def read_injured_name(words: str) -> tuple[str, Injury | None]:
    """`Sun Li serious`, `@艾米丽 重伤`: who, and in what state; None: not injured after all."""
    match = _NAME_THEN.fullmatch(words)
    if match is None:
        return words, Injury.UNKNOWN
    state = match["state"].casefold()
    return match["name"], None if state in _WELL else _INJURIES[state]


def _heads(word: str) -> int:
    return _NUMERALS[word] if word in _NUMERALS else int(word)


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
