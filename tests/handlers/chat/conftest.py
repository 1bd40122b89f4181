"""One door for each test."""

from __future__ import annotations

import pytest

from tests.support.door import open_door


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door
