"""Looking back: from a recorder's own search and playback to pictures in one private chat, for a recorded reason."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from bot.domain.footage import Span
from bot.domain.snapshot import Act
from bot.ports import utc_now
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN
from tests.support.footage import jpeg, make_seconds, rtsp_playback
from tests.support.recorder import PASSWORD, USER, ZONE, fake_recorder
from tests.support.stage import Stage

CAMERA = """
[[cameras]]
id = "gate"
zone = "gym"
name = "东门"
name_en = "East gate"
snapshot_url = "{picture}"
filed_on = 2025-05-20
watched = false
recorder = "nvr"

[[recorders]]
id = "nvr"
url = "{url}"
username = "{user}"
password = "{password}"
rtsp_port = {port}

[camera_policy]
deliver = "{deliver}"
faces = "shown"
"""
SECONDS = 120


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Two minutes that ended a minute before the tests began, played by a real RTSP server: (begin, port)."""
    folder = make_seconds(tmp_path_factory.mktemp("recording") / "seconds", SECONDS)
    begin = (utc_now() - timedelta(seconds=SECONDS + 60)).astimezone(ZONE).replace(microsecond=0)
    with rtsp_playback(folder, begin.strftime("%Y%m%dT%H%M%SZ")) as port:
        yield begin, port


@asynccontextmanager
async def school(tmp_path, recording, deliver="chat"):
    begin, port = recording
    files = {"101": [Span(begin, begin + timedelta(seconds=SECONDS - 1))]}
    picture = tmp_path / "gate.jpg"
    picture.write_bytes(jpeg())
    async with fake_recorder(files) as nvr:
        stage = await Stage.set(tmp_path)
        # The recording is real.
        stage.clock.set(utc_now())
        told = CAMERA.format(
            picture=picture, url=nvr.url, user=USER, password=PASSWORD, port=port, deliver=deliver
        )
        with (tmp_path / "school.toml").open("a", encoding="utf-8") as file:
            file.write(told)
        try:
            await stage.start()
            yield stage, nvr
        finally:
            await stage.stop()
            await stage.simulator.stop()


def asked(begin, first=20, last=30):
    """The times as a person writes them."""
    times = (begin + timedelta(seconds=second) for second in (first, last))
    return "-".join(f"{time:%H:%M:%S}" for time in times)


async def seen(stage, count):
    """The register's lines, once that many pictures have gone out."""
    async with asyncio.timeout(30):
        while True:
            lines = await stage.read(lambda tx: tx.register.last(50))
            if sum(line.act is Act.VIEW for line in lines) >= count:
                return lines
            await asyncio.sleep(0.05)


async def test_a_commander_with_a_reason_sees_what_changed_and_nobody_else_does(tmp_path, recording):
    begin, _ = recording
    async with school(tmp_path, recording) as (stage, _nvr):
        await stage.phone(CHEN).send(f"/footage 东门 {asked(begin)} 核实翻墙情况")
        await stage.says(CHEN, "正在调取录像")
        told = await stage.says(CHEN, "张画面有变化的图片", timeout=60)
        count = int(re.search(r"共 (\d) 张", told["text"])[1])
        lines = await seen(stage, count)
        retrieval = lines[-1]
        assert (retrieval.act, retrieval.name, retrieval.reason) == (Act.EXPORT, "陈刚", "核实翻墙情况")
        assert f"东门 录像 {begin + timedelta(seconds=20):%Y-%m-%d %H:%M:%S}" in retrieval.content
        views = [line for line in lines if line.act is Act.VIEW]
        assert len(views) == count <= 5
        for view in views:
            kept = await stage.read(lambda tx, view=view: tx.snapshots.get(view.snapshot_id))
            assert begin + timedelta(seconds=19) <= kept.captured_at <= begin + timedelta(seconds=31)
            assert view.sha256 is not None
            assert view.sha256 != kept.original_sha256
        photos = [call for call in stage.simulator.calls if call.method == "sendPhoto"]
        assert {int(call.params["chat_id"]) for call in photos} == {CHEN.telegram_id}
        assert len(photos) == len(views)


