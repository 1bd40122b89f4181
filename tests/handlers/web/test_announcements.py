"""What a parent sees: current, plain, the same for everybody, and nothing about anybody."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import aiohttp
import pytest

from bot.domain.announcement import Text
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.errors import StorageBusyError
from bot.services.page_address import unlisted_page
from bot.services.signing import is_genuine
from handlers.web import shelf
from handlers.web.announcements import KEPT
from handlers.web.shelf import Shelf
from tests.integrations.channels.bulletins import HOSTILE
from tests.support.announced import STAFF_ONLY, announce, correct
from tests.support.cast import CAST, PUPILS
from tests.support.stage import staged

POLICY = "default-src 'none'"


@pytest.fixture
async def stage(tmp_path):
    async with staged(tmp_path) as stage:
        yield stage


async def write(stage, fn, *args, **changes):
    now = stage.clock()
    return await stage.muster.database.write(lambda tx: fn(tx, *args, now, **changes))


async def get(stage, path, **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.muster.web_url}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.headers


async def test_what_holds_comes_first_and_what_does_not_says_so(stage):
    await write(stage, announce, texts={"zh_Hans": Text("第一条。", "第一")})
    await write(stage, announce, texts={"zh_Hans": Text("旧文。", "旧")})
    await write(stage, correct, "2026-A002")
    await write(stage, announce, texts={"zh_Hans": Text("不再有效的正文。", "撤回的")})
    await write(
        stage,
        correct,
        "2026-A003",
        msg_type=MsgType.CANCEL,
        texts={"zh_Hans": Text("不再有效的正文。", "撤回的")},
    )
    await write(
        stage,
        announce,
        texts={"zh_Hans": Text("过期。", "过期")},
        expires_at=stage.clock() + timedelta(seconds=1),
    )
    stage.clock.ahead += timedelta(minutes=5)
    status, page, _ = await get(stage, "/announcements")
    assert status == 200
    current, past = page.split("已失效的通告")
    assert re.findall(r'href="/announcements/(2026-A\d+)"', current) == ["2026-A002", "2026-A001"]
    assert re.findall(r'href="/announcements/(2026-A\d+)"', past) == ["2026-A004", "2026-A003"]
    assert "明日照常上课。" in current
    assert "旧文" not in page
    assert "不再有效的正文" not in page
    assert "撤回，不再有效。" in past
    assert "到期。" in past


async def test_one_number_shows_all_its_revisions(stage):
    await write(stage, announce)
    await write(stage, correct, "2026-A001")
    status, page, _ = await get(stage, "/announcements/2026-A001")
    assert status == 200
    newest, earlier = page.split("历次版本")
    assert "明日不停课" in newest
    assert "更正" in newest
    assert "因暴雨红色预警" in earlier
    assert "已更正，本版内容不再有效。" in earlier
    assert "第 2 版" in newest
    assert 'src="data:image/svg+xml' in earlier
    assert (await get(stage, "/announcements/2026-a001"))[0] == 200


@pytest.mark.parametrize("path", ["", "/2026-A001", "/2026-A001.json", "/2026-A001.cap.xml", ".atom"])
async def test_every_answer_may_be_kept_for_a_moment_and_costs_nothing_when_it_is_known(
    stage, path, monkeypatch
):
    monkeypatch.setattr(shelf, "LIFE_S", 0.01)
    await write(stage, announce)
    status, body, headers = await get(stage, f"/announcements{path}")
    assert status == 200
    assert headers["Cache-Control"] == KEPT
    assert headers["Vary"] == "Accept-Language"
    assert headers["Content-Security-Policy"].startswith(POLICY)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    again, nothing, _ = await get(stage, f"/announcements{path}", **{"If-None-Match": headers["ETag"]})
    assert (again, nothing) == (304, "")
    await write(stage, correct, "2026-A001")
    await asyncio.sleep(0.02)
    changed, other, _ = await get(stage, f"/announcements{path}", **{"If-None-Match": headers["ETag"]})
    assert changed == 200
    assert other != body


async def test_it_speaks_the_reader_s_language_and_says_when_a_text_is_missing(stage):
    await write(stage, announce)
    await write(stage, correct, "2026-A001")
    _, chinese, _ = await get(stage, "/announcements")
    assert '<html lang="zh-Hans">' in chinese
    _, english, _ = await get(stage, "/announcements", **{"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in english
    assert '<p class="text" lang="zh-Hans">明日照常上课。</p>' in english
    assert "There is no English text; nothing was translated by machine." in english
    _, asked, _ = await get(stage, "/announcements?lang=en", **{"Accept-Language": "zh-CN"})
    assert '<html lang="en">' in asked


async def test_nobody_s_name_is_on_it_and_nothing_for_staff_only(stage):
    await write(stage, announce, approver_id="T5")
    await write(stage, announce, audience=STAFF_ONLY, texts={"zh_Hans": Text("仅教职工可见", "内部")})
    for path in ("", "/2026-A001", "/2026-A001.json", "/2026-A001.cap.xml", ".atom"):
        _, body, _ = await get(stage, f"/announcements{path}")
        for person in CAST:
            assert person.name.zh not in body
            assert person.name.en not in body
        assert not any(pupil.name in body for pupil in PUPILS)
        assert "仅教职工可见" not in body
    assert (await get(stage, "/announcements/2026-A002"))[0] == 404
    assert (await get(stage, "/announcements/2026-A002.json"))[0] == 404


async def test_a_text_for_staff_can_be_checked_where_only_its_readers_were_sent(stage):
    await write(stage, announce, audience=STAFF_ONLY, texts={"zh_Hans": Text("仅教职工可见", "内部")})
    await write(stage, correct, "2026-A001", texts={"zh_Hans": Text("更正，仅教职工可见", "内部")})
    page = await stage.muster.database.write(lambda tx: unlisted_page(tx, "2026-A001"))
    assert re.fullmatch("2026-A001-[A-Z2-7]{16}", page)
    status, body, headers = await get(stage, f"/announcements/{page.lower()}")
    assert status == 200
    assert "更正，仅教职工可见" in body
    assert "本版内容不再有效" in body
    assert "请勿转发" in body
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"].startswith("private")
    _, signed, headers = await get(stage, f"/announcements/{page}.json")
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    document = json.loads(signed)
    assert is_genuine(document)
    assert document["address"].endswith(f"/announcements/{page}")
    assert document["signature"] in body
    assert f'href="/announcements/{page}.json"' in body
    assert "Restricted" in (await get(stage, f"/announcements/{page}.cap.xml"))[1]
    for path in ("", ".atom"):
        _, listed, headers = await get(stage, f"/announcements{path}")
        assert "2026-A001" not in listed
        assert "X-Robots-Tag" not in headers


async def test_no_other_code_opens_it_and_no_code_opens_another(stage):
    await write(stage, announce, audience=STAFF_ONLY)
    await write(stage, announce, audience=STAFF_ONLY)
    assert (await get(stage, f"/announcements/2026-A001-{'A' * 16}"))[0] == 404, "before there is a key"
    page = await stage.muster.database.write(lambda tx: unlisted_page(tx, "2026-A001"))
    code = page.removeprefix("2026-A001-")
    wrong = ("B" if code[0] == "A" else "A") + code[1:]
    for other in (
        "2026-A001",
        f"2026-A002-{code}",
        f"2026-A001-{wrong}",
        f"2026-A001-{code[1:]}",
        f"{page}-{code}",
    ):
        for ending in ("", ".json", ".cap.xml"):
            assert (await get(stage, f"/announcements/{other}{ending}"))[0] == 404, other
    await stage.stop()
    await stage.start()
    assert (await get(stage, f"/announcements/{page}"))[0] == 200


async def test_what_became_internal_no_longer_holds_for_the_public(stage):
    await write(stage, announce)
    await write(stage, correct, "2026-A001", audience=STAFF_ONLY)
    status, page, _ = await get(stage, "/announcements/2026-A001")
    assert status == 200
    assert "明日照常上课" not in page
    assert "本版内容不再有效" in page


async def test_a_drill_is_marked_wherever_it_is_read(stage):
    await write(stage, announce, mode=Mode.DRILL)
    for path, mark in (
        ("", "【演练】"),
        ("/2026-A001", "【演练】"),
        (".atom", "【演练】"),
        ("/2026-A001.cap.xml", "Exercise"),
    ):
        assert mark in (await get(stage, f"/announcements{path}"))[1]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_words_are_shown_as_words(stage, name):
    said = HOSTILE[name].replace("\r\n", "\n")
    await write(stage, announce, texts={"zh_Hans": Text(said, said[:60].replace("\n", " "))})
    for path in ("", "/2026-A001"):
        _, page, _ = await get(stage, f"/announcements{path}")
        tags = set(re.findall(r"<(/?[a-zA-Z0-9]+)", page))
        assert not tags & {"script", "b", "at", "img/", "iframe", "alert"}
        assert page.count("<img") == (path != "")
        [shown] = re.findall(r'<p class="text" lang="zh-Hans">(.*?)</p>', page, re.DOTALL)
        assert shown == _escaped(said) or (name == "long" and not path and shown.endswith("…"))


def _escaped(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
        text = text.replace(sign, entity)
    return text


async def test_the_signed_file_is_genuine_and_names_its_revision(stage):
    await write(stage, announce)
    await write(stage, correct, "2026-A001")
    newest = json.loads((await get(stage, "/announcements/2026-A001.json"))[1])
    first = json.loads((await get(stage, "/announcements/2026-A001.json?revision=1"))[1])
    assert is_genuine(newest, public_key=first["public_key"])
    assert is_genuine(first)
    assert (newest["revision"], first["revision"]) == (2, 1)
    assert newest["address"].endswith("/announcements/2026-A001")
    assert not is_genuine({**first, "texts": newest["texts"]})
    page = (await get(stage, "/announcements/2026-A001"))[1]
    assert newest["signature"] in page
    assert (await get(stage, "/announcements/2026-A001.json?revision=9"))[0] == 404


@pytest.mark.parametrize(
    "number", ["2026-A999", "2026", "A", "%00", "2026-A1%27--", "x" * 300, "2026-A001.pdf", "%F0%9F%98%80"]
)
async def test_what_is_not_there_is_a_404_that_says_so(stage, number):
    status, body, _ = await get(stage, f"/announcements/{number}")
    assert status == 404
    assert "Traceback" not in body


async def test_while_the_database_is_away_readers_are_told_to_come_back(stage, monkeypatch):
    async def away(*_):
        raise StorageBusyError("away")

    monkeypatch.setattr(stage.muster.database, "read", away)
    status, _, headers = await get(stage, "/announcements")
    assert (status, headers["Retry-After"]) == (503, "5")


# ── the shelf ──────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_crowd_that_looks_at_once_costs_one_look():
    made, now = [], [0.0]
    kept: Shelf[int] = Shelf(monotonic=lambda: now[0])

    async def make() -> int:
        made.append(now[0])
        await asyncio.sleep(0.01)
        return len(made)

    assert await asyncio.gather(*(kept.get("page", make) for _ in range(500))) == [1] * 500
    now[0] = 1.9
    assert await kept.get("page", make) == 1
    now[0] = 2.1
    assert await kept.get("page", make) == 2


async def test_a_failure_is_not_kept_and_a_reader_who_leaves_takes_nothing_along():
    kept: Shelf[str] = Shelf()

    async def fail() -> str:
        raise StorageBusyError("away")

    async def slow() -> str:
        await asyncio.sleep(0.05)
        return "page"

    with pytest.raises(StorageBusyError):
        await kept.get("page", fail)
    leaving = asyncio.ensure_future(kept.get("page", slow))
    await asyncio.sleep(0)
    staying = asyncio.ensure_future(kept.get("page", slow))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert await staying == "page"


async def test_a_shelf_of_made_up_addresses_does_not_grow_without_end():
    kept: Shelf[int] = Shelf()

    async def make() -> int:
        return 1

    for n in range(2000):
        await kept.get(f"{n}", make)
    assert len(kept._kept) <= 256
