"""No regular expression can be made to hang (OWASP ASVS 5.0, 1.3.12): an endless repeat inside another is fenced."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from re import _constants as kinds
from re import _parser as parser
from typing import Any

import pytest

from tests.docs.repository import ROOT, tracked

CALLS = {"compile", "match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn", "Regex"}
CATEGORIES = {
    kinds.CATEGORY_DIGIT: r"\d",
    kinds.CATEGORY_NOT_DIGIT: r"\D",
    kinds.CATEGORY_SPACE: r"\s",
    kinds.CATEGORY_NOT_SPACE: r"\S",
    kinds.CATEGORY_WORD: r"\w",
    kinds.CATEGORY_NOT_WORD: r"\W",
}
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)


def patterns() -> list[tuple[str, str]]:
    """(file, pattern) of each that is written down; f-strings with their parts as one letter."""
    found = []
    for name in tracked():
        if name.endswith(".py") and name.startswith(("bot/", "handlers/", "integrations/")):
            tree = ast.parse((ROOT / name).read_text("utf-8"))
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
            found += [(name, words) for call in calls if (words := pattern_of(call)) is not None]
    return found


def pattern_of(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in CALLS:
        return None
    is_re = isinstance(call.func.value, ast.Name) and call.func.value.id in {"re", "filters"}
    return written(call.args[0]) if is_re else None


def written(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return None


def hanging(tree: Any) -> Iterator[Any]:
    """Repeats without end of what holds such a repeat and nothing that surely ends each turn."""
    for kind, value in tree:
        if is_endless(kind, value) and any(True for _ in repeats(value[2])) and not is_fenced(value[2]):
            yield value[2]
        for inner in parts(value):
            yield from hanging(inner)


def is_endless(kind: Any, value: Any) -> bool:
    return kind in REPEATS and value[1] is kinds.MAXREPEAT


def repeats(tree: Any) -> Iterator[Any]:
    """What is repeated without end, however deep."""
    for kind, value in tree:
        if is_endless(kind, value):
            yield value[2]
        for inner in parts(value):
            yield from repeats(inner)


def is_fenced(tree: Any) -> bool:
    """Whether each turn holds a character that none of its endless repeats can take."""
    letters = [chr(value) for kind, value in bare(tree) if kind is kinds.LITERAL]
    taken = [one for inner in repeats(tree) for one in bare(inner)]
    return any(all(not takes(one, letter) for one in taken) for letter in letters)


def bare(tree: Any) -> list[Any]:
    """Without the brackets of a single group."""
    items = list(tree)
    return bare(items[0][1][-1]) if len(items) == 1 and items[0][0] is kinds.SUBPATTERN else items


def takes(node: Any, letter: str) -> bool:
    """Whether this piece matches the letter; what is not known here does."""
    kind, value = node
    if kind is kinds.LITERAL:
        return chr(value) == letter
    if kind is kinds.NOT_LITERAL:
        return chr(value) != letter
    if kind is kinds.ANY:
        return letter != "\n"
    if kind is kinds.IN:
        is_in = any(part_takes(one, letter) for one in value if one[0] is not kinds.NEGATE)
        return is_in is not (value[0][0] is kinds.NEGATE)
    return True


def part_takes(part: Any, letter: str) -> bool:
    kind, value = part
    if kind is kinds.RANGE:
        return value[0] <= ord(letter) <= value[1]
    if kind is kinds.CATEGORY:
        return re.match(CATEGORIES[value], letter) is not None
    return chr(value) == letter


def parts(value: Any) -> Iterator[Any]:
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from parts(one)


@pytest.mark.parametrize("bad", [r"(a+)+b", r"(?:x|(\d*y)*)*", r"(?:[\w.]+\.)*x", r"(\s*,?\s*)*"])
def test_the_search_finds_what_hangs(bad):
    assert list(hanging(parser.parse(bad)))


@pytest.mark.parametrize("good", [r"(?:\d{1,3}\.)+a*", r"(?:\.[\w-]+)*", r"(?:[a-z]+:[^\n]*\n)*"])
def test_the_search_leaves_what_ends_in_peace(good):
    assert not list(hanging(parser.parse(good)))


@pytest.mark.parametrize(("name", "pattern"), patterns())
def test_no_pattern_repeats_itself_to_death(name, pattern):
    assert list(hanging(parser.parse(pattern))) == [], name
