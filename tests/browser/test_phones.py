"""The demo as a visitor plays it: an SOS to an evacuation, with real clicks in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.demo import CHROMIUM, demo, phones
from tests.browser.play import Play
from tests.support.skips import skip_missing


@pytest.fixture(autouse=True)
def chromium():
    if not CHROMIUM.exists():
        skip_missing(f"a browser at {CHROMIUM}")


async def test_on_a_laptop_an_sos_is_led_to_an_evacuation_on_all_four_phones():
    async with demo() as address, phones(address, language="zh-CN", width=1440, height=900) as page:
        play = Play(page, "zh_Hans")
        await play.sos()
        await play.say_what_and_where()
        await play.take_command()
        await play.evacuate()
        await play.centre.locator(".pin").click()
        await expect(play.centre.get_by_text(play.words.in_force)).to_be_in_viewport()
        for phone in play.phones:
            await expect(phone).to_be_in_viewport(ratio=0.95)


async def test_on_a_phone_the_same_is_done_with_one_thumb():
    async with demo() as address, phones(address, language="zh-CN", width=360, height=740) as page:
        play = Play(page, "zh_Hans")
        await play.sos()
        await play.say_what_and_where()
        await play.take_command()
        await play.evacuate()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
