"""The browser that every test here needs."""

from __future__ import annotations

import pytest

from tests.browser.demo import CHROMIUM, browser
from tests.support.skips import skip_missing


@pytest.fixture(autouse=True)
def _needs_chromium():
    if not CHROMIUM.exists():
        skip_missing(f"a browser at {CHROMIUM}")


@pytest.fixture
async def chromium():
    async with browser() as one:
        yield one
