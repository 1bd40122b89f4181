"""Foreign text on its way to paper and spreadsheets."""

from __future__ import annotations

import pytest

from bot.domain.text import spreadsheet_cell


@pytest.mark.parametrize("words", ["=1+1", "+86 138", "-1", "@all", "\t=1", "\r=1", "\0=1"])
def test_a_spreadsheet_takes_no_words_for_a_formula(words):
    assert spreadsheet_cell(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "三楼有烟", "a=1", "'=1"])
def test_other_words_stay_as_they_are(words):
    assert spreadsheet_cell(words) == words
