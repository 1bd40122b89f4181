"""The house as DESIGN draws it: what may stand where, how long a file may be, what it may be called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, tracked

TOP_LEVEL = {
    *("bot", "handlers", "integrations", "locales", "tests", "docs"),
    *("pyproject.toml", "constraints.txt", "Makefile", "Dockerfile", "compose.yaml"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *(".ci", ".github", ".gitignore", ".dockerignore"),
}
ROOMS = {
    "bot": {"config", "delivery", "demo", "domain", "messages", "plans", "services", "storage"},
    "handlers": {"chat", "web"},
}
FILES = {
    "bot": {
        "afterwards",
        "alert_sources",
        "announcements",
        "app",
        "camera_watch",
        "cameras",
        "centre",
        "channels",
        "cli",
        "handing_over",
        "paperwork",
        "shell",
        "doctor",
        "errors",
        "findings",
        "heartbeat",
        "i18n",
        "intake",
        "log",
        "plan_wiring",
        "online_check",
        "ports",
        "scheduler",
        "verifying",
        "upkeep",
        "__init__",
        "__main__",
    },
    "handlers": {"__init__"},
    "integrations": {"__init__"},
    "locales": {"__init__", "catalogue"},
}
SHELVES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "base"}
CODE = {".py", ".js", ".css", ".html"}
MOST_LINES = 400
# A test file may tell every story of its noun.
MOST_TEST_LINES = 700
LONGER = {
    "bot/app.py": (440, "wiring: a line for each part"),
    "integrations/telegram/simulator/static/phone.js": (450, "one phone: its parts share the same elements"),
}


def code() -> list[str]:
    return [name for name in tracked() if Path(name).suffix in CODE]


def test_the_top_level_holds_only_what_the_design_allows():
    assert {name.partition("/")[0] for name in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("house", FILES)
def test_no_file_stands_outside_a_room(house):
    loose = {Path(name).stem for name in tracked() if re.fullmatch(rf"{house}/[^/]+\.py", name)}
    assert loose <= FILES[house]


@pytest.mark.parametrize("house", ROOMS)
def test_every_room_is_one_of_the_designs(house):
    rooms = {name.split("/")[1] for name in tracked() if name.startswith(f"{house}/") and name.count("/") > 1}
    assert rooms <= ROOMS[house]


def test_the_map_names_every_room():
    told = (ROOT / "docs" / "map.md").read_text("utf-8")
    inits = [
        name for name in tracked() if re.fullmatch(r"(bot|handlers|integrations)/[^/]+/__init__\.py", name)
    ]
    assert [name for name in inits if f"`{Path(name).parent}/`" not in told] == []


def test_every_package_says_in_its_init_what_lives_there():
    inits = [name for name in tracked() if name.endswith("__init__.py") and name.split("/")[0] in FILES]
    silent = [name for name in inits if not ast.get_docstring(ast.parse((ROOT / name).read_text("utf-8")))]
    assert silent == []


def test_no_file_is_a_shelf_for_everything():
    words = {name: set(re.split(r"[^a-z]+", Path(name).stem.lower())) for name in code()}
    assert [name for name, said in words.items() if said & SHELVES] == []


def usual(name: str) -> int:
    return MOST_TEST_LINES if name.startswith("tests/") else MOST_LINES


def test_files_stay_short_enough_to_hold_one_noun():
    long = {}
    for name in code():
        count = len((ROOT / name).read_text("utf-8").splitlines())
        limit, _ = LONGER.get(name, (usual(name), ""))
        if count > limit:
            long[name] = count
    assert long == {}


def test_every_exception_from_the_length_is_still_needed():
    lengths = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in LONGER}
    assert [name for name, count in lengths.items() if count <= usual(name)] == []


def test_only_the_storages_own_connection_commits():
    commits = [name for name in code() if name.startswith(("bot/", "handlers/", "integrations/"))]
    found = {name for name in commits if ".commit(" in (ROOT / name).read_text("utf-8")}
    own = {"bot/storage/sqlite.py", "bot/storage/postgres.py"}
    assert found <= own | {name for name in found if "/migrations/" in name}


# What only SQLite understands; docs/map.md says what to write instead.
ONE_DATABASE_ONLY = {
    r"dialects\.sqlite": "its insert",
    r"\.lastrowid\b": "bot.storage.new_id",
    r"do_nothing\(\)[\s\S]{0,90}?rowcount": "bot.storage.new_id.is_new",
    r"func\.(max|min)\([^()]*(\([^()]*\)[^()]*)*,": "case(...)",
    r"\.like\(f?\"%?\{": "ilike, or a literal pattern",
    r"exec_driver_sql": "SQLAlchemy Core",
    r"\bGLOB\b|\bINSERT OR\b|\browid\b|json_extract|strftime": "SQLAlchemy Core",
}
DRIVERS = {"sqlite.py", "sqlite_driver.py", "postgres.py", "run_lock.py", "snapshots.py"}


def test_a_store_says_nothing_that_only_one_database_understands():
    stores = [name for name in code() if re.fullmatch(r"bot/storage/\w+\.py", name)]
    found = {
        (name, idiom)
        for name in stores
        if Path(name).name not in DRIVERS
        for idiom in ONE_DATABASE_ONLY
        if re.search(idiom, (ROOT / name).read_text("utf-8"))
    }
    assert found == set()
