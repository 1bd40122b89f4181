"""One link, one browser; a session's token by cookie or Bearer; nothing written at another site's bidding."""

from __future__ import annotations

import asyncio
import io
import logging
from datetime import timedelta

import pytest
import structlog
from aiohttp import web

from bot import log
from bot.domain.page import LINK_LIFE, SESSION_LIFE, Page
from bot.errors import StorageError
from bot.i18n import LOCALES
from handlers.web import entrance as module
from handlers.web.attempts import FAILURES_A_MINUTE, Attempts
from tests.support import cast
from tests.support.cast import CHEN, LI, WANG
from tests.support.door import Door, open_door
from tests.support.init_data import init_data
from tests.support.pages import Browser, code, open_pages

OWN = {"X-Muster": "1"}
TRADE = "/enter/telegram/headcount"
OTHER_BOT = "1000002:TESTTESTTESTTESTTESTTESTTESTTESTTEST"


def add_pages(site, entrance):
    """Pages as small as they come: each says who asks."""

    def page(one: Page):
        async def answer(request: web.Request) -> web.Response:
            visitor = await entrance.visitor(request, one)
            return web.json_response({"who": visitor.person.staff_id, "lang": entrance.words(visitor).lang})

        return answer

    for one in Page:
        site.router.add_route("*", f"/{one}", page(one))
        site.router.add_route("*", f"/{one}/api", page(one))


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@pytest.fixture
async def browser(door):
    async with open_pages(door, add_pages) as one:
        yield one


async def enter(browser: Browser, door: Door, person=WANG, page=Page.HEADCOUNT):
    """The answer to the link, not followed."""
    return await browser.get(f"/enter/{await code(door, person, page)}", allow_redirects=False)


async def token_of(browser: Browser, door: Door, person=WANG, page=Page.HEADCOUNT) -> str:
    said = {"init_data": init_data(cast.TOKEN, person.telegram_id, at=door.now)}
    answer = await browser.post(f"/enter/telegram/{page}", json=said)
    assert answer.status == 200
    return (await answer.json())["token"]


# ── by a link ──────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_link_leads_to_its_page_with_a_cookie_for_it(browser, door):
    answer = await enter(browser, door)
    assert (answer.status, answer.headers["Location"]) == (303, "/headcount#new")
    cookie = answer.cookies["muster_headcount"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/headcount", True, "Lax")
    assert int(cookie["max-age"]) == SESSION_LIFE[Page.HEADCOUNT].total_seconds()
    assert not cookie["secure"]
    page = await browser.get("/headcount")
    assert await page.json() == {"who": WANG.staff_id, "lang": "zh-Hans"}
    assert (await browser.get("/board")).status == 401


async def test_over_https_the_cookie_is_for_https_only(door):
    async with open_pages(door, add_pages, base_url="https://muster.school.example") as browser:
        answer = await enter(browser, door, LI, Page.BOARD)
    assert answer.cookies["muster_board"]["secure"]
    assert answer.cookies["muster_board"]["path"] == "/board"


async def test_of_fifty_browsers_at_one_link_one_gets_in(browser, door):
    url = f"/enter/{await code(door, WANG, Page.HEADCOUNT)}"
    answers = await asyncio.gather(*[browser.get(url, allow_redirects=False) for _ in range(50)])
    statuses = [answer.status for answer in answers]
    assert (statuses.count(303), statuses.count(410)) == (1, 49)
    assert sum("Set-Cookie" in answer.headers for answer in answers) == 1


async def test_a_used_an_old_and_an_invented_link_say_in_both_languages_what_to_do(browser, door):
    used, old = await code(door, WANG, Page.HEADCOUNT), await code(door, WANG, Page.HEADCOUNT)
    await browser.get(f"/enter/{used}", allow_redirects=False)
    door.now += LINK_LIFE
    for one in (used, old, "x" * 32, "%F0%9F%86%98", "%ff"):
        answer = await browser.get(f"/enter/{one}", allow_redirects=False)
        text = await answer.text()
        assert (answer.status, answer.content_type) == (410, "text/html")
        assert text.index("此链接已失效") < text.index("This link opens nothing any more")
        assert text.count("/headcount") == len(LOCALES)
        assert "<script" not in text
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("method", "headers"), [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"})]
)
async def test_who_only_looks_spends_nothing(browser, door, method, headers):
    url = f"/enter/{await code(door, WANG, Page.HEADCOUNT)}"
    looked = await browser.request(method, url, headers=headers, allow_redirects=False)
    assert looked.status == 204
    assert "Set-Cookie" not in looked.headers
    assert (await browser.get(url, allow_redirects=False)).status == 303


async def test_a_link_that_the_database_could_not_look_up_works_afterwards(browser, door, monkeypatch):
    url = f"/enter/{await code(door, WANG, Page.HEADCOUNT)}"
    with monkeypatch.context() as broken:
        broken.setattr(door.database, "write", fail)
        answer = await browser.get(url, allow_redirects=False)
        assert (answer.status, answer.headers["Retry-After"]) == (503, str(module.RETRY_AFTER_S))
        assert "Try again in a few seconds." in await answer.text()
    assert (await browser.get(url, allow_redirects=False)).status == 303


async def fail(*_: object, **__: object) -> None:
    raise StorageError("disk full")


# ── who is there ───────────────────────────────────────────────────────────────────────────────────────────
async def test_without_a_session_the_page_says_where_to_get_one_and_its_api_says_401(browser):
    page, api = await browser.get("/headcount"), await browser.get("/headcount/api")
    assert (page.status, page.content_type) == (401, "text/html")
    assert "请通过机器人发来的链接打开本页面" in await page.text()
    assert (api.status, await api.json()) == (401, {"error": "unauthorised"})
    assert api.headers["WWW-Authenticate"] == "Bearer"
    assert (await browser.post("/headcount", headers=OWN)).content_type == "application/json"


@pytest.mark.parametrize("cookie", ["", "x", "é" * 40, "a" * 3000])
async def test_an_invented_cookie_is_nobody(browser, cookie):
    headers = {"Cookie": f"muster_headcount={cookie}"}
    assert (await browser.get("/headcount/api", headers=headers)).status == 401


async def test_a_revoked_person_is_out_at_once(browser, door):
    await enter(browser, door)
    token = await token_of(browser, door)
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await browser.get("/headcount")).status == 200
    await door.send(LI, f"/revoke {WANG.staff_id}")
    assert (await browser.get("/headcount")).status == 401
    assert (await browser.get("/headcount/api", headers=bearer)).status == 401


