"""Takes the pictures of docs/staff-zh.md and staff-en.md: `python -m tests.browser.staff_pictures`. Look at them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.demo import demo, phones
from tests.browser.pictures import LAPTOP, QUIET_MS, speak_english
from tests.browser.play import Play

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ANNOUNCEMENT = {
    "zh_Hans": "今日放学安排\n教学楼A座三层火情已扑灭，全体师生平安。"
    "今日17:00由班主任带队从东门放学，请家长到东门接孩子。",
    "en": "Going home today\nThe fire in Building A is out and everybody is safe. "
    "Classes leave by the east gate at 17:00, led by their class leads.",
}
# The next press, as a reader of the page must find it at a glance.
RING = "one => { one.style.outline = '3px solid #d62828'; one.style.outlineOffset = '1px'; }"
UNRING = "one => { one.style.outline = ''; }"


async def main() -> None:
    """One fire in each language, five looks at it."""
    for locale, name in (("zh_Hans", "zh"), ("en", "en")):
        language = {"zh": "zh-CN", "en": "en-GB"}[name]
        async with (
            demo(locale=locale) as address,
            phones(address, language=language, width=LAPTOP[0], height=760) as page,
        ):
            play = Play(page, locale)
            if locale == "en":
                await speak_english(play)
            await take_all(play, page, name)


async def take_all(play: Play, page: Page, name: str) -> None:
    """What a teacher, a class lead and a member of the duty chain see, in the order of the day."""
    words = play.words
    sos = play.teacher.locator(".reply-keys .key", has_text="SOS")
    await play.sos()
    receipt = play.teacher.locator(".bubble", has_text=words.received).last
    await receipt.evaluate("one => one.scrollIntoView({ block: 'start' })")
    await take(page, play.teacher, sos, f"staff-sos-{name}.png")
    await play.say_what_and_where()
    await take(page, play.principal, key(play.principal, words.seen_button), f"staff-rung-{name}.png")
    await play.take_command()
    await play.evacuate()
    await play.sees(play.lead, words.asks_count)
    await take(page, play.lead, key(play.lead, words.all_here), f"staff-headcount-{name}.png")
    await take(page, play.teacher, key(play.teacher, words.safe), f"staff-safe-{name}.png")
    await play.announce(ANNOUNCEMENT[play.locale])
    await take(page, play.teacher, None, f"staff-announcement-{name}.png")


def key(phone: Locator, label: str) -> Locator:
    """The newest button with this label."""
    return phone.locator(".keyboard .key", has_text=label).last


async def take(page: Page, phone: Locator, ringed: Locator | None, name: str) -> None:
    """One phone, at rest."""
    await expect(phone.locator(".banner:visible")).to_have_count(0, timeout=QUIET_MS)
    await page.wait_for_timeout(1_000)
    if ringed is not None:
        await ringed.scroll_into_view_if_needed()
        await ringed.evaluate(RING)
    await phone.screenshot(path=FOLDER / name)
    if ringed is not None:
        await ringed.evaluate(UNRING)


if __name__ == "__main__":
    asyncio.run(main())
