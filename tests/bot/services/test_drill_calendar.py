"""The drill calendar: planned in one line, held by the record, chased once a step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.message import MessageKind
from tests.support.cast import CHEN, LI, ZHAO
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as door:
        yield door


async def on_day(door, day):
    """The clock's look on that day; to whom a drill was told of."""
    door.now = MONDAY + timedelta(days=day)
    before = len(door.said)
    await door.services.readiness.tick()
    await door.collect()
    return [(s.to, s.text) for s in door.said[before:] if s.kind is MessageKind.DRILL_DUE]


async def test_a_drill_is_planned_in_one_line_and_taken_off_by_a_press(door):
    [calendar] = await door.send(LI, "/drills 12-05 火灾 A3 班主任知情")
    assert "2026-12-05 🔥 火灾 · 教学楼A座三层 · 事先告知：班主任知情" in calendar.text
    assert "每 31 天至少演练一次。\n下次演练不迟于 2026-12-24。" in calendar.text
    [again] = await door.send(LI, "/drills 01-05 earthquake")
    assert "2027-01-05 🌏 地震" in again.text
    assert "已取消该演练计划" in await door.press(LI, calendar.data("取消 2026-12-05"))
    assert "已经处理过了" in await door.press(LI, calendar.data("取消 2026-12-05"))
    for words in ("火灾", "2026-13-01 火灾", "+7", "+7 nonsense"):
        await door.send(LI, f"/drills {words}")
        assert "请写明日期和类型" in door.said[-1].text
    await door.send(LI, "/drills 2026-11-01 火灾")
    assert "2026-11-01 已过" in door.said[-1].text


async def test_what_was_held_comes_from_the_record_without_what_was_called_off(door):
    await door.send(LI, "/drill fire A3")
    await door.send(CHEN, "/cancel 2026-0001 wrong day")
    await door.send(LI, "/drill earthquake")
    await door.send(CHEN, "/command 2026-0002")
    await door.send(CHEN, "/allclear 2026-0002")
    order = next(said for said in reversed(door.said) if said.kind is MessageKind.CONFIRM)
    await door.press(CHEN, order.data("确认"))
    [calendar] = await door.send(LI, "/drills")
    assert "2026-11-23 🌏 地震 · 2026-0002" in calendar.text
    assert "2026-0001" not in calendar.text
    assert "上次演练：2026-11-23" in calendar.text


async def test_an_overdue_drill_is_chased_at_the_office_then_at_the_principal_once_each(door):
    office, principal = f"person:{LI.staff_id}", f"person:{ZHAO.staff_id}"
    assert await on_day(door, 0) == []
    assert await on_day(door, 31) == []
    [(to, text)] = await on_day(door, 32)
    assert (to, "应急演练已逾期（应于 2026-12-24 前开展）" in text) == (office, True)
    assert await on_day(door, 38) == []
    [(to, _)] = await on_day(door, 39)
    assert to == principal
    assert [await on_day(door, day) for day in (32, 39, 40, 60)] == [[]] * 4


async def test_on_its_day_a_planned_drill_is_reminded_of_once(door):
    await door.send(LI, "/drills +3 fire gym")
    assert await on_day(door, 2) == []
    [(to, text)] = await on_day(door, 3)
    assert to == f"person:{LI.staff_id}"
    assert "今日计划开展演练" in text
    assert "体育馆" in text
    assert await on_day(door, 3) == []
