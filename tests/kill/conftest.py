"""One school for each test, with a real process and a real file."""

from __future__ import annotations

import pytest

from tests.kill.scene import school


@pytest.fixture
async def scene(tmp_path):
    async with school(tmp_path) as scene:
        yield scene
