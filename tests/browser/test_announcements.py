"""What a parent sees on a small phone: without JavaScript, in both languages, for those who see badly, too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from bot.domain.announcement import Text
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from tests.browser.axe import require_axe, serious
from tests.browser.demo import browser
from tests.integrations.channels.bulletins import HOSTILE
from tests.support.announced import announce, correct
from tests.support.stage import staged

LONG = Text("很长的正文，" * 300 + "完。", "一条很长的通知")
PATHS = ["/announcements", "/announcements/2026-A001", "/announcements/2026-A003", "/announcements/2026-A999"]


@pytest.fixture
async def address(tmp_path):
    async with staged(tmp_path) as stage:
        now = stage.clock()

        def fill(tx):
            announce(tx, now)
            correct(
                tx,
                "2026-A001",
                now + timedelta(minutes=5),
                texts={"zh_Hans": Text("明日照常上课。", "明日不停课")},
            )
            announce(tx, now, texts={"en": Text(HOSTILE["html"] + HOSTILE["links"] * 3)})
            announce(tx, now, mode=Mode.DRILL, texts={"zh_Hans": LONG, "en": Text("A drill. " * 90)})
            announce(tx, now)
            correct(tx, "2026-A004", now + timedelta(minutes=7), msg_type=MsgType.CANCEL)

        await stage.muster.database.write(fill)
        yield stage.muster.web_url


async def test_it_fits_a_small_phone_without_a_script_in_both_languages(address):
    async with browser() as opened:
        for locale, lang in (("zh-CN", "zh-Hans"), ("en-GB", "en")):
            context = await opened.new_context(
                java_script_enabled=False, locale=locale, viewport={"width": 360, "height": 740}
            )
            page = await context.new_page()
            complaints: list[str] = []
            page.on("console", lambda line, to=complaints: to.append(line.text))
            for path in PATHS:
                await page.goto(address + path)
                await expect(page.locator("html")).to_have_attribute("lang", lang)
                assert await page.evaluate("document.documentElement.scrollWidth") == 360
            assert [said for said in complaints if "404" not in said] == []
            await context.close()


async def test_a_parent_finds_the_text_its_history_and_the_other_language(address):
    async with browser() as opened:
        context = await opened.new_context(
            java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740}
        )
        page = await context.new_page()
        await page.goto(f"{address}/announcements")
        await expect(page.get_by_role("heading", level=1)).to_have_text("学校通告")
        await page.get_by_role("link", name="明日不停课").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("明日不停课")
        await expect(page.get_by_role("heading", name="历次版本")).to_be_visible()
        qr = page.get_by_role("img", name="本页网址的二维码")
        size = await qr.bounding_box()
        assert size is not None
        assert size["width"] >= 140
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", name="Is it genuine?")).to_be_visible()
        await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_fit_for_people_who_see_badly_or_not_at_all(address, scheme):
    require_axe()
    async with browser() as opened:
        context = await opened.new_context(
            bypass_csp=True, locale="zh-CN", color_scheme=scheme, viewport={"width": 360, "height": 740}
        )
        page = await context.new_page()
        for path in PATHS:
            await page.goto(address + path)
            assert await serious(page) == []
        await context.close()
