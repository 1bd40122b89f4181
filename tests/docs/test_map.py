"""The map leads somewhere: each path on it is there, each name on it is in the code, each house has its rooms."""

from __future__ import annotations

import re

import pytest

from tests.docs.repository import ROOT, tracked

MAP = (ROOT / "docs" / "map.md").read_text("utf-8")
CODE = ("bot/", "handlers/", "integrations/", "locales/", "tests/", "docs/", "Makefile")
# Names of the outside that are only to be avoided, and things that a new part would be called.
FOREIGN = {"lastrowid", "like", "ilike", "case", "insert", "on_conflict"}


def quoted() -> list[str]:
    return sorted({words for words in re.findall(r"`([^`\n]+)`", MAP) if "{page}" not in words})


def is_path(words: str) -> bool:
    return re.fullmatch(r"[\w./-]+", words) is not None and words.startswith(CODE)


@pytest.mark.parametrize("path", [words for words in quoted() if is_path(words)])
def test_every_path_on_the_map_is_there(path):
    names = tracked()
    assert path in names or any(name.startswith(f"{path.rstrip('/')}/") for name in names), path


@pytest.fixture(scope="module")
def words_of_the_code() -> set[str]:
    kinds = (".py", ".html", ".js", ".toml")
    texts = [(ROOT / name).read_text("utf-8") for name in tracked() if name.endswith(kinds)]
    return set(re.findall(r"\w+", " ".join([*texts, *tracked()])))


@pytest.mark.parametrize("words", [words for words in quoted() if not is_path(words)])
def test_every_name_on_the_map_is_in_the_code(words, words_of_the_code):
    named = set(re.findall(r"[A-Za-z_]\w+", re.sub(r"\{.*?\}|/\w[\w-]*", " ", words))) - FOREIGN
    assert named <= words_of_the_code


def test_every_web_route_s_file_is_named_by_its_first_word():
    own = {"alerts", "telegram", "openapi", "health", "entrance", "board", "headcount", "call", "cameras"}
    files = {
        name.rpartition("/")[2][:-3] for name in tracked() if re.fullmatch(r"handlers/web/\w+\.py", name)
    }
    assert own <= files
    for address in ("/alerts", "/telegram", "/openapi.json", "/healthz", "/enter", "/board", "/headcount"):
        assert address in MAP


@pytest.mark.parametrize(
    "thing", ["a command", "a message", "a page", "a format of alert", "a channel", "a camera protocol"]
)
def test_how_to_add_it_is_told(thing):
    assert re.search(rf"^\*\*{thing}(\.\*\*|\*\*,)", MAP, re.MULTILINE)
