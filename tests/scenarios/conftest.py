"""One stage for each scenario; every call that Muster made on it must be one that the Bot API knows."""

from __future__ import annotations

import pytest

from tests.contract.bot_api import SPECIFICATION, check_recorded
from tests.support.stage import staged


@pytest.fixture
async def stage(tmp_path):
    async with staged(tmp_path) as stage:
        yield stage
        calls = stage.simulator.calls
    if SPECIFICATION.is_file():
        assert check_recorded(calls) == []
