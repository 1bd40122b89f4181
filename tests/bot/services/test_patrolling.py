"""Patrols: a scan is one look, what was found is told and becomes a report once, what was missed is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incident import Kind
from bot.domain.message import MessageKind
from bot.domain.readiness import ReadinessRules
from bot.services.patrolling import point_codes
from tests.support.cast import EMILY, LI, WANG, WU
from tests.support.door import Door, open_door

pytestmark = pytest.mark.both_databases
ZONES = ("gym", "A3")
TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        rules = ReadinessRules(patrol_zones=ZONES, patrols_per_day=2)
        door.turns.school = door.school = replace(door.school, readiness=rules)
        yield door


async def scan(door: Door, who, zone: str = "gym"):
    codes = await door.database.write(point_codes, ZONES)
    return await door.send(who, f"/start patrol-{codes[zone]}")


async def test_a_scan_checks_in_and_one_press_says_that_all_is_well(door):
    [card] = await scan(door, WANG)
    assert card.text == "📍 <b>体育馆</b>：王芳，10:00\n签到成功。\n今日第 1 次，应巡 2 次。"
    assert "已记录：一切正常" in await door.press(WANG, card.data("一切正常"))
    assert "已经处理过了" in await door.press(WANG, card.data("一切正常"))
    await door.after(minutes=10)
    [again] = await scan(door, WANG)
    assert "今日第 1 次" in again.text
    await door.after(minutes=10)
    [second] = await scan(door, WANG)
    assert "今日第 2 次" in second.text
    [table] = await door.send(LI, "/patrol")
    assert "✅ 体育馆：<b>2/2</b> · 王芳 10:20" in table.text
    assert "▫️ 教学楼A座三层：<b>0/2</b>" in table.text
    [own] = await door.send(WANG, "/patrol")
    assert "10:00 体育馆 ✅" in own.text
    assert "教学楼" not in own.text


async def test_a_scan_of_a_clock_that_was_hours_ahead_swallows_no_later_one(door):
    door.now += timedelta(hours=8)
    await scan(door, WANG)
    door.now -= timedelta(hours=7)
    [card] = await scan(door, WANG)
    assert "王芳，11:00" in card.text


async def test_what_was_found_is_told_and_becomes_a_report_once(door):
    [card] = await scan(door, EMILY)
    await door.press(EMILY, card.data("Something is wrong"))
    assert "What did you find?" in door.said[-1].text
    before = len(door.said)
    await door.send(EMILY, "fire door is <blocked>")
    told = {said.to: said for said in door.said[before:]}
    office = told[f"person:{LI.staff_id}"]
    assert "⚠️ 发现问题：“fire door is &lt;blocked&gt;”" in office.text
    assert "You" not in told[f"person:{EMILY.staff_id}"].text
    await door.press(WU, office.data("上报为事件"))
    assert await door.read(lambda tx: tx.incidents.list_open()) == []
    await door.press(LI, office.data("上报为事件"))
    [incident] = await door.read(lambda tx: tx.incidents.list_open())
    assert (incident.kind, incident.zone) == (Kind.OTHER, "gym")
    assert "已上报：2026-0001" in await door.press(LI, office.data("上报为事件"))
    assert "reported already: 2026-0001" in await door.press(EMILY, office.data("上报为事件"))


async def test_an_old_or_invented_code_checks_nobody_in(door):
    codes = await door.database.write(point_codes, ZONES)
    assert codes == await door.database.write(point_codes, ZONES)
    renewed = await door.database.write(lambda tx: point_codes(tx, ZONES, is_renewed=True))
    assert set(renewed.values()).isdisjoint(codes.values())
    for code in (codes["gym"], "", "gym", "汉", renewed["gym"][:-1]):
        await door.send(WANG, f"/start patrol-{code}")
        assert "此二维码已失效" in door.said[-1].text
    await door.send(1999, f"/start patrol-{renewed['gym']}")
    assert door.said[-1].kind is MessageKind.STRANGER
    assert await door.read(lambda tx: tx.patrols.get(1)) is None


async def test_missed_rounds_are_told_once_in_one_message(door):
    await scan(door, WANG, "A3")
    await door.after(minutes=30)
    await scan(door, WANG, "A3")
    door.now = TUESDAY
    before = len(door.said)
    for _ in range(3):
        await door.services.readiness.tick()
        await door.collect()
    told = [said for said in door.said[before:] if said.kind is MessageKind.PATROL_MISSED]
    assert [(said.to, "体育馆：<b>0/2</b>" in said.text, "教学楼" in said.text) for said in told] == [
        (f"person:{LI.staff_id}", True, False)
    ]
