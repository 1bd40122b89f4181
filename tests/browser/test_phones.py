"""The demo as a visitor plays it: an SOS to an evacuation, with real clicks in a real browser."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.demo import demo, phones
from tests.browser.play import CARD_MS, RUNG, Play


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


async def test_an_sos_goes_from_the_phone_to_the_commander_the_list_and_the_wall():
    async with demo() as address, phones(address, language="zh-CN", width=1440, height=900) as page:
        play = Play(page, "zh_Hans")
        await play.sos()
        async with play.in_private(play.centre):
            await play.sees(play.centre, RUNG)
        await play.say_what_and_where()
        await play.take_command()
        board = await play.open_board()
        complaints: list[str] = []
        board.on("pageerror", lambda error: complaints.append(str(error)))
        board.on("console", lambda line: line.type in ("error", "warning") and complaints.append(line.text))
        await play.evacuate()
        await expect(board.locator(".cell.silent")).to_have_count(12)
        await play.count_on_list()
        counted = board.locator(".cell").filter(has=board.get_by_text("7-3", exact=True))
        await expect(counted).to_have_class(re.compile("complete"))
        await expect(board.locator(".figure.present dd")).to_have_text("40")
        await play.say_safe(play.teacher)
        assert complaints == []


async def test_on_a_phone_the_same_is_done_with_one_thumb():
    async with demo() as address, phones(address, language="zh-CN", width=360, height=740) as page:
        play = Play(page, "zh_Hans")
        await play.sos()
        await play.say_what_and_where()
        await play.take_command()
        await play.evacuate()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_a_fires_tasks_are_accepted_and_the_fire_brigades_card_is_there():
    async with demo() as address, phones(address, language="zh-CN", width=1440, height=900) as page:
        play = Play(page, "zh_Hans")
        await play.sos()
        await play.say_what_and_where()
        await play.sees(play.centre, "消防（119） · 暂无拨打记录", timeout=CARD_MS)
        await play.sees(play.principal, "向教育局电话报告首报内容")
        await play.press(play.principal, "接受")
        await play.sees(play.principal, "由您负责")
        await play.sees(play.principal, "请拨打教育局：8201")
        await play.press(play.centre, "消防（119）")
        await play.centre.locator("select").select_option(index=0)
        await play.sees(play.centre, "请拨打消防（119）：119")
        await play.press(play.centre, "已拨打，对方已接听")
        await play.sees(play.centre, "陈刚已拨打，对方已接听")
