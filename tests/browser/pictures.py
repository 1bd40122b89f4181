"""Takes the README's pictures from the running demo: `python -m tests.browser.pictures`. Look at them afterwards."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.demo import demo, phones
from tests.browser.play import Play

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LAPTOP, PHONE = (1440, 900), (360, 740)
# The last lines come with the group's pace, and each shows a banner on other phones for seven seconds.
LAST_LINE, QUIET_MS = "陈刚下令疏散|orders EVACUATE", 60_000


async def main() -> None:
    """Three pictures, each of an incident of its own."""
    await take("phones-zh.png", "zh_Hans", LAPTOP)
    await take("phones-en.png", "en", LAPTOP)
    await take("phone-360.png", "zh_Hans", PHONE)


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


async def speak_english(play: Play) -> None:
    """Everybody on the page asks for English and a fresh greeting; the commander in his private chat."""
    await play.centre.locator(".chat-select").select_option(index=0)
    group = await play.centre.locator(".chat-select option").last.get_attribute("value")
    for phone in play.phones:
        await play.write(phone, "/language en")
        await play.sees(phone, "Muster speaks English")
        await play.write(phone, "/start")
        await play.sees(phone, "Hello ")
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
