"""The server that misbehaves, and a bot that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.telegram.simulator import Simulator
from tests.integrations.telegram.faulty import FaultyServer

TOKEN = "1000001:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with FaultyServer() as running:
        yield running


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as running:
        yield running
