"""The phones in a real browser: what a person at the demo sees and presses."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.support.skips import skip_missing

CHROMIUM = Path("/usr/bin/chromium")
TEACHER, FORUM = 1001, -1001000000001
KEYBOARD = {"inline_keyboard": [[{"text": "All 40 here", "callback_data": "count:40", "style": "success"}]]}
# The machine may be busy with other tests.
expect.set_options(timeout=20_000)


@pytest.fixture
async def page(simulator):
    if not CHROMIUM.exists():
        skip_missing(f"a browser at {CHROMIUM}")
    simulator.show_phone(TEACHER, None, "Class lead")
    simulator.show_phone(1002, FORUM, "Principal")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        opened = await browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 800})
        opened.troubles = []
        opened.on("pageerror", lambda problem: opened.troubles.append(str(problem)))
        opened.on("console", lambda line: line.type == "error" and opened.troubles.append(line.text))
        await opened.goto(simulator.url)
        await expect(opened.locator(".phone")).to_have_count(2)
        await expect(opened.locator(".link-state")).to_have_text("Connected")
        yield opened
        assert opened.troubles == []
        await browser.close()


async def answer_first_press(api) -> None:
    [update] = await api.ask("getUpdates", timeout=5)
    query = update["callback_query"]["id"]
    await api.ask("answerCallbackQuery", callback_query_id=query, text="Counted")


async def test_messages_buttons_topics_and_outages_are_shown_as_they_happen(simulator, api, page: Page):
    lead, principal = page.locator(".phone").nth(0), page.locator(".phone").nth(1)
    sent = await api.ask(
        "sendMessage",
        chat_id=TEACHER,
        text="<b>Evacuate</b> &lt;img src=x onerror=alert(1)&gt;",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
    )
    await expect(lead.locator(".bubble strong")).to_have_text("Evacuate")
    await expect(lead.locator(".text")).to_contain_text("<img src=x")
    answering = asyncio.create_task(answer_first_press(api))
    await lead.get_by_role("button", name="All 40 here").click()
    await answering
    await expect(lead.locator(".toast")).to_have_text("Counted")
    await api.ask("editMessageText", chat_id=TEACHER, message_id=sent["message_id"], text="40 of 40")
    await expect(lead.locator(".edited")).to_have_text("edited")

    topic = await api.ask("createForumTopic", chat_id=FORUM, name="2026-0007 Fire")
    place = {"chat_id": FORUM, "message_thread_id": topic["message_thread_id"]}
    card = await api.ask("sendMessage", **place, text="the card")
    await api.ask("pinChatMessage", chat_id=FORUM, message_id=card["message_id"])
    await expect(principal.locator(".topic.open")).to_have_text("2026-0007 Fire")
    await expect(principal.locator(".pin")).to_contain_text("the card")

    await lead.locator(".input").fill("/safe")
    await lead.locator(".input").press("Enter")
    await simulator.phone(TEACHER).wait_for(lambda message: message.get("text") == "/safe")
    await page.locator(".network-open").click()
    await page.locator(".switch", has_text="Telegram is down").click()
    await expect(page.locator(".network-open.broken")).to_be_visible()
    assert simulator.faults.outage


async def test_on_a_narrow_screen_one_phone_is_shown_and_the_tabs_switch(page: Page):
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(page.locator(".tab.open")).to_have_count(1)
    await page.locator(".tab").nth(1).click()
    await expect(page.locator(".tab").nth(1)).to_have_class("tab open")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
