"""The pages' door as a real browser keeps it: policies, cookies, frames."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from bot.domain.page import Page
from bot.i18n import sentence
from handlers.web.rendering import PageWords, render
from tests.browser.demo import browser
from tests.support import cast
from tests.support.cast import CHEN, WANG
from tests.support.door import open_door
from tests.support.init_data import init_data
from tests.support.pages import code, open_pages

SCRIPT = """
import {say} from "/static/words.js";
const headers = {"X-Muster": "1"};
const said = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
if (said) {
  const body = JSON.stringify({init_data: said});
  const answer = await fetch("/enter/telegram/headcount", {method: "POST", body});
  headers.Authorization = `Bearer ${(await answer.json()).token}`;
}
const answer = await fetch("/headcount/api", {method: "POST", headers});
document.body.append(`${answer.status} ${say("soon")}`);
"""
SHOW = "([count, board]) => { document.all.count.src = count; document.all.board.src = board; }"
WORDS = {"soon": sentence("Try again in a few seconds.")}


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


class Sites:
    """A page with a script, which writes; and what another site makes of it."""

    def __init__(self, door) -> None:
        self.door = door
        self.written: list[str] = []

    def add(self, site, entrance):
        async def page(request: web.Request) -> web.Response:
            words = PageWords(self.door.languages["zh_Hans"])
            text = render(request, "layout.html", words, script_words=WORDS)
            script = '<script type="module" src="/headcount/script.js"></script></head>'
            return web.Response(text=text.replace("</head>", script), content_type="text/html")

        async def board(request: web.Request) -> web.Response:
            await entrance.visitor(request, Page.BOARD)
            return web.Response(text="<p>board</p>", content_type="text/html")

        async def write(request: web.Request) -> web.Response:
            self.written.append((await entrance.visitor(request, Page.HEADCOUNT)).person.staff_id)
            return web.json_response({})

        async def script(_: web.Request) -> web.Response:
            return web.Response(text=SCRIPT, content_type="text/javascript")

        site.router.add_get("/headcount", page)
        site.router.add_get("/board", board)
        site.router.add_get("/headcount/script.js", script)
        site.router.add_post("/headcount/api", write)


@asynccontextmanager
async def other_site(html: str) -> AsyncIterator[str]:
    """Another site's page; `localhost` and `127.0.0.1` are two sites to a browser."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    site = web.Application()
    site.router.add_get("/", page)
    async with TestServer(site) as server:
        yield str(server.make_url("/")).replace("127.0.0.1", "localhost")


async def test_a_link_opens_a_page_whose_own_script_speaks_and_writes(door):
    sites = Sites(door)
    async with open_pages(door, sites.add) as muster, browser() as chromium:
        page = await chromium.new_page()
        complaints = []
        page.on("console", lambda line: complaints.append(line.text))
        await page.goto(str(muster.make_url(f"/enter/{await code(door, WANG, Page.HEADCOUNT)}")))
        await expect(page.get_by_text("200 请过几秒钟再试。")).to_be_visible()
        assert page.url == str(muster.make_url("/headcount#new"))
        assert sites.written == [WANG.staff_id]
        assert complaints == []
        assert await page.evaluate("document.cookie") == ""


async def test_markup_that_got_into_a_page_cannot_run(door):
    async with open_pages(door, Sites(door).add) as muster, browser() as chromium:
        page = await chromium.new_page()
        await page.goto(str(muster.make_url("/enter/unknown")))
        await expect(page.get_by_text("此链接已失效")).to_be_visible()
        await page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }""")
        assert await page.evaluate("window.ran") is None


async def test_a_form_of_another_site_writes_nothing(door):
    sites = Sites(door)
    async with open_pages(door, sites.add) as muster, browser() as chromium:
        page = await chromium.new_page()
        await page.goto(str(muster.make_url(f"/enter/{await code(door, WANG, Page.HEADCOUNT)}")))
        await expect(page.get_by_text("200")).to_be_visible()
        form = f'<form method="post" action="{muster.make_url("/headcount/api")}"><button>Win</button></form>'
        async with other_site(form) as address:
            await page.goto(address)
            await page.click("button")
            await expect(page.get_by_text("unauthorised")).to_be_visible()
        assert sites.written == [WANG.staff_id]


async def test_in_a_frame_of_another_site_the_token_stands_in_for_the_cookie(door):
    sites = Sites(door)
    frames = '<iframe id="count" width="600"></iframe><iframe id="board"></iframe>'
    async with other_site(frames) as address:
        framed_by = (address.rstrip("/"),)
        async with open_pages(door, sites.add, framed_by=framed_by) as muster, browser() as chromium:
            page = await chromium.new_page()
            await page.goto(str(muster.make_url(f"/enter/{await code(door, CHEN, Page.BOARD)}")))
            await expect(page.get_by_text("board")).to_be_visible()
            await page.goto(address)
            said = quote(init_data(cast.TOKEN, WANG.telegram_id, at=door.now), safe="")
            await page.evaluate(
                SHOW,
                [
                    str(muster.make_url("/headcount")) + f"#tgWebAppData={said}",
                    str(muster.make_url("/board")),
                ],
            )
            await expect(page.frame_locator("#count").get_by_text("200 请过几秒钟再试。")).to_be_visible()
            assert sites.written == [WANG.staff_id]
            await expect(page.frame_locator("#board").get_by_text("board", exact=True)).to_have_count(0)


async def test_a_site_that_is_not_named_cannot_frame_the_headcount(door):
    frames = '<iframe id="count"></iframe><iframe id="board"></iframe>'
    async with (
        other_site(frames) as address,
        open_pages(door, Sites(door).add) as muster,
        browser() as chromium,
    ):
        page = await chromium.new_page()
        async with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
            await page.goto(address)
            await page.evaluate(SHOW, [str(muster.make_url("/headcount")), "about:blank"])
        await expect(page.frame_locator("#count").get_by_text("请过几秒钟再试。")).to_have_count(0)
