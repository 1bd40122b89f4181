"""Who, until when, what: read from one line as people write it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.corrective import Agreed, read_agreed

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("words", "owner", "due_on", "what"),
    [
        ("孙丽 2026-12-15 北侧楼梯分流", "孙丽", date(2026, 12, 15), "北侧楼梯分流"),
        ("Sun Li 2026-12-15 second exit", "Sun Li", date(2026, 12, 15), "second exit"),
        ("T6 +14 第二出口 2 处", "T6", date(2026, 12, 7), "第二出口 2 处"),
        ("孙丽 2026年12月15日 分流", "孙丽", date(2026, 12, 15), "分流"),
        ("孙丽 2026/2/3 分流 +3 人", "孙丽", date(2026, 2, 3), "分流 +3 人"),
        ("2026-12-15 x", "", date(2026, 12, 15), "x"),
    ],
)
def test_owner_day_and_words(words, owner, due_on, what):
    assert read_agreed(words, TODAY) == Agreed(owner, due_on, what)


@pytest.mark.parametrize(
    "words", ["", "孙丽 分流", "孙丽 2026-13-01 x", "孙丽 12-15 x", "孙丽 +9999 x", "a2026-12-15 x"]
)
def test_without_a_day_there_is_nothing_to_agree(words):
    assert read_agreed(words, TODAY) is None
