"""What school.toml says about a source decides: by hours, kind, zone and severity; and who should beat."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.handlers.web.machines import bearer, machines_at, staged_with
from tests.support.cast import CENTRE, CHEN
from tests.support.stage import BEGINNING

SHANGHAI = ZoneInfo("Asia/Shanghai")
CAMERA_IN = bearer("camera-token")
RULED = """
[[alert_sources]]
id = "camera"
format = "generic"
token = "camera-token"
opens = "inform"

[[alert_sources.rules]]
kinds = ["fire"]
opens = "incident"

[[alert_sources.rules]]
zones = ["dorm"]
hours = "out_of_school"
opens = "incident"

[[alert_sources.rules]]
kinds = ["intruder"]
zones = ["gym"]
hours = "lessons"
opens = "review"

[[alert_sources.rules]]
severity = 2
hours = "school_days"
opens = "review"
"""
CALENDAR = """
[school.calendar]
terms = [{{ from = {first}, to = {last} }}]
lessons = [{{ from = "08:00", to = "12:00" }}, {{ from = "14:00", to = "17:30" }}]
"""
BEATING = """
[[alert_sources]]
id = "camera"
format = "generic"
token = "camera-token"
beat_s = 60
opens = "review"

[[alert_sources]]
id = "silent-type"
format = "generic"
token = "other-token"
"""
LESSON, NOON, NIGHT = time(9), time(13), time(2)
WEDNESDAY, SATURDAY = 3, 6


def next_moment(weekday: int, at: time) -> datetime:
    today = BEGINNING.date()
    day = today + timedelta(days=(weekday - today.isoweekday()) % 7 + 7)
    return datetime.combine(day, at, SHANGHAI)


@pytest.mark.parametrize(
    ("said", "weekday", "at", "state"),
    [
        ({"kind": "fire"}, SATURDAY, NIGHT, "opened"),
        ({"zone": "dorm"}, WEDNESDAY, LESSON, "informed"),
        ({"zone": "dorm"}, WEDNESDAY, NOON, "opened"),
        ({"zone": "dorm"}, WEDNESDAY, NIGHT, "opened"),
        ({"zone": "dorm"}, SATURDAY, LESSON, "opened"),
        ({"zone": "gym", "kind": "intruder"}, WEDNESDAY, LESSON, "review"),
        ({"zone": "gym", "kind": "intruder"}, SATURDAY, LESSON, "informed"),
        ({"zone": "gym", "kind": "medical"}, WEDNESDAY, LESSON, "informed"),
        ({"zone": "A3", "kind": "intruder"}, WEDNESDAY, LESSON, "informed"),
        ({"severity": 1}, WEDNESDAY, NIGHT, "review"),
        ({"severity": 2}, WEDNESDAY, LESSON, "review"),
        ({"severity": 3}, WEDNESDAY, LESSON, "informed"),
        ({}, WEDNESDAY, LESSON, "informed"),
        ({"severity": 1}, SATURDAY, LESSON, "informed"),
        ({"severity": 1, "zone": "dorm"}, WEDNESDAY, LESSON, "review"),
    ],
)
async def test_the_first_rule_that_fits_decides(tmp_path, said, weekday, at, state):
    moment = next_moment(weekday, at)
    term = CALENDAR.format(first=(moment - timedelta(30)).date(), last=(moment + timedelta(30)).date())
    async with staged_with(tmp_path, term, RULED) as stage, machines_at(stage) as machines:
        stage.clock.set(moment)
        assert await came_of(stage, machines, said) == state


async def test_a_holiday_is_no_school_day(tmp_path):
    moment = next_moment(WEDNESDAY, LESSON)
    term = CALENDAR.format(first=(moment + timedelta(1)).date(), last=(moment + timedelta(30)).date())
    async with staged_with(tmp_path, term, RULED) as stage, machines_at(stage) as machines:
        stage.clock.set(moment)
        assert await came_of(stage, machines, {"severity": 1}) == "informed"
        assert await came_of(stage, machines, {"zone": "dorm"}) == "opened"


async def came_of(stage, machines, said):
    answer = await machines.post("camera", {"title": "有人报警", **said, "alert_uid": str(said)}, CAMERA_IN)
    assert answer.status == 202
    await stage.quiet()
    return (await machines.get(f"/alerts/{answer.json['alerts'][0]}", CAMERA_IN)).json["state"]


def told(stage, sign):
    return stage.heard(CHEN, sign, CENTRE)


async def test_a_source_that_falls_silent_is_told_once_and_its_return_too(tmp_path):
    async with staged_with(tmp_path, BEATING) as stage, machines_at(stage) as machines:
        watch = stage.muster.services.alerting.watch
        beat = {"state": "heartbeat"}
        answer = await machines.post("camera", beat, CAMERA_IN)
        assert (answer.status, answer.json) == (200, {"alerts": []})
        for _ in range(5):
            stage.clock.ahead += timedelta(seconds=50)
            await machines.post("camera", beat, CAMERA_IN)
            await watch()
        await stage.quiet()
        assert told(stage, "🔇") == []

        for _ in range(4):
            stage.clock.ahead += timedelta(seconds=121)
            await watch()
        await stage.says(CHEN, "🔇 camera 自", chat=CENTRE)
        await stage.phone(CHEN).send("/sources", chat=CENTRE)
        await stage.says(CHEN, "🔇 camera\n", chat=CENTRE)
        await stage.quiet()
        assert len(told(stage, "🔇 camera 自")) == 1

        await machines.post("camera", beat, CAMERA_IN)
        await machines.post("camera", beat, CAMERA_IN)
        await stage.says(CHEN, "🔊 camera 已恢复", chat=CENTRE)
        await stage.quiet()
        assert len(told(stage, "🔊")) == 1
        assert not told(stage, "🔇 silent-type 自")

        stage.clock.ahead += timedelta(seconds=121)
        await watch()
        await stage.quiet()
        assert len(told(stage, "🔇 camera 自")) == 2, "silent again is told again"


async def test_a_source_never_heard_of_is_missed_after_its_time(tmp_path):
    async with staged_with(tmp_path, BEATING) as stage:
        watch = stage.muster.services.alerting.watch
        await watch()
        stage.clock.ahead += timedelta(seconds=121)
        await watch()
        await stage.says(CHEN, "🔇 camera 自", chat=CENTRE)


async def test_thousands_of_heartbeats_wear_no_disk(tmp_path):
    async with staged_with(tmp_path, BEATING) as stage, machines_at(stage) as machines:
        for _ in range(10):
            beats = [machines.post("camera", {"state": "心跳"}, CAMERA_IN) for _ in range(20)]
            assert {answer.status for answer in await asyncio.gather(*beats)} == {200}
        await stage.quiet()
        assert await stage.read(lambda tx: tx.inbox.get(1)) is None
        assert stage.simulator.stats.sent == 0
        state = await stage.read(lambda tx: tx.sources.get("camera"))
        assert state.last_seen_at is not None
        assert state.total == 0
