"""What browsers are told: about every answer of the pages, about none of the machines'."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp_sse import sse_response

from bot.domain.page import Page
from tests.handlers.web.machines import talk
from tests.support.cast import CHEN, WANG
from tests.support.door import open_door
from tests.support.pages import code, open_pages

PHONES = "http://127.0.0.1:8090"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello", headers={"Cache-Control": "max-age=60"})


async def broken(_: web.Request) -> web.Response:
    raise RuntimeError("no such table: pupils")


async def stream(request: web.Request) -> web.StreamResponse:
    async with sse_response(request) as answer:
        await answer.send("x")
    return answer


def add(site, entrance):
    for path in ("/headcount", "/board", "/headcount/api", "/metrics", "/"):
        site.router.add_get(path, hello)
    site.router.add_get("/board/broken", broken)
    site.router.add_get("/board/stream", stream)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@pytest.fixture
async def browser(door):
    async with open_pages(door, add, framed_by=(PHONES,)) as one:
        yield one


async def test_what_breaks_tells_a_stranger_nothing_of_itself(browser):
    answer = await browser.get("/board/broken")
    assert answer.status == 500
    told = await answer.text()
    assert not any(word in told for word in ("pupils", "RuntimeError", "Traceback", ".py"))


def policy(answer) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


async def answers_of(browser, door):
    paths = ["/headcount", "/headcount/api", "/board", "/board/broken", "/board/stream", "/board/nowhere"]
    paths += ["/enter/unknown", f"/enter/{await code(door, WANG, Page.HEADCOUNT)}", "/static/nothing.js"]
    answers = [await browser.get(path, allow_redirects=False) for path in paths]
    return [*answers, await browser.post("/enter/telegram/headcount"), await browser.put("/headcount")]


async def test_every_answer_of_the_pages_has_the_headers(browser, door):
    for answer in await answers_of(browser, door):
        assert {key: answer.headers.get(key) for key in ALWAYS} == ALWAYS, answer.url
        assert answer.headers["Cache-Control"] == "no-store", answer.url
        assert policy(answer)["default-src"] == "'none'"
        assert policy(answer)["script-src"] == policy(answer)["style-src"] == "'self'"
        assert policy(answer)["base-uri"] == "'none'"
        assert "camera=()" in answer.headers["Permissions-Policy"]


async def test_telegram_may_frame_the_headcount_and_nobody_the_board(browser):
    headcount, board = await browser.get("/headcount"), await browser.get("/board")
    framed = f"'self' https://web.telegram.org https://*.telegram.org {PHONES}"
    assert policy(headcount)["frame-ancestors"] == framed
    assert policy(board)["frame-ancestors"] == "'none'"
    assert policy(await browser.get("/enter/unknown"))["frame-ancestors"] == framed


async def test_without_the_demo_only_telegram_may(door):
    async with open_pages(door, add) as browser:
        answer = await browser.get("/headcount")
    assert policy(answer)["frame-ancestors"] == "'self' https://web.telegram.org https://*.telegram.org"


@pytest.mark.parametrize("path", ["/metrics", "/", "/headcountx"])
async def test_the_machines_answers_stay_as_they_are(browser, path):
    answer = await browser.get(path)
    assert "Content-Security-Policy" not in answer.headers


@pytest.mark.parametrize("target", [b"OPTIONS *", b"GET //headcount", b"GET http://x/board", b"CONNECT x:1"])
async def test_an_odd_target_is_answered(browser, target):
    answer = await talk(
        str(browser.make_url("/")).rstrip("/"), target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4"))


async def test_a_board_on_the_wall_gets_its_cookie_once(browser, door):
    answer = await browser.get(f"/enter/{await code(door, CHEN, Page.BOARD)}", allow_redirects=False)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "muster_board" in answer.cookies
