"""One stage for each scenario; every call that Muster made on it must be one that the Bot API knows."""

from __future__ import annotations

import pytest

from tests.contract.bot_api import SPECIFICATION, check_recorded
from tests.support.school36 import school36
from tests.support.stage import staged


@pytest.fixture
async def stage(tmp_path):
    async with staged(tmp_path) as stage:
        yield stage
        calls = stage.simulator.calls
    if SPECIFICATION.is_file():
        assert check_recorded(calls) == []


@pytest.fixture
async def school(tmp_path):
    """36 classes, 1,500 pupils; their names are in no message, notice or topic, whatever happened."""
    async with school36(tmp_path) as school:
        yield school
        calls = school.simulator.calls
        named = school.naming_pupils()
    assert named == []
    if SPECIFICATION.is_file():
        assert check_recorded(calls) == []
