"""Pictures of cameras as people see them: on the demo's phones, and on the school's own page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.domain.page import Page
from bot.services.entering import make_link
from bot.services.turn import Turn
from tests.browser.axe import require_axe, serious
from tests.browser.demo import browser, demo, phones
from tests.browser.play import Play
from tests.support.cameras import seeing
from tests.support.cast import CENTRE, CHEN, SUN, WANG

IS_LOADED = "image => image.complete && image.naturalWidth > 600"


async def loaded(image) -> str:
    """Wait until the picture is there; its address."""
    await expect(image).to_be_visible(timeout=15_000)
    element = await image.element_handle()
    await image.page.wait_for_function(IS_LOADED, arg=element)
    return await image.get_attribute("src")


async def test_in_the_demo_the_leaders_see_the_corridor_and_the_teacher_reads_why_not():
    async with demo() as address, phones(address, language="zh-CN", width=1440, height=900) as page:
        play = Play(page, "zh_Hans")
        await play.write(play.teacher, "/report fire A3 走廊有烟")
        first = await loaded(play.principal.locator("img.photo").last)
        await play.sees(play.centre, "画面已发给 3 名获授权人员")
        await expect(play.centre.locator("img.photo")).to_have_count(0)

        await play.write(play.teacher, "/snapshot A3")
        await play.sees(play.teacher, "监控画面仅限校长、副校长和应急总指挥查看")
        await expect(play.teacher.locator("img.photo")).to_have_count(0)

        await page.wait_for_timeout(1100)  # within a second everybody is given the same picture
        await play.press(play.principal, "刷新")
        await expect(play.principal.locator("img.photo").last).not_to_have_attribute(
            "src", first, timeout=15_000
        )
        await play.centre.locator(".chat-select").select_option(index=0)
        await loaded(play.centre.locator("img.photo").last)


@pytest.mark.parametrize(("who", "scheme"), [(CHEN, "light"), (SUN, "dark")])
async def test_the_page_is_read_on_a_small_phone_and_renewed_by_a_button(tmp_path, who, scheme):
    require_axe()
    async with seeing(tmp_path, deliver="page") as stage, browser() as opened:
        await stage.phone(WANG).send("/report fire A3")
        await stage.topic_named("2026-0001")
        link = await stage.muster.database.write(
            lambda tx: make_link(Turn(tx, stage.muster.school, stage.clock()), who.staff_id, Page.CAMERAS)
        )
        context = await opened.new_context(
            viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True
        )
        page = await context.new_page()
        await page.goto(f"{stage.muster.web_url}/enter/{link}")
        image = page.locator(".camera[data-here] img")
        first = await loaded(image)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.locator("summary").click()
        assert await serious(page) == []

        await page.wait_for_timeout(1100)
        button = page.locator(".camera[data-here] button")
        await button.click()
        await expect(image).not_to_have_attribute("src", first, timeout=15_000)

        await stage.phone(CHEN).send("/cancel 2026-0001 误报", chat=CENTRE)
        await stage.quiet()
        await button.click()
        said = page.locator(".camera[data-here] .said")
        words = {CHEN: "查看监控须写明事由", SUN: "a picture needs a reason"}[who]
        await expect(said).to_contain_text(words, timeout=15_000)
        assert len(stage.cameras.asked) == 2
