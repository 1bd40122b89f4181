"""One stage for each scenario."""

from __future__ import annotations

import pytest

from tests.support.stage import staged


@pytest.fixture
async def stage(tmp_path):
    async with staged(tmp_path) as stage:
        yield stage
