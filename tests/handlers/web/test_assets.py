"""Static files: for ever by their content's hash, asked for each time without it, and nothing outside the folder."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web.assets import ASK_EACH_TIME, FOR_EVER, Assets


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "page.css").write_text("body {}", "utf-8")
    (tmp_path / "inner" / "page.js").write_text("let 集合;", "utf-8")
    (tmp_path / "notes.txt").write_text("not served", "utf-8")
    return tmp_path


@pytest.fixture
async def browser(folder):
    site = web.Application()
    site.add_routes(Assets(folder).routes())
    async with TestClient(TestServer(site)) as one:
        yield one


async def test_a_file_by_its_content_may_be_kept_for_ever(browser, folder):
    answer = await browser.get(Assets(folder).url("inner/page.js"))
    assert (answer.status, await answer.text()) == (200, "let 集合;")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == FOR_EVER


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef"])
async def test_without_the_right_hash_the_browser_asks_each_time(browser, query):
    answer = await browser.get(f"/static/page.css{query}")
    assert answer.headers["Cache-Control"] == ASK_EACH_TIME
    again = await browser.get(f"/static/page.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    other = await browser.get(f"/static/page.css{query}", headers={"If-None-Match": '"other"'})
    assert other.status == 200


def test_other_content_has_another_address(folder):
    before = Assets(folder).url("page.css")
    (folder / "page.css").write_text("body { margin: 0 }", "utf-8")
    assert Assets(folder).url("page.css") != before


@pytest.mark.parametrize(
    "path",
    ["notes.txt", "nothing.js", "../assets.py", "%2e%2e/assets.py", "inner", "inner/", "//page.css", "%00"],
)
async def test_nothing_else_is_served(browser, path):
    assert (await browser.get(f"/static/{path}")).status == 404


def test_a_template_that_names_no_file_fails():
    with pytest.raises(KeyError):
        Assets().url("nothing.js")
    assert Assets().url("page.css").startswith("/static/page.css?v=")
