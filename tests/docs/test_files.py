"""Links lead somewhere, pictures are small, and no file says where it was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, tracked

LINK = re.compile(r"\]\(([^)\s]+)\)")
# One letter of each stands in brackets, so that this file does not name them itself.
_HOSTS = (
    r"py[p]i\.org",
    r"python[h]osted",
    r"npm[j]s\.",
    r"registr[y]\.[a-z-]+\.[a-z]{2,}",
    r"mirror[s]?\.[a-z-]+\.[a-z]{2,}",
    r"go[p]roxy",
    r"gh[c]r\.io",
    r"artifactor[y]",
)
_PLACES = (r"/wor[k]/", r"/roo[t]/", r"/hom[e]/[a-z]", r"/User[s]/[a-z]", r"index[-_]ur[l]")
FORBIDDEN = re.compile("|".join((*_HOSTS, *_PLACES)), re.IGNORECASE)
MOST_BYTES = 300_000
# One page for each language, to be read on a phone.
MOST_BYTES_FOR_STAFF = 150_000


def documents() -> list[Path]:
    return [ROOT / name for name in tracked() if name.endswith(".md")]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file(document):
    for target in LINK.findall(document.read_text("utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_every_picture_is_used_and_small():
    pictures = [ROOT / name for name in tracked() if re.fullmatch(r"docs/pictures/[^/]+\.png", name)]
    shown = "".join(document.read_text("utf-8") for document in documents())
    assert pictures
    for picture in pictures:
        assert f"pictures/{picture.name})" in shown
        is_for_staff = picture.name.startswith("staff-")
        assert picture.stat().st_size < (MOST_BYTES_FOR_STAFF if is_for_staff else MOST_BYTES)


def test_staff_see_the_same_five_steps_in_both_languages():
    pages = {name: (ROOT / "docs" / f"staff-{name}.md").read_text("utf-8") for name in ("zh", "en")}
    steps = {name: re.findall(rf"pictures/staff-(\w+)-{name}\.png", page) for name, page in pages.items()}
    assert steps["zh"] == steps["en"]
    assert len(steps["zh"]) == len(set(steps["zh"])) == 5
    assert [len(re.findall(r"^## \d", page, re.MULTILINE)) for page in pages.values()] == [5, 5]


def test_every_decision_has_a_number_of_its_own_in_its_title():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        assert path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. ")


def test_no_file_names_a_registry_or_the_place_where_it_was_written():
    found = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match[0]}" for match in FORBIDDEN.finditer(text)]
    assert found == []


def test_the_unit_lets_muster_itself_refuse_to_start():
    """`muster check` also fails for a roster, which must never keep the service from coming back."""
    assert "muster check" not in (ROOT / "docs" / "muster.service").read_text("utf-8")
