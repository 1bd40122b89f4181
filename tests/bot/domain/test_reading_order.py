"""Classes stand in lists as people count them."""

from __future__ import annotations

import pytest

from bot.domain.reading_order import reading_order


@pytest.mark.parametrize(
    "in_order",
    [
        ["7-1", "7-2", "7-10", "10-1"],
        ["高一（3）班", "高一（10）班", "高二（1）班"],
        ["七（2）班", "七（10）班", "八（1）班"],
        ["", "*visitors"],
    ],
)
def test_numbers_in_names_count_as_numbers(in_order):
    mixed = in_order[::-1]
    assert sorted(mixed, key=reading_order) == in_order
