"""The demo's loudspeakers say what they are told by the school, once, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from bot.demo.receiver import loudspeakers
from bot.demo.school import PA_SECRET
from bot.domain.bulletin import Bulletin, Wording
from bot.errors import RejectedError
from bot.ports import utc_now
from integrations.channels import CHANNELS, ChannelSettings

ORDER = Bulletin(
    "d-1",
    "action.ordered",
    (Wording("zh_Hans", "疏散", "全校。"),),
    datetime(2026, 11, 29, 2, 42, tzinfo=UTC),
)


@pytest.fixture
async def loudspeaker():
    one = loudspeakers()
    await one.start()
    yield one
    await one.stop()


async def tell(loudspeaker, secret=PA_SECRET):
    channel = CHANNELS["webhook"](ChannelSettings("pa", url=loudspeaker.url, secrets=(secret,)), utc_now)
    try:
        await channel.post(channel.payloads(ORDER)[0], key="d-1-0")
    finally:
        await channel.close()


async def test_an_order_is_said_once_however_often_it_comes(loudspeaker):
    assert "Nothing said yet" in await loudspeaker.heard()
    for _ in range(3):
        await tell(loudspeaker)
    assert await loudspeaker.heard() == "📢 10:42:00\n疏散: 全校。"


async def test_who_has_not_the_key_is_not_heard(loudspeaker):
    with pytest.raises(RejectedError):
        await tell(loudspeaker, "whsec_c29tZWJvZHkgZWxzZQ==")
    async with aiohttp.ClientSession() as session, session.post(loudspeaker.url, data=b"{}") as answer:
        assert answer.status == 401
    assert "Nothing said yet" in await loudspeaker.heard()
