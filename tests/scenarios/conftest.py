"""One stage for each scenario; every call that Muster made on it must be one that the Bot API knows."""

from __future__ import annotations

import pytest

from tests.contract.bot_api import SPECIFICATION, check_recorded
from tests.support.stage import staged

# python-telegram-bot leaves an empty list out, and an edit without buttons is sent as `reply_markup={}`.
EMPTY_MARKUP = "editMessageText.reply_markup: InlineKeyboardMarkup.inline_keyboard is missing"


@pytest.fixture
async def stage(tmp_path):
    async with staged(tmp_path) as stage:
        yield stage
        calls = stage.simulator.calls
    if SPECIFICATION.is_file():
        assert [problem for problem in check_recorded(calls) if EMPTY_MARKUP not in problem] == []