async def test_the_rules_of_the_present_hold_for_the_past(tmp_path, recording):
    begin, _ = recording
    async with school(tmp_path, recording) as (stage, nvr):
        await stage.phone(EMILY).send(f"/footage gate {asked(begin)} I am curious")
        await stage.says(EMILY, "are for the principal")
        await stage.phone(LI).send(f"/footage gate {asked(begin)} 调查案件")
        await stage.says(LI, "监控画面仅限校长")
        await stage.phone(CHEN).send(f"/footage gate {asked(begin)}")
        await stage.says(CHEN, "事由")
        await stage.phone(SUN).send("/footage gate yesterday because of it")
        await stage.says(SUN, "Camera and time, please: /footage gate 10:00-10:05 and why")
        day = begin - timedelta(days=1)
        await stage.phone(SUN).send(f"/footage gate {day:%Y-%m-%d} 8:00-9:00 because of it")
        await stage.says(SUN, "At most 30 minutes")
        await stage.phone(SUN).send("/footage pool 8:00-8:05 because of it")
        await stage.says(SUN, "does not know the camera “pool”")
        await stage.quiet()
        assert nvr.asked == []
        lines = await stage.read(lambda tx: tx.register.last())
        assert {line.act for line in lines} == {Act.REFUSAL}


async def test_a_time_that_nothing_was_recorded_of_is_told(tmp_path, recording):
    async with school(tmp_path, recording) as (stage, nvr):
        nvr.files.clear()
        await stage.phone(SUN).send(f"/footage East gate {asked(recording[0])} because of it")
        await stage.says(SUN, "nothing was recorded at that time", timeout=20)


async def test_what_was_seen_stands_in_the_timeline_without_a_name(tmp_path, recording):
    begin, _ = recording
    async with school(tmp_path, recording) as (stage, _nvr):
        await stage.phone(EMILY).send("/report intruder gym")
        thread = await stage.topic_named(f"{begin:%Y}-0001")
        await stage.phone(CHEN).send(f"/footage 东门 {asked(begin, 30, 34)}")
        await stage.says(CHEN, f"/observe {begin:%Y}-0001 时间；地点；情况；衣着；去向", timeout=60)
        await stage.says(CHEN, "陈刚调看录像：东门", chat=CENTRE, thread=thread)

        await stage.phone(CHEN).send("/observe 10:02；东门；学生1翻墙；深色外套；操场")
        await stage.says(CHEN, "“学生1”是名册上的姓名")
        await stage.phone(CHEN).send("/observe 10:02；东门；两人翻墙")
        await stage.says(CHEN, "请分五项填写")
        await stage.phone(CHEN).send("/observe 10:02；东门；两人翻墙 <b>；深色外套；无")
        await stage.says(
            CHEN, "陈刚从画面中看到：10:02 · 东门 · 两人翻墙 <b> · 衣着：深色外套", chat=CENTRE, thread=thread
        )
        await stage.phone(LI).send("/observe 10:02；东门；两人翻墙；深色外套；无")
        await stage.says(LI, "您没有此项权限")


async def test_without_pictures_in_the_chat_the_schools_own_page_shows_them_and_never_as_the_present(
    tmp_path, recording
):
    async with school(tmp_path, recording, deliver="page") as (stage, _nvr):
        await stage.phone(CHEN).send(f"/footage 东门 {asked(recording[0])} 核实翻墙情况")
        told = await stage.phone(CHEN).wait_for(
            lambda one: "http" in str(one.get("reply_markup")), timeout=60
        )
        link = told["reply_markup"]["inline_keyboard"][0][0]["url"]
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stage.muster.web_url, cookie_jar=jar) as browser:
            async with browser.get("/enter/" + link.rpartition("/")[2]) as answer:
                page = await answer.text()
            looks = [int(look) for look in re.findall(r'data-look="(\d+)"', page)]
            assert 1 <= len(looks) <= 5
            assert "录像画面" in page
            headers = {"X-Muster": "1"}

            async def picture(**wanted):
                path = "/cameras-view/picture"
                async with browser.post(path, json=wanted, headers=headers) as answer:
                    return answer.status, await answer.json()

            status, said = await picture(look=looks[0])
            assert status == 200
            then = said["picture"]
            _, now = await picture(camera="gate", reason="核实翻墙情况")
            assert now["picture"] != then
            assert (await picture(look=10_000))[0] == 403
            assert (await picture(look="1"))[0] == 400
        lines = await stage.read(lambda tx: tx.register.last())
        assert sum(line.act is Act.VIEW and "录像" in line.content for line in lines) == 1
        assert [call.method for call in stage.simulator.calls if call.method == "sendPhoto"] == []
