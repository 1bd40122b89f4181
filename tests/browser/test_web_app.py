"""A Mini App on the phones' page: a person presses its button and is inside the page, over the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.web_app import sign
from tests.browser.demo import browser

LEAD, PRINCIPAL = 1001, 1002
PDF = b"%PDF-1.7\n" + b"x" * 300_000
HEADCOUNT = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Headcount</title>
<style>body { font: 16px system-ui; margin: 16px; overflow-wrap: anywhere; }
button { min-height: 48px; width: 100%; font: inherit }</style>
<h1>七年级三班</h1><p id="data"></p><button>全部到齐（40）</button>
<script>
document.querySelector("#data").textContent = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
document.querySelector("button").onclick = () =>
  parent.postMessage(JSON.stringify({ eventType: "web_app_close", eventData: {} }), "*");
</script>"""
Scheme = Literal["light", "dark"]
Opening = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
async def headcount() -> AsyncIterator[str]:
    """The school's page, served on loopback without a certificate."""
    app = web.Application()
    app.router.add_get("/headcount", _serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/headcount"
    await runner.cleanup()


async def _serve(_: web.Request) -> web.Response:
    return web.Response(text=HEADCOUNT, content_type="text/html")


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(limits=Limits.none()) as running:
        running.add_user(LEAD, "王芳", started=True)
        running.add_user(PRINCIPAL, "李伟", started=True)
        running.show_phone(LEAD, None, "班主任 王芳")
        running.show_phone(PRINCIPAL, None, "校长 李伟")
        yield running


@pytest.fixture
def open_phones(simulator: Simulator, headcount: str) -> Opening:
    """Opens the phones' page after the bot has sent the class lead three kinds of button, and a report."""

    @asynccontextmanager
    async def opening(scheme: Scheme = "light", width: int = 1000, height: int = 760) -> AsyncIterator[Page]:
        await say_all(simulator, headcount)
        async with browser() as opened:
            page = await opened.new_page(
                locale="zh-CN",
                color_scheme=scheme,
                reduced_motion="reduce",
                viewport={"width": width, "height": height},
            )
            complaints: list[str] = []
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: line.type == "error" and complaints.append(line.text))
            await page.goto(simulator.url)
            await expect(page.locator(".phone")).to_have_count(2)
            yield page
            assert complaints == []

    return opening


async def say_all(simulator: Simulator, headcount: str) -> None:
    rows = [
        [{"text": "打开点名页", "web_app": {"url": headcount}}],
        [
            {"text": "预案", "url": f"{headcount}?plan"},
            {"text": "全部到齐（40）", "callback_data": "count:40"},
        ],
    ]
    asked = {"chat_id": LEAD, "text": "请清点七年级三班。", "reply_markup": {"inline_keyboard": rows}}
    report = aiohttp.FormData({"chat_id": str(LEAD), "caption": "演练报告"}, quote_fields=False)
    report.add_field("document", PDF, filename="演练报告 2026-0007.pdf", content_type="application/pdf")
    async with aiohttp.ClientSession(f"{simulator.url}/bot{simulator.token}/") as session:
        for method, body in (("sendDocument", {"data": report}), ("sendMessage", {"json": asked})):
            async with session.post(method, **body) as answer:
                assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_opens_over_its_own_phone_and_knows_who_opened_it(
    simulator: Simulator, open_phones: Opening, scheme: Scheme
) -> None:
    async with open_phones(scheme) as page:
        lead, principal = page.locator(".phone").nth(0), page.locator(".phone").nth(1)
        await lead.get_by_role("button", name="打开点名页").click()
        overlay = lead.get_by_role("dialog", name="打开点名页")
        inside = overlay.frame_locator("iframe")
        await expect(inside.get_by_role("heading")).to_have_text("七年级三班")
        data = dict(parse_qsl(await inside.locator("#data").inner_text(), strict_parsing=True))
        assert data.pop("hash") == sign(simulator.token, data)
        assert await overlay.bounding_box() == await lead.bounding_box()
        is_dark = await inside.locator("body").evaluate(
            "() => matchMedia('(prefers-color-scheme: dark)').matches"
        )
        assert is_dark is (scheme == "dark")
        await principal.locator(".input").fill("/safe")
        await principal.locator(".input").press("Enter")
        await expect(principal.locator(".bubble")).to_contain_text("/safe")


async def test_the_keyboard_goes_in_through_the_page_and_out_again(open_phones: Opening) -> None:
    async with open_phones() as page:
        lead = page.locator(".phone").nth(0)
        button, overlay = lead.get_by_role("button", name="打开点名页"), lead.get_by_role("dialog")
        await button.press("Enter")
        await expect(overlay.get_by_role("button", name="关闭")).to_be_focused()
        confirm = overlay.frame_locator("iframe").get_by_role("button")
        await expect(confirm).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(confirm).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Escape")
        await expect(overlay).to_have_count(0)
        await expect(button).to_be_focused()
        await button.press("Enter")
        await overlay.get_by_role("button", name="关闭").press("Enter")
        await expect(overlay).to_have_count(0)


async def test_at_360_pixels_the_page_fills_the_phone_and_closes_itself_when_done(
    open_phones: Opening,
) -> None:
    async with open_phones("dark", 360, 740) as page:
        lead = page.locator(".phone").nth(0)
        await lead.get_by_role("button", name="打开点名页").click()
        overlay = lead.get_by_role("dialog")
        frame = await overlay.locator("iframe").bounding_box()
        assert frame is not None
        assert (frame["x"], frame["width"]) == (0, 360)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await overlay.frame_locator("iframe").get_by_role("button", name="全部到齐").click()
        await expect(overlay).to_have_count(0)


async def test_a_link_opens_a_tab_that_cannot_reach_back(open_phones: Opening) -> None:
    async with open_phones() as page:
        async with page.context.expect_page() as opening:
            await page.get_by_role("button", name="预案").click()
        tab = await opening.value
        await expect(tab.get_by_role("heading")).to_have_text("七年级三班")
        assert tab.url.endswith("/headcount?plan")
        assert await tab.evaluate("window.opener") is None


async def test_a_report_is_a_bubble_with_name_and_size_and_comes_down_whole(open_phones: Opening) -> None:
    async with open_phones() as page:
        file = page.locator(".phone").nth(0).locator(".file")
        await expect(file.locator(".file-name")).to_have_text("演练报告 2026-0007.pdf293 KB")
        async with page.expect_download() as downloading:
            await file.click()
        download = await downloading.value
        assert download.suggested_filename == "演练报告 2026-0007.pdf"
        assert (await download.path()).read_bytes() == PDF
