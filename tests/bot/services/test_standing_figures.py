"""What a digest says of cameras, announcements and what is overdue, and what it keeps to itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.camera import Camera, Cameras
from bot.domain.camera_health import CameraHealth, Filing
from bot.domain.digest import DigestKind
from bot.domain.equipment import Equipment, EquipmentKind
from bot.domain.footage import FootageCheck, FootageFault
from bot.domain.incident import Kind
from bot.domain.place import Name
from bot.domain.plan_change import ChangeState, PlanChange
from bot.domain.readiness import ReadinessRules
from bot.domain.roster import Pupil, SchoolClass
from bot.domain.roster_diff import Roster
from bot.messages.digest import digest
from bot.services.digest_figures import read_figures
from bot.services.digesting import has_news
from bot.services.importing import apply_roster
from bot.services.school import WatchingRules
from tests.support.cast import EMILY, LI, PUPILS, SUN, WANG, ZHAO
from tests.support.door import Door, open_door
from tests.support.reading import LANGUAGES

pytestmark = pytest.mark.both_databases
GATE = Camera("gate", "gym", Name("东门", "East gate"))
DORM = Camera("dorm", "dorm", Name("宿舍走廊", "Dormitory corridor"))
HOUR = timedelta(hours=1)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def figures(door: Door, *, days: int = 0, **changes):
    """Of today and so many days before."""
    school = replace(door.school, **changes)
    today = school.day(door.now)
    return await door.read(
        lambda tx: read_figures(tx, school, begin=today - timedelta(days=days), end=today, now=door.now)
    )


def health(door: Door, camera: str, state: str) -> CameraHealth:
    return CameraHealth(camera, state, door.now - HOUR, door.now)


async def test_a_camera_is_out_by_the_watchs_own_state_and_its_uptime_is_the_spans(door):
    def keep(tx):
        for camera in ("gate", "dorm", "sold"):
            tx.camera_health.save(health(door, camera, "covered"))
        today = door.school.day(door.now)
        tx.camera_health.count("gate", today, up=3 * HOUR, down=HOUR)
        tx.camera_health.count("gate", today - timedelta(days=9), up=HOUR, down=9 * HOUR)

    await door.database.write(keep)
    [found] = (await figures(door, cameras=Cameras((GATE, DORM))))["cameras"]
    assert (found["name"], found["state"]) == (GATE.name.to_params(), "covered")
    assert found["uptime"] == 0.75
    assert (await figures(door, days=9, cameras=Cameras((GATE,))))["cameras"][0]["uptime"] == 4 / 14


async def test_recorders_and_filings_are_told_where_the_watch_knows_of_them(door):
    check = FootageCheck("gate", door.now, door.now, faults=(FootageFault.STOPPED,))
    await door.database.write(lambda tx: tx.footage.save_check(check))
    filings = {
        "gate": Filing("gate", due_on=date(2026, 12, 5)),
        "dorm": Filing("dorm", filed_on=date(2026, 1, 5), due_on=date(2026, 12, 5)),
    }
    found = await figures(door, cameras=Cameras((GATE, DORM)), watching=WatchingRules(filings=filings))
    assert found["recordings"] == [{"name": GATE.name.to_params(), "faults": ["stopped"]}]
    assert found["filings"] == [{"name": GATE.name.to_params(), "due_on": "2026-12-05"}]


async def test_a_camera_that_is_out_is_told_in_the_morning_and_breaks_no_evenings_quiet(door):
    await door.database.write(lambda tx: tx.camera_health.save(health(door, "gate", "offline")))
    found = await figures(door, cameras=Cameras((GATE,)))
    assert found["cameras"]
    assert has_news(DigestKind.MORNING, found)
    assert not has_news(DigestKind.EVENING, found)


@pytest.mark.parametrize(
    ("who", "words", "told"), [(EMILY, "/report fire gym", ["2026-0001"]), (LI, "/drill fire gym", [])]
)
async def test_late_tasks_and_reports_of_a_fire_are_told_and_those_of_a_drill_are_not(door, who, words, told):
    await door.send(who, words)
    await door.after(hours=2)
    late = await door.read(lambda tx: (tx.due_reports.overdue(door.now), tx.tasks.figures(1).late))
    assert all(late), "the clock found both"
    found = (await figures(door))["overdue"]
    assert [one["number"] for one in found["reports"]] == told
    assert [(one["number"], one["n"]) for one in found["tasks"]] == [(number, late[1]) for number in told]


async def test_an_announcement_stands_in_it_with_whom_it_reached(door):
    await door.send(LI, "/announce 明天停课。")
    await press(door, LI, "提交审批")
    await press(door, ZHAO, "批准")
    await door.collect()
    [found] = (await figures(door))["announcements"]
    assert (found["number"], found["figures"]["audience"], found["figures"]["sent"]) == ("2026-A001", 11, 11)
    door.now += timedelta(days=2)
    assert (await figures(door))["announcements"] == []


async def press(door: Door, who, label: str) -> None:
    said = next(
        said
        for said in reversed(door.said)
        if said.to == f"person:{who.staff_id}" and any(label in b.label for row in said.buttons for b in row)
    )
    await door.press(who, said.data(label))


async def test_nothing_of_a_restricted_incident_is_told_but_that_there_was_one(door):
    await door.send(WANG, "/report bullying A3 七3班有学生被围堵")
    await door.send(ZHAO, "/command 2026-0001")
    await door.send(ZHAO, "/corrective 2026-0001 孙丽 +1 加强走廊巡查")
    await door.after(days=3)
    change = PlanChange(0, 1, SUN.staff_id, door.now, state=ChangeState.PROPOSED, kind=Kind.BULLYING)
    await door.database.write(lambda tx: tx.plan_changes.add(change))
    kept = await door.read(lambda tx: (tx.corrective_actions.open(), tx.due_reports.overdue(door.now)))
    assert all(kept)
    found = await figures(door, days=3)
    assert found["restricted"] == 1
    assert found["actions"] == found["plan_changes"] == []
    assert "2026-0001" not in str(found)
    assert "围堵" not in str(found)


async def test_readiness_is_in_the_digest_in_short_lines_and_nothing_when_all_is_well(door):
    assert "📍" not in words(await morning(door))
    await door.send(LI, "/training 急救; -1; 王工; 红十字会; 急救员; +20")
    await door.send(LI, "/training 1 passed 王芳")
    rules = ReadinessRules(patrol_zones=("gym", "A3"), patrols_per_day=1)
    found = await figures(door, days=1, readiness=rules)
    assert found["readiness"]["trainings"] == [
        {
            "topic": "急救",
            "held_on": "2026-11-22",
            "expert": "王工 · 红十字会",
            "there": 1,
            "passed": 1,
        }
    ]
    text = words(found)
    assert "🎫 王芳的证书（急救员）于12月12日到期" in text
    assert "📍 昨日巡查次数不足 2 处：体育馆和教学楼A座三层" in text


TWO_CLASSES = Roster(
    classes={name: SchoolClass(name, "7") for name in ("7-2", "7-3")},
    pupils={one.student_no: one for one in (*PUPILS, Pupil("702001", "学生", "7-2"))},
)


async def morning(door: Door):
    return await figures(door, days=1)


def words(found) -> str:
    params = found | {"kind": DigestKind.MORNING.value, "day": found["to"], "is_late": False}
    return digest(params, LANGUAGES["zh_Hans"]).text


async def test_inspections_due_today_and_overdue_are_news_and_later_ones_are_not(door):
    async def told(*days):
        today = door.school.day(door.now)
        items = [
            Equipment(str(n), EquipmentKind.AED, "gym", due_on=today + timedelta(days=day))
            for n, day in enumerate(days)
        ]
        await door.database.write(lambda tx: tx.equipment.save(items))
        data = await door.read(lambda tx: read_figures(tx, door.school, begin=today, end=today, now=door.now))
        return data["inspections"], has_news(DigestKind.MORNING, data)

    assert await told(1, 30) == ({"overdue": 0, "today": 0}, False)
    assert await told(1, 0, -1, -9) == ({"overdue": 2, "today": 1}, True)


async def test_classes_that_have_not_said_who_is_away_are_named_once_others_have(door):
    await door.database.write(apply_roster, TWO_CLASSES, by="test", at=door.now)
    assert "班尚未报告缺勤" not in words(await morning(door))
    await door.send(LI, "/absent 7-3 3人")
    found = await morning(door)
    assert (found["absent"], found["unreported"]) == (3, ["7-2"])
    assert "🏫 1个班尚未报告缺勤：7-2" in words(found)
    await door.send(LI, "/absent 7-3 01 02")
    await door.send(LI, "/absent 7-2 全到")
    found = await morning(door)
    assert (found["absent"], found["unreported"]) == (2, [])
    await door.send(LI, "/absent 7-3 4人")  # two of them by name
    assert (await morning(door))["absent"] == 4