async def test_a_session_ends_after_its_time(browser, door):
    await enter(browser, door, CHEN, Page.BOARD)
    door.now += SESSION_LIFE[Page.BOARD] - timedelta(seconds=1)
    assert (await browser.get("/board")).status == 200
    door.now += timedelta(seconds=1)
    assert (await browser.get("/board")).status == 401


async def test_while_the_database_does_not_answer_nobody_is_told_to_fetch_a_link(browser, door, monkeypatch):
    await enter(browser, door)
    monkeypatch.setattr(door.database, "read", fail)
    page, api = await browser.get("/headcount"), await browser.get("/headcount/api")
    assert (page.status, api.status) == (503, 503)
    assert (page.content_type, api.content_type) == ("text/html", "application/json")
    assert page.headers["Retry-After"] == api.headers["Retry-After"] == str(module.RETRY_AFTER_S)


# ── another site's bidding ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Muster": "0"}, 403),
        (OWN, 200),
        (OWN | {"Sec-Fetch-Site": "same-origin"}, 200),
        (OWN | {"Sec-Fetch-Site": "same-site"}, 403),
        (OWN | {"Sec-Fetch-Site": "cross-site"}, 403),
        (OWN | {"Sec-Fetch-Site": "none"}, 403),
        (OWN | {"Origin": "https://evil.example"}, 403),
        (OWN | {"Origin": "null"}, 403),
        (OWN | {"Origin": "https://muster.school.example"}, 200),
        (OWN | {"Origin": "https://muster.school.example", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_with_a_cookie_only_the_page_s_own_script_writes(door, method, headers, status):
    async with open_pages(door, add_pages, base_url="https://muster.school.example") as browser:
        answer = await enter(browser, door)
        # the jar keeps a Secure cookie from a plain test server
        cookie = {"Cookie": f"muster_headcount={answer.cookies['muster_headcount'].value}"}
        written = await browser.request(method, "/headcount/api", headers=headers | cookie)
        assert written.status == status
        assert (await browser.get("/headcount/api", headers=headers | cookie)).status == 200


async def test_the_address_asked_for_is_as_good_an_origin_as_the_public_one(browser, door):
    await enter(browser, door)
    own = {"Origin": str(browser.make_url("/")).rstrip("/")}
    assert (await browser.post("/headcount/api", headers=OWN | own)).status == 200
    refused = await browser.post("/headcount/api", headers=own)
    assert await refused.json() == {"error": "not from this page"}


# ── from a Mini App ────────────────────────────────────────────────────────────────────────────────────────
async def test_a_mini_app_s_token_opens_its_page_without_a_cookie(browser, door):
    token = await token_of(browser, door)
    for method in ("GET", "POST"):
        headers = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "cross-site"}
        assert (await browser.request(method, "/headcount/api", headers=headers)).status == 200
    assert (await browser.get("/headcount/api")).status == 401
    assert (await browser.get("/board/api", headers={"Authorization": f"Bearer {token}"})).status == 401


async def test_a_proxy_s_own_login_does_not_hide_the_cookie(browser, door):
    await enter(browser, door)
    assert (await browser.get("/headcount/api", headers={"Authorization": "Basic eDp5"})).status == 200


@pytest.mark.parametrize(
    "said",
    [
        lambda at: init_data(OTHER_BOT, WANG.telegram_id, at=at),
        lambda at: init_data(cast.TOKEN, WANG.telegram_id, at=at - timedelta(hours=2)),
        lambda at: init_data(cast.TOKEN, WANG.telegram_id, at=at).replace("1001", "1003"),
        lambda at: init_data(cast.TOKEN, cast.STRANGER, at=at),
        lambda at: "",
        lambda at: 5,
        lambda at: None,
        lambda at: "\ud800",
    ],
)
async def test_whose_word_proves_nothing_gets_no_token(browser, door, said):
    answer = await browser.post(TRADE, json={"init_data": said(door.now)})
    assert (answer.status, await answer.json()) == (401, {"error": "unauthorised"})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'"x"', b"{}", b"\xff", b"[" * 20_000, b"x" * (module.BODY_CAP + 1)]
)
async def test_what_is_no_json_of_that_shape_gets_no_token(browser, body):
    assert (await browser.post(TRADE, data=body)).status == 401


