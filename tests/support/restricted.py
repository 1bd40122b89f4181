"""An incident that few may know of, who they are, and what the others can see."""

from __future__ import annotations

import re

import aiohttp
import pytest

from tests.support.cast import CENTRE, CHEN, EMILY, FENG, HAN, LI, QIAN, SUN, WANG, WU, ZHAO, ZHENG

KNOW = (ZHAO, SUN, LI, ZHENG)
OTHERS = (CHEN, WU, QIAN, FENG, HAN, EMILY)
WORDS = "7-3 有学生被多人围堵"


def heard(stage, person):
    return "\n".join(message.get("text", "") for message in stage.phone(person).messages())


async def centre_says(stage):
    """All that was ever said in the command centre."""
    return [
        message.get("text", "")
        for topic in (1, *(one.id for one in stage.phone(CHEN).topics(CENTRE)))
        for message in stage.phone(CHEN).messages(chat=CENTRE, thread=topic)
    ]


@pytest.fixture
async def bullying(stage):
    await stage.phone(WANG).send(f"/report bullying A3 {WORDS}")
    await stage.says(WANG, "已收到，事件 2026-0001")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    return stage


async def page_of(stage, message):
    """What somebody outside reads behind the link, in both languages."""
    [url] = re.findall(r"http://[^/\s]+(/liaison/\S+)", message["text"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as officer:
        async with officer.post(f"{stage.muster.web_url}{url}") as page:
            shown = await page.text()
        async with officer.get(f"{stage.muster.web_url}/liaison?lang=en") as page:
            return page.status, shown + await page.text()
