"""Takes the README's pictures from the running demo: `python -m tests.browser.pictures`. Look at them afterwards."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, ViewportSize, expect

from bot.domain.roster import Person
from tests.browser.counting import CARTER, choose, counting, is_sent, phone, row
from tests.browser.demo import browser, demo, phones
from tests.browser.full_board import FullSchool
from tests.browser.play import Play
from tests.support.cast import CHEN, SUN, WANG

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LAPTOP, PHONE, WALL = (1440, 900), (360, 740), (1920, 1080)
# The last lines come with the group's pace, and each shows a banner on other phones for seven seconds.
LAST_LINE, QUIET_MS = "陈刚下令疏散|orders EVACUATE", 60_000


# What is said about some pupils on the list page: name, choice, words.
ZH_MARKS = (
    ("李子涵", "受伤", "东侧楼梯，脚踝扭伤"),
    ("周子涵", "未到", "体育馆门口"),
    ("吴子涵", "已由…接走", "父亲"),
)
EN_MARKS = (
    ("李子涵", "Injured", "East stairs, ankle"),
    ("周子涵", "Missing", "Gym door"),
    ("吴子涵", "Left with …", "father"),
)


async def main() -> None:
    """Each of an incident of its own."""
    await take("phones-zh.png", "zh_Hans", LAPTOP)
    await take("phones-en.png", "en", LAPTOP)
    await take("phone-360.png", "zh_Hans", PHONE)
    await take_list("headcount-360.png", WANG, ZH_MARKS)
    await take_list("headcount-360-en.png", CARTER, EN_MARKS)
    await take_board("board-1920.png", CHEN)
    await take_board("board-1920-en.png", SUN)


async def take(name: str, locale: str, size: tuple[int, int]) -> None:
    """SOS to evacuation; then the command centre looks at the pinned card."""
    language = {"zh_Hans": "zh-CN", "en": "en-GB"}[locale]
    async with (
        demo(locale=locale) as address,
        phones(address, language=language, width=size[0], height=size[1]) as page,
    ):
        play = Play(page, locale)
        if locale == "en":
            await speak_english(play)
        await play.sos()
        await play.say_what_and_where()
        await play.take_command()
        await play.evacuate()
        await look_at_card(play, page)
        await page.screenshot(path=FOLDER / name)


async def take_list(name: str, lead: Person, marks: tuple[tuple[str, str, str], ...]) -> None:
    """A drill's roll call: some ticked, some not where they should be."""
    with TemporaryDirectory() as folder:
        async with counting(Path(folder)) as stage, browser() as opened, phone(opened, stage) as page:
            await stage.begin()
            await stage.enter(page, lead)
            for pupil in ("赵子涵", "钱子涵", "孙子涵"):
                await row(page, pupil).locator(".tick").click()
            for pupil, choice, words in marks:
                await choose(page, pupil, choice)
                await page.get_by_role("dialog").get_by_role("textbox").fill(words)
                await page.keyboard.press("Enter")
            await is_sent(page)
            await page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
            await page.screenshot(path=FOLDER / name)


async def take_board(name: str, reader: Person) -> None:
    """The wall in the command centre, a minute and a half after the order."""
    with TemporaryDirectory() as folder:
        school = await FullSchool.set(Path(folder))
        try:
            await school.start()
            await school.evacuate()
            await school.fill(seconds=90)
            async with browser() as opened:
                width, height = WALL
                viewport: ViewportSize = {"width": width, "height": height}
                # A README shows it smaller still, and pictures are small.
                page = await opened.new_page(viewport=viewport, color_scheme="dark", device_scale_factor=0.75)
                await page.goto(await school.link(reader))
                await expect(page.locator(".cell.help")).to_be_visible()
                await page.screenshot(path=FOLDER / name)
        finally:
            await school.stop()
            await school.simulator.stop()


async def speak_english(play: Play) -> None:
    """Everybody on the page asks for English and a fresh greeting; the commander in his private chat."""
    group = await play.centre.locator(".chat-select").input_value()
    await play.centre.locator(".chat-select").select_option(index=0)
    for one in play.phones:
        await play.write(one, "/language en")
        await play.sees(one, "Muster speaks English")
        await play.write(one, "/start")
        await play.sees(one, "Hello ")
    await play.centre.locator(".chat-select").select_option(value=group)


async def look_at_card(play: Play, page: Page) -> None:
    """The newest title, the newest card, and nothing moving any more."""
    lines = play.centre.locator(".row:not(:has(.keyboard))", has_text=re.compile(LAST_LINE))
    await expect(lines).to_have_count(1, timeout=QUIET_MS)
    await expect(page.locator(".banner:visible")).to_have_count(0, timeout=QUIET_MS)
    await play.show(play.centre)
    await play.centre.locator(".pin").click()
    await expect(play.centre.get_by_text(play.words.in_force)).to_be_in_viewport()
    await page.wait_for_timeout(2_000)


if __name__ == "__main__":
    asyncio.run(main())