async def test_a_body_that_never_ends_is_not_waited_for(browser, monkeypatch):
    monkeypatch.setattr(module, "READ_WITHIN_S", 0.05)

    async def slow():
        yield b"{"
        await asyncio.sleep(1)

    assert (await browser.post(TRADE, data=slow())).status == 401


async def test_the_board_is_for_the_desk_by_telegram_too(browser, door):
    said = {"init_data": init_data(cast.TOKEN, WANG.telegram_id, at=door.now)}
    assert (await browser.post("/enter/telegram/board", json=said)).status == 401
    assert await token_of(browser, door, CHEN, Page.BOARD)
    assert (await browser.post("/enter/telegram/roster", json=said)).status == 404


async def test_who_fails_too_often_waits_and_the_right_word_still_opens(door):
    seconds = [1000.0]
    attempts = Attempts(clock=lambda: seconds[0])
    async with open_pages(door, add_pages, attempts=attempts) as browser:
        for _ in range(FAILURES_A_MINUTE):
            assert (await browser.post(TRADE, json={})).status == 401
        refused = await browser.post(TRADE, json={})
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
        assert await token_of(browser, door)
        seconds[0] += 60
        assert (await browser.post(TRADE, json={})).status == 401


async def test_a_token_that_could_not_be_kept_is_not_given(browser, door, monkeypatch):
    said = {"init_data": init_data(cast.TOKEN, WANG.telegram_id, at=door.now)}
    with monkeypatch.context() as broken:
        broken.setattr(door.database, "write", fail)
        answer = await browser.post(TRADE, json=said)
    assert (answer.status, answer.headers["Retry-After"]) == (503, str(module.RETRY_AFTER_S))
    assert await token_of(browser, door)


# ── secrets ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def out():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    log.configure_logging(level="DEBUG", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def test_no_code_token_or_init_data_is_logged_or_kept_in_clear(browser, door, out, monkeypatch):
    link = await code(door, WANG, Page.HEADCOUNT)
    answer = await browser.get(f"/enter/{link}", allow_redirects=False)
    cookie = answer.cookies["muster_headcount"].value
    forged = init_data(OTHER_BOT, WANG.telegram_id, at=door.now)
    await browser.get(f"/enter/{link}")
    await browser.post(TRADE, json={"init_data": forged})
    token = await token_of(browser, door)
    await browser.post("/headcount/api")
    unkept = await code(door, WANG, Page.HEADCOUNT)
    monkeypatch.setattr(door.database, "write", fail)
    await browser.get(f"/enter/{unkept}")
    said = out.getvalue()
    assert "mini_app_refused" in said
    assert "entry_not_kept" in said
    files = [door.database.path, *door.database.path.parent.glob("*-wal")]
    kept = b"".join(file.read_bytes() for file in files)
    for secret in (link, cookie, token, unkept, forged.rpartition("hash=")[2]):
        assert secret not in said
        assert secret.encode() not in kept
