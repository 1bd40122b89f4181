"""The safety office's table of what is kept names the program's own numbers, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import INBOX_KEPT
from bot.config.cameras import CameraEntry, CameraPolicy
from bot.config.settings import Digest, Evacuation, Retention
from bot.domain.page import LINK_LIFE
from bot.services.enrolling import INVITE_LIFE
from tests.docs.repository import ROOT

PAGES = {"safety-office.md": "What Muster keeps", "safety-office-zh.md": "保存什么"}
LAWS = {"safety-office.md": "The law", "safety-office-zh.md": "法规对照"}
UNITS = {
    **dict.fromkeys(("days", "天"), timedelta(days=1)),
    **dict.fromkeys(("minutes", "分钟"), timedelta(minutes=1)),
    **dict.fromkeys(("seconds", "秒"), timedelta(seconds=1)),
}


def days(number: int) -> timedelta:
    return timedelta(days=number)


# Row by row.
KEPT: list[Callable[[], timedelta]] = [
    lambda: days(Retention().headcount_days),
    lambda: days(Retention().headcount_days),
    lambda: days(CameraEntry.model_fields["retention_days"].default),
    lambda: timedelta(seconds=CameraPolicy().delete_after_s),
    lambda: days(CameraEntry.model_fields["retention_days"].default),
    lambda: INBOX_KEPT,
    lambda: INVITE_LIFE,
    lambda: LINK_LIFE,
    lambda: days(Retention().audit_days),
]
SETTINGS = [
    *("[retention] headcount_days", "[retention] headcount_days", "[[cameras]] retention_days"),
    *("[camera_policy] delete_after_s", "[[cameras]] retention_days", "", "", "", "[retention] audit_days"),
]


def rows(page: str, heading: str) -> list[list[str]]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    section = text.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def length(words: str) -> timedelta:
    number, unit = re.fullmatch(r"(\d+) (\S+)", words).groups()
    return int(number) * UNITS[unit]


@pytest.mark.parametrize(("page", "heading"), PAGES.items())
def test_the_table_says_how_long_as_the_program_does(page, heading):
    table = rows(page, heading)
    assert [length(row[-1]) for row in table] == [kept() for kept in KEPT]
    assert ["".join(re.findall(r"`(.+)`", row[1])) for row in table] == SETTINGS


@pytest.mark.parametrize("page", PAGES)
def test_the_drill_numbers_are_the_presets(page):
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert re.search(rf"{Digest().drill_days} (days|天)", text)
    assert Evacuation().target_s == timedelta(minutes=2).total_seconds()
    assert re.search(r"two minutes|两分钟", text)


def test_both_languages_answer_the_same_articles():
    laws = {page: rows(page, heading) for page, heading in LAWS.items()}
    told = [[re.findall(r"\d+", row[0]) for row in table] for table in laws.values()]
    assert told[0] == told[1]
