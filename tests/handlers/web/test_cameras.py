"""The school's own page of cameras: the chat's rules and register, for every picture that it gives."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import aiohttp
import pytest

from bot.domain.page import Page
from bot.domain.snapshot import Act
from bot.services.entering import make_link
from bot.services.turn import Turn
from tests.support.cameras import seeing
from tests.support.cast import CHEN, LI, SUN, WANG

OWN = {"X-Muster": "1"}


@pytest.fixture
async def stage(tmp_path):
    async with seeing(tmp_path, deliver="page") as stage:
        yield stage


@pytest.fixture
async def browser(stage):
    async with aiohttp.ClientSession(stage.muster.web_url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as one:
        yield one


async def link_of(stage, who) -> str:
    """The path of the link in the person's newest message about cameras."""
    told = await stage.phone(who).wait_for(
        lambda one: "http" in str(one.get("reply_markup")) and "📷" in one.get("text", "")
    )
    url = told["reply_markup"]["inline_keyboard"][0][0]["url"]
    return "/enter/" + url.rpartition("/")[2]


async def enter(stage, browser, who) -> None:
    code = await stage.muster.database.write(
        lambda tx: make_link(Turn(tx, stage.muster.school, stage.clock()), who.staff_id, Page.CAMERAS)
    )
    async with browser.get(f"/enter/{code}") as answer:
        assert answer.status == 200


async def picture(browser, camera="A3", headers=OWN, **more):
    async with browser.post("/cameras-view/picture", json={"camera": camera, **more}, headers=headers) as one:
        return one.status, await one.json()


async def test_the_leaders_get_a_link_and_it_opens_the_page_once(stage, browser):
    await stage.phone(WANG).send("/report fire A3")
    path = await link_of(stage, SUN)
    async with browser.get(path) as answer:
        text = await answer.text()
    assert (answer.status, answer.url.path) == (200, "/cameras-view")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "2026-0001 🔥 Fire · Building A, floor 3" in text
    assert 'data-id="A3" data-name="Corridor, floor 3" data-here' in text
    assert "Cameras elsewhere" in text
    async with aiohttp.ClientSession(stage.muster.web_url) as other, other.get(path) as second:
        assert second.status == 410
    assert not stage.photos(SUN)


async def test_every_picture_is_in_the_register(stage, browser):
    await stage.phone(WANG).send("/report fire A3")
    await stage.topic_named("2026-0001")
    await enter(stage, browser, CHEN)
    status, said = await picture(browser)
    assert status == 200
    assert base64.b64decode(said["picture"]).startswith(b"\xff\xd8")
    stage.clock.ahead += timedelta(seconds=2)
    _, again = await picture(browser)
    assert again["picture"] != said["picture"]
    lines = await stage.register()
    assert [(line.act, line.staff_id, line.camera_id, line.reason) for line in lines] == [
        (Act.VIEW, "T3", "A3", "应急事件 2026-0001")
    ] * 2
    assert len({line.sha256 for line in lines}) == 2


async def test_without_an_incident_the_page_asks_why(stage, browser):
    await enter(stage, browser, CHEN)
    async with browser.get("/cameras-view") as answer:
        assert 'id="reason"' in await answer.text()
    status, said = await picture(browser, "gate")
    assert (status, said["error"]) == (403, "camera_refused")
    assert "须写明事由" in said["text"]
    status, _ = await picture(browser, "gate", reason="门口有人聚集")
    assert status == 200
    assert [(line.act, line.outcome, line.reason) for line in await stage.register()] == [
        (Act.REFUSAL, "no_reason", ""),
        (Act.VIEW, "done", "门口有人聚集"),
    ]


async def test_a_certificate_that_is_over_shows_nothing(stage, browser):
    await stage.phone(WANG).send("/report fire A3")
    await stage.topic_named("2026-0001")
    await enter(stage, browser, CHEN)
    over = replace(CHEN, camera_training_until=date(2020, 1, 1))
    await stage.muster.database.write(lambda tx: tx.people.save([over]))
    status, said = await picture(browser)
    assert status == 403
    assert "2020-01-01" in said["text"]
    assert stage.cameras.asked == []
    assert (await stage.register())[-1].outcome == "certificate_over"


async def test_who_has_no_right_does_not_get_in(stage, browser):
    code = await stage.muster.database.write(
        lambda tx: make_link(Turn(tx, stage.muster.school, stage.clock()), LI.staff_id, Page.CAMERAS)
    )
    async with browser.get(f"/enter/{code}") as answer:
        assert answer.status == 410
    async with browser.post("/cameras-view/picture", json={"camera": "gate"}, headers=OWN) as answer:
        assert answer.status == 401


async def test_another_site_cannot_ask_in_somebodys_name(stage, browser):
    await enter(stage, browser, CHEN)
    status, _ = await picture(browser, headers={})
    assert status == 403
    assert stage.cameras.asked == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"camera": 7}', b'{"camera": "gate", "reason": []}', b"x" * 9000]
)
async def test_garbage_is_said_to_be_garbage(stage, browser, body):
    await enter(stage, browser, CHEN)
    async with browser.post("/cameras-view/picture", data=body, headers=OWN) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "unreadable")


async def test_a_camera_that_does_not_answer_is_said_so(stage, browser):
    stage.cameras.failing = True
    await enter(stage, browser, CHEN)
    status, said = await picture(browser, "gate", reason="门口有人聚集")
    assert (status, said["error"]) == (502, "no_picture")
    assert "没有画面" in said["text"]
    status, said = await picture(browser, "nowhere", reason="门口有人聚集")
    assert (status, said["error"]) == (403, "unknown_camera")
