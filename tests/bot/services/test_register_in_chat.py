"""The safety office reads the register on its phone, and enters who came from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.message import MessageKind
from bot.domain.snapshot import Act
from bot.services import register
from tests.support.cast import CENTRE, CHEN, LI, WU, ZHAO
from tests.support.door import open_door
from tests.support.watched import watched_school

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        one.turns.school = watched_school(one.school)
        yield one


async def look(door, **changed):
    told = {"reason": "应急事件 2026-0001", "content": "东门 2026-11-23 10:00:00"} | changed
    await door.database.write(lambda tx: register.enter(tx, CHEN, Act.VIEW, "gate", at=door.now, **told))


async def test_the_newest_lines_come_in_private_wherever_they_are_asked_for(door):
    await look(door)
    door.now += timedelta(minutes=5)
    await look(door, reason="核实 <b>翻墙</b>")
    said = await door.send(LI, "/register", chat=CENTRE)
    (lines,) = [one for one in said if one.kind is MessageKind.REGISTER]
    assert (lines.to, lines.needs_right) == (f"person:{LI.staff_id}", "keep_roster")
    assert lines.text.startswith(
        "📒 <b>查阅登记</b>：近 7 天共 2 条\n\n<b>2</b> · 11月23日 10:05 · 东门：查看"
    )
    assert "人员：陈刚\n事由：核实 &lt;b&gt;翻墙&lt;/b&gt;\n内容：东门" in lines.text
    assert [one.text for one in said if one.to != lines.to] == ["已发到您与“集合”的私聊中。"]


async def test_days_may_be_named_and_nobody_is_told_as_such(door):
    await look(door)
    door.now += timedelta(days=8)
    (none,) = await door.send(LI, "/register")
    assert none.text.startswith("近 7 天无人查阅摄像头画面。")
    (lines,) = await door.send(LI, "/register 30")
    assert "近 30 天共 1 条" in lines.text


async def test_many_long_lines_fit_into_one_message(door):
    for _ in range(40):
        await look(door, reason="长" * 200, content="内" * 200)
    (lines,) = await door.send(LI, "/register")
    assert "共 40 条" in lines.text
    assert len(lines.text) <= 4096
    assert lines.text.count("事由：") >= 10


async def test_police_who_were_shown_images_are_entered_in_one_line(door):
    (line,) = await door.send(LI, "/register 东门；民警甲；城关派出所；调查失窃案；11月20日10时录像；其余无")
    assert line.text.startswith("已登记，编号 1。")
    (entry,) = await door.read(lambda tx: tx.register.last())
    assert (entry.act, entry.camera_id, entry.name, entry.unit) == (
        Act.OUTSIDE_VIEW,
        "gate",
        "民警甲",
        "城关派出所",
    )
    assert (entry.reason, entry.content) == ("调查失窃案", "11月20日10时录像；其余无")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("东门；民警甲；城关派出所", "请分五项填写"),
        ("后门；民警甲；派出所；调查案件；录像", "没有名为“后门”的摄像头"),
        ("gate; a; b; ok; c", "写明事由"),
    ],
)
async def test_an_incomplete_line_is_not_entered_and_says_what_is_missing(door, words, told):
    (answer,) = await door.send(LI, f"/register {words}")
    assert told in answer.text
    assert await door.read(lambda tx: tx.register.last()) == []


@pytest.mark.parametrize("person", [CHEN, ZHAO, WU])
async def test_it_is_the_safety_offices_alone(door, person):
    await look(door)
    for words in ("/register", "/register 东门；民警甲；派出所；调查案件；录像"):
        (answer,) = await door.send(person, words)
        assert answer.kind is MessageKind.REFUSED
    assert len(await door.read(lambda tx: tx.register.last())) == 1
