"""The right picture, to the right person, for a recorded reason; and to nobody else."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.roster import Role
from bot.domain.roster_diff import Roster
from bot.domain.snapshot import Act
from bot.services.importing import apply_roster
from integrations.cameras import breaker
from tests.contract.bot_api import SPECIFICATION, check_recorded
from tests.support.cameras import seeing
from tests.support.cast import CAST, CENTRE, CHANNEL, CHEN, EMILY, LI, SUN, WANG, WU, ZHAO

SECOND = timedelta(seconds=1)
LEADERS = (CHEN, ZHAO, SUN)


@pytest.fixture
async def stage(tmp_path):
    async with seeing(tmp_path) as stage:
        yield stage
        await stage.quiet()
        calls = stage.simulator.calls
        assert stage.photos(CHEN, chat=CENTRE) == [], "no picture ever in the group"
        assert stage.simulator.chat(CHANNEL).messages == {}
    if SPECIFICATION.is_file():
        # An outage leaves no more of a call than its name.
        assert check_recorded([call for call in calls if call.params]) == []


async def a_fire(stage) -> None:
    await stage.phone(WANG).send("/report fire A3 走廊有烟")


async def test_the_leaders_see_the_place_and_the_topic_learns_only_how_many(stage):
    await a_fire(stage)
    pictures = {leader: await stage.photo(leader) for leader in LEADERS}

    assert "📷 三层走廊 · 2026-0001 · " in pictures[CHEN]["caption"]
    assert "📷 Corridor, floor 3 · 2026-0001 · " in pictures[SUN]["caption"]
    assert all(picture["has_protected_content"] for picture in pictures.values())
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, "📷 三层走廊：画面已发给 3 名获授权人员", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert {person.staff_id for person in CAST if stage.photos(person)} == {"T3", "T5", "T6"}

    seen = [stage.bytes_of(picture) for picture in pictures.values()]
    assert len(set(seen)) == 3, "each one's is marked for them"
    assert not set(seen) & set(stage.cameras.given), "nobody gets the camera's own"
    lines = await stage.register()
    assert {(line.act, line.staff_id, line.camera_id, line.outcome) for line in lines} == {
        (Act.VIEW, leader.staff_id, "A3", "done") for leader in LEADERS
    }
    assert all(line.reason == "应急事件 2026-0001" and line.sha256 and line.snapshot_id for line in lines)
    assert all(line.content.startswith("三层走廊 20") for line in lines)


async def test_an_sos_shows_the_place_as_soon_as_it_is_said(stage):
    wang = stage.phone(WANG)
    await wang.send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await wang.press(receipt, "火灾")
    await stage.quiet()
    assert stage.cameras.asked == []
    await wang.press(await stage.says(WANG, "在哪里？"), "东门")
    assert "东门" in (await stage.photo(CHEN))["caption"]


async def test_a_teacher_gets_no_picture_and_is_told_why(stage):
    await a_fire(stage)
    await stage.photo(CHEN)
    await stage.phone(WANG).send("/snapshot A3")
    await stage.says(WANG, "监控画面仅限校长、副校长和应急总指挥查看")
    await stage.phone(EMILY).send("/snapshot gate I want to see")
    await stage.says(EMILY, "Camera pictures are for the principal")
    await stage.phone(LI).send("/snapshot 2026-0001 A3", chat=CENTRE)
    await stage.says(LI, "监控画面仅限")
    refused = [line for line in await stage.register() if line.act is Act.REFUSAL]
    assert [(line.name, line.outcome) for line in refused] == [
        ("王芳", "no_right"),
        ("艾米丽", "no_right"),
        ("李明", "no_right"),
    ]
    assert ("T2", "see_cameras", "refused") in [
        (row.actor, row.act, row.outcome) for row in await stage.read(lambda tx: list(tx.audit.rows()))
    ]


async def test_a_refresh_replaces_the_picture_in_its_message(stage):
    await a_fire(stage)
    first = await stage.photo(CHEN)
    before = stage.bytes_of(first)
    # Within a second everybody is given the same picture.
    stage.clock.ahead += 2 * SECOND
    await stage.phone(CHEN).press(first, "刷新")
    renewed = await stage.phone(CHEN).wait_for(
        lambda one: one["message_id"] == first["message_id"] and "edit_date" in one, timeout=10
    )
    assert stage.bytes_of(renewed) != before
    assert len(stage.photos(CHEN)) == 1


async def test_a_watch_renews_the_picture_until_its_time_is_over(stage):
    await a_fire(stage)
    picture = await stage.photo(CHEN)
    await stage.phone(CHEN).press(picture, "每 10 秒")
    await stage.says(CHEN, "🔴 每 10 秒更新一次")
    asked = len(stage.cameras.asked)
    for _ in range(3):
        await stage.later(seconds=10)
        await stage.quiet()
    assert len(stage.cameras.asked) == asked + 3
    for _ in range(10):
        await stage.later(seconds=10)
        await stage.quiet()
    [shown] = stage.photos(CHEN)
    assert "🔴" not in shown["caption"]
    asked = len(stage.cameras.asked)
    await stage.later(seconds=60)
    await stage.quiet()
    assert len(stage.cameras.asked) == asked


async def test_a_certificate_that_ends_in_the_middle_stops_the_watch_and_takes_the_picture_away(stage):
    await stage.muster.database.write(
        lambda tx: tx.people.save(
            [replace(CHEN, camera_training_until=stage.muster.school.day(stage.clock()))]
        )
    )
    await a_fire(stage)
    picture = await stage.photo(CHEN)
    await stage.phone(CHEN).press(picture, "每 10 秒")
    await stage.says(CHEN, "🔴")
    asked = len(stage.cameras.asked)
    await stage.later(hours=24)
    await stage.says(CHEN, "您的监控培训已于")
    await stage.until(lambda: not stage.photos(CHEN))
    assert len(stage.cameras.asked) == asked, "no frame is opened for who may not see it"
    await stage.later(seconds=30)
    await stage.quiet()
    assert len(stage.cameras.asked) == asked
    [refused] = [line for line in await stage.register() if line.act is Act.REFUSAL]
    assert (refused.staff_id, refused.outcome) == ("T3", "certificate_over")


async def test_the_all_clear_ends_the_watch(stage):
    await a_fire(stage)
    picture = await stage.photo(CHEN)
    await stage.phone(CHEN).press(picture, "每 10 秒")
    await stage.says(CHEN, "🔴")
    await stage.phone(CHEN).send("/cancel 2026-0001 演习误报")
    await stage.quiet()
    asked = len(stage.cameras.asked)
    await stage.later(seconds=10)
    await stage.says(CHEN, "事件已结束，监控画面随之停止")
    assert len(stage.cameras.asked) == asked
    press = await stage.phone(ZHAO).press(stage.photos(ZHAO)[0], "刷新")
    assert "事件已结束" in (await stage.phone(ZHAO).wait_answer(press))["text"]


async def test_pictures_leave_the_chat_after_their_time(stage):
    await a_fire(stage)
    await stage.photo(CHEN)
    await stage.quiet()
    await stage.later(minutes=59)
    await stage.quiet()
    assert len(stage.photos(CHEN)) == 1
    await stage.later(minutes=2)
    await stage.until(lambda: not any(stage.photos(leader) for leader in LEADERS))


async def test_who_is_revoked_keeps_no_picture(stage):
    await a_fire(stage)
    await stage.photo(SUN)
    await stage.quiet()
    await stage.phone(LI).send("/revoke T6")
    await stage.until(lambda: not stage.photos(SUN))
    assert len(stage.photos(CHEN)) == 1


@pytest.mark.parametrize("roles", [None, {Role.STAFF}], ids=["gone", "without the role"])
async def test_whom_a_new_roster_takes_the_right_from_keeps_no_picture(stage, roles):
    await a_fire(stage)
    await stage.photo(SUN)
    await stage.quiet()
    people = {one.staff_id: one for one in CAST if one is not SUN or roles}
    if roles:
        people[SUN.staff_id] = replace(SUN, roles=frozenset(roles))
    await stage.muster.database.write(apply_roster, Roster(people=people), by="shell", at=stage.clock())
    await stage.until(lambda: not stage.photos(SUN))
    assert len(stage.photos(CHEN)) == 1


async def test_without_an_incident_a_reason_is_asked_for(stage):
    chen = stage.phone(CHEN)
    await chen.send("/snapshot gate")
    await stage.says(CHEN, "当前没有进行中的事件，查看监控须写明事由")
    await chen.send("/snapshot")
    await stage.says(CHEN, "摄像头：东门和三层走廊")
    assert stage.cameras.asked == []
    await chen.send("/snapshot 东门 夜间有异响，核查")
    picture = await stage.photo(CHEN)
    assert "📷 东门 · " in picture["caption"]
    await stage.quiet()
    line = (await stage.register())[-1]
    assert (line.act, line.reason, line.incident_id) == (Act.VIEW, "夜间有异响，核查", None)
    await stage.later(minutes=16)
    press = await chen.press(picture, "刷新")
    assert "须写明事由" in (await chen.wait_answer(press))["text"]


async def test_a_private_place_is_refused_to_everybody_and_that_is_on_record(stage):
    await a_fire(stage)
    await stage.photo(CHEN)
    await stage.quiet()
    await stage.phone(CHEN).send("/snapshot 宿舍")
    await stage.says(CHEN, "此处为私密场所，依法不得用摄像头查看")
    line = (await stage.register())[-1]
    assert (line.act, line.camera_id, line.outcome) == (Act.REFUSAL, "dorm", "private_place")
    await stage.phone(CHEN).send("/snapshot 体育馆")
    await stage.says(CHEN, "体育馆没有摄像头")
    await stage.phone(CHEN).send("/snapshot 月球")
    await stage.says(CHEN, "没有名为“月球”的摄像头或地点")


async def test_an_incident_is_a_reason_for_every_camera_and_a_button_shows_it(stage):
    await a_fire(stage)
    first = await stage.photo(CHEN)
    await stage.phone(CHEN).send("/snapshot", chat=CENTRE, thread=await stage.topic_named("2026-0001"))
    choice = await stage.says(CHEN, "看哪个摄像头")
    await stage.says(CHEN, "结果已发到您与“集合”的私聊中", chat=CENTRE)
    assert choice["reply_markup"]["inline_keyboard"][0][0]["text"] == "📍 三层走廊"
    await stage.phone(CHEN).press(choice, "东门")
    gate = await stage.photo(CHEN, after=first["message_id"])
    assert "东门" in gate["caption"]
    press = await stage.phone(CHEN).press(gate, "刷新")
    assert (await stage.phone(CHEN).wait_answer(press))["text"] == "正在取画面……"
    await stage.phone(CHEN).press(gate, "其他摄像头")
    await stage.phone(CHEN).wait_for("看哪个摄像头", after=gate["message_id"])


async def test_a_camera_that_fails_is_answered_in_words_and_can_be_asked_again(stage, monkeypatch):
    # On a slow machine it has failed often enough by then to be left alone; that has tests of its own.
    monkeypatch.setattr(breaker, "PAUSE_S", 0.0)
    stage.cameras.failing = True
    await a_fire(stage)
    said = await stage.says(CHEN, "没有画面")
    assert "三层走廊" in said["text"]
    stage.cameras.failing = False
    await stage.phone(CHEN).press(said, "刷新")
    shown = await stage.photo(CHEN)
    assert shown["message_id"] == said["message_id"]
    stage.cameras.failing = True
    stage.clock.ahead += 2 * SECOND
    await stage.phone(CHEN).press(shown, "刷新")
    await stage.says(CHEN, "没有画面")
    await stage.quiet()
    outcomes = [line.outcome for line in await stage.register() if line.staff_id == "T3"]
    assert outcomes == ["no picture: no_picture", "done", "no picture: no_picture"]


async def test_an_old_picture_is_not_shown(stage):
    stage.cameras.headers["Age"] = "47"
    await a_fire(stage)
    assert "秒前的，不予显示" in (await stage.says(CHEN, "没有实时画面"))["text"]
    assert not stage.photos(CHEN)


async def test_an_outage_keeps_the_rules(stage):
    chen = stage.phone(CHEN)
    await chen.send("/snapshot gate 门口有人聚集")
    await stage.photo(CHEN)
    await stage.quiet()
    asked = len(stage.cameras.asked)
    methods = ["sendPhoto", "sendMessage", "sendChatAction"]
    stage.simulator.faults.change({"only_methods": methods, "outage": True})
    await chen.send("/snapshot A3 三楼有烟味")
    await stage.until(lambda: any(call.method == "sendChatAction" for call in stage.simulator.calls))
    was_asked = len(stage.cameras.asked)
    assert was_asked <= asked + 1, "no camera is asked again and again for nobody"
    stage.clock.ahead += 200 * SECOND
    stage.simulator.faults.clear()
    await stage.says(CHEN, "您请求时 Telegram 无法连接", timeout=15)
    assert len(stage.photos(CHEN)) == 1
    assert len(stage.cameras.asked) == was_asked


async def test_nothing_of_a_picture_lies_open_on_the_disk_or_in_a_log(stage, tmp_path, capfd):
    await a_fire(stage)
    picture = stage.bytes_of(await stage.photo(CHEN))
    await stage.quiet()
    pieces = [picture[300:360], stage.cameras.given[0][300:360]]
    files = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert len([path for path in files if path.parent.name == "vault"]) == 6
    for path in files:
        content = path.read_bytes()
        assert not any(piece in content for piece in pieces), path.name
    logged = "".join(capfd.readouterr())
    for piece in pieces:
        assert base64.b64encode(piece[:30]).decode() not in logged
        assert repr(piece)[2:60] not in logged


async def test_a_restart_goes_on_with_a_watch(stage):
    await a_fire(stage)
    picture = await stage.photo(CHEN)
    await stage.phone(CHEN).press(picture, "每 10 秒")
    await stage.says(CHEN, "🔴")
    await stage.quiet()
    await stage.stop()
    asked = len(stage.cameras.asked)
    stage.clock.ahead += 20 * SECOND
    await stage.start()
    await stage.until(lambda: len(stage.cameras.asked) > asked)
    await stage.quiet()
    assert len(stage.photos(CHEN)) == 1
    assert {call.chat_id for call in stage.simulator.calls if call.method == "sendPhoto"} == {
        leader.telegram_id for leader in LEADERS
    }


async def test_a_drills_pictures_are_marked(stage):
    await stage.phone(CHEN).send("/drill fire A3")
    picture = await stage.photo(CHEN)
    assert picture["caption"].startswith("【演练】")
    await stage.quiet()
    assert (await stage.register())[0].reason == "应急事件 2026-0001（演练）"


async def test_the_it_centre_sees_no_picture(stage):
    await a_fire(stage)
    await stage.photo(CHEN)
    await stage.quiet()
    assert not stage.photos(WU)


async def test_somebody_whose_certificate_is_over_is_not_among_those_who_are_sent_it(tmp_path):
    async with seeing(tmp_path) as stage:
        over = replace(ZHAO, camera_training_until=date(2020, 1, 1))
        await stage.muster.database.write(lambda tx: tx.people.save([over]))
        await a_fire(stage)
        await stage.photo(CHEN)
        thread = await stage.topic_named("2026-0001")
        await stage.says(CHEN, "画面已发给 2 名获授权人员", chat=CENTRE, thread=thread)
        await stage.quiet()
        assert not stage.photos(ZHAO)


async def test_of_a_restricted_incident_only_those_who_know_of_it_see_pictures(stage):
    await stage.phone(WANG).send("/report bullying A3 有学生被围堵")
    await stage.photo(ZHAO)
    await stage.quiet()
    assert stage.photos(CHEN) == []
    said = await stage.phone(CHEN).send("/snapshot A3")
    await stage.says(CHEN, "须写明事由", after=said["message_id"])
    assert "2026-0001" not in "\n".join(one.get("text", "") for one in stage.phone(CHEN).messages())
    assert stage.topics() == []
