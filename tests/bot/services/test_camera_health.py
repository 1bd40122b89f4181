"""Who tends cameras is told once of what is lost and what is back; everybody else is left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.camera_health import Trouble
from bot.domain.condition import Change, Condition
from bot.domain.message import MessageKind
from bot.services.camera_health import GATHER, CameraWatchService
from bot.services.turn import Turns
from tests.support.cast import CHEN, LI, WANG, WU
from tests.support.door import open_door
from tests.support.watched import DORM, GATE, GYM, HALL, FakeProbe, watched_school

pytestmark = pytest.mark.both_databases

LOST = (Condition.OFFLINE, Trouble.UNREACHABLE)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        one.turns.school = watched_school(one.school)
        yield one


@pytest.fixture
def probe(door):
    return FakeProbe(lambda: door.now)


@pytest.fixture
def watch(door, probe):
    return CameraWatchService(door.turns, probe)


async def told_after(door, watch, time=GATHER):
    door.now += time
    await watch.announce()
    return [said for said in await door.collect() if said.kind is MessageKind.CAMERA_NOTICE]


async def test_the_it_centre_is_told_of_a_lost_camera_and_nobody_else(door, probe, watch):
    probe.found["gate"] = LOST
    await watch.probe(GATE)
    assert await told_after(door, watch, timedelta()) == []
    (notice,) = await told_after(door, watch)
    assert notice.to == f"person:{WU.staff_id}"
    assert notice.text == "📷 <b>摄像头</b>\n🔴 <b>东门</b>：11月23日 09:59 起离线（无法连接）"
    assert notice.needs_right == "tend_cameras"
    assert await told_after(door, watch, 10 * MINUTE) == []


async def test_cameras_lost_within_the_same_moment_are_one_notice(door, probe, watch):
    for camera in (GATE, GYM):
        probe.found[camera.id] = LOST
        await watch.probe(camera)
        door.now += timedelta(seconds=5)
    await watch.probe(HALL)
    (notice,) = await told_after(door, watch)
    assert "东门" in notice.text
    assert "体育馆" in notice.text
    assert "走廊" not in notice.text


async def test_when_all_are_lost_the_notice_says_that_it_is_the_network(door, probe, watch):
    for camera in (GATE, GYM, HALL):
        probe.found[camera.id] = LOST
        await watch.probe(camera)
    (notice,) = await told_after(door, watch)
    assert notice.text.startswith("🔴 <b>3 个摄像头全部离线</b>")
    assert "请检查网络和供电" in notice.text
    for camera in (GATE, GYM, HALL):
        del probe.found[camera.id]
        await watch.probe(camera)
    (back,) = await told_after(door, watch)
    assert back.text.count("恢复正常") == 3


async def test_one_that_is_back_before_anybody_heard_of_it_is_no_news(door, probe, watch):
    probe.found["gate"] = LOST
    await watch.probe(GATE)
    door.now += timedelta(seconds=10)
    del probe.found["gate"]
    await watch.probe(GATE)
    assert await told_after(door, watch) == []


async def test_what_is_still_so_is_a_reminder(door, probe, watch):
    probe.found["gate"] = LOST
    await watch.probe(GATE)
    await told_after(door, watch)
    door.now += timedelta(hours=1)
    finding = await probe.probe(GATE)
    again = Change("gate", Condition.OFFLINE, Condition.OFFLINE, finding.since, door.now, is_reminder=True)

    async def reminding(_camera):
        return replace(finding, changes=(again,))

    probe.probe = reminding
    await watch.probe(GATE)
    (notice,) = await told_after(door, watch)
    assert "离线，自 11月23日 09:59 起尚未恢复" in notice.text


async def test_a_private_place_and_one_left_alone_are_never_looked_into(door, probe):
    door.turns.school = watched_school(door.school, DORM, not_watched=frozenset({"hall"}))
    watch = CameraWatchService(door.turns, probe)
    assert [camera.id for camera in watch.watched()] == ["gate", "gym"]
    for camera in (DORM, HALL):
        assert await watch.probe(camera) is None
    assert probe.asked == []


async def test_what_was_learned_and_what_was_not_yet_told_survive_a_restart(door, probe, watch):
    probe.found["gate"] = LOST
    await watch.probe(GATE)
    again = CameraWatchService(Turns(door.database, door.turns.school, lambda: door.now), probe)
    await again.restore()
    assert probe.restored == {"gate": {"of": "gate"}}
    (notice,) = await told_after(door, again)
    assert "东门" in notice.text


async def test_without_an_it_centre_the_safety_office_is_told(door, probe, watch):
    await door.database.write(lambda tx: tx.people.revoke(WU.staff_id))
    probe.found["gate"] = LOST
    await watch.probe(GATE)
    (notice,) = await told_after(door, watch)
    assert (notice.to, notice.needs_right) == (f"person:{LI.staff_id}", "run_desk")


async def test_uptime_counts_what_was_seen_and_not_what_nobody_knows(door, probe, watch):
    async def minutes(count):
        for _ in range(count):
            door.now += MINUTE
            await watch.probe(GATE)

    await minutes(31)
    probe.found["gate"] = LOST
    await minutes(10)
    door.now += timedelta(hours=5)  # Muster itself was away
    del probe.found["gate"]
    await minutes(1)
    health = await door.read(lambda tx: tx.camera_health.get("gate"))
    assert (health.up, health.down) == (31 * MINUTE, 9 * MINUTE)
    day = door.school.day(door.now)
    uptime = (await door.read(lambda tx: tx.camera_health.uptimes(day, day)))["gate"]
    assert uptime.share == pytest.approx(31 / 40)


async def test_the_list_is_for_the_desk_and_the_it_centre_and_shows_no_picture(door, probe, watch):
    probe.found["gym"] = (Condition.COVERED, Trouble.NONE)
    for camera in (GATE, GYM):
        await watch.probe(camera)
    door.now += MINUTE
    for camera in (GATE, GYM):
        await watch.probe(camera)
    door.now += timedelta(seconds=30)
    for person in (WU, CHEN, LI):
        (answer,) = await door.send(person, "/cameras")
        assert answer.kind is MessageKind.CAMERAS
        head, first, *_ = answer.text.split("\n\n")
        assert head == "📷 <b>摄像头</b>：3 个中 1 个正常"
        assert first.startswith("🟠 <b>体育馆</b>：11月23日 09:59 起镜头被遮挡")
        assert "🟢 <b>东门</b> · 最近画面 30 秒前 · 近 7 天在线率 100.0%" in answer.text
        assert "⚪ <b>走廊</b>：尚未巡检" in answer.text
    (refused,) = await door.send(WANG, "/cameras")
    assert refused.kind is MessageKind.REFUSED
