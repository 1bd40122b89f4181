"""A small school on a simulator, and a bare Bot API client that judges nothing."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from integrations.telegram.simulator import Limits, Simulator

TEACHER, PRINCIPAL, STRANGER = 1001, 1002, 1003
FORUM, CHANNEL = -1001000000001, -1001000000002


class Api:
    """Calls methods as a bot does; gives the whole answer."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session

    async def answer(self, method: str, **params: Any) -> dict[str, Any]:
        url = f"{self.simulator.url}/bot{self.simulator.token}/{method}"
        async with self.session.post(url, json=params) as response:
            found: dict[str, Any] = await response.json()
            assert found["ok"] is (response.status == 200)
            return found

    async def ask(self, method: str, **params: Any) -> Any:
        """The result; an assertion when Telegram refuses."""
        found = await self.answer(method, **params)
        assert found["ok"], found
        return found["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        """Such as: 400 Bad Request: …"; an assertion when Telegram accepts."""
        found = await self.answer(method, **params)
        assert not found["ok"], found
        return f"{found['error_code']} {found['description']}"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(limits=Limits.none()) as running:
        running.add_user(TEACHER, "王芳", username="wangfang", started=True)
        running.add_user(PRINCIPAL, "Li", last_name="Wei", language_code="en", started=True)
        running.add_user(STRANGER, "Bo")
        running.add_group(FORUM, "Command centre", members=[TEACHER, PRINCIPAL], admins=[PRINCIPAL])
        running.add_channel(CHANNEL, "News", members=[TEACHER], username="school_news")
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def api(simulator: Simulator, session: aiohttp.ClientSession) -> Api:
    return Api(simulator, session)
