"""Drills, lockdowns, orders that turn into others, a second incident: it is always one count."""

from __future__ import annotations

import pytest

from bot.domain.headcount import Said
from bot.domain.incident import Mode
from tests.scenarios.test_drill import MARKS, unmarked
from tests.support.cast import CENTRE, CHEN, EMILY, LI
from tests.support.school36 import GRADE_LEADS, LEADS, PUPILS, SUBSTITUTES


@pytest.fixture
async def drill(school):
    """A drill in which everybody is told to leave."""
    await school.phone(LI).send("/drill fire A3", chat=CENTRE)
    school.thread = await school.topic_named("2026-0001")
    await school.command("/command", "陈刚担任总指挥")
    await school.order("/evacuate", "下达疏散指令", "确认疏散")
    return school


async def test_every_word_of_a_drills_count_is_marked(drill):
    school = drill
    await school.everybody_here(without=("7-3", "8-5"))
    await school.miss("7-3", "05")
    await school.phone(LEADS["7-3"]).send("楼梯口")
    await school.press(LEADS["7-5"], school.question(LEADS["7-5"], "7-5"), "Need help")
    await school.settle()
    await school.press(LEADS["7-5"], school.question(LEADS["7-5"], "7-5"), "Help is here")
    await school.phone(SUBSTITUTES[1]).send("/cover 8-5")
    await school.says(SUBSTITUTES[1], "[DRILL] You stand in for 8-5")
    await school.phone(SUBSTITUTES[1]).send("/headcount 9-1 12")
    await school.phone(SUBSTITUTES[2]).send("/safe")
    await school.phone(LI).send("/headcount")
    await school.phone(LI).send("/headcount 8-5 12 paper")
    await school.phone(CHEN).send("/board")
    await school.press(CHEN, school.card(), "打开大屏")
    await school.press(CHEN, school.card(), "未到学生")
    await school.press(CHEN, school.card(), "未上报名单")
    await school.after(seconds=125)
    await school.after(seconds=65)
    await school.quiet()
    await school.says(CHEN, "【演练】链接十分钟内有效")
    await school.all_clear("确认解除 · 已当面核实全员")
    await school.after(seconds=2)
    assert unmarked(school) == []
    assert (await school.roll_calls())[0].mode is Mode.DRILL


async def test_a_real_incident_ends_the_drills_count(drill):
    school = drill
    await school.all_here("7-1")
    await school.phone(EMILY).send("🆘 SOS")
    await school.says(EMILY, "2026-0002")
    await school.settle()
    (kept,) = await school.roll_calls()
    assert not kept.is_open
    assert "点名已结束" in school.card()["text"]
    stale = f"hal:{(await school.class_of('7-2')).id}:"
    assert await school.forge(LEADS["7-2"], stale) == "【演练】点名已结束，未作更改。"

    school.thread = await school.topic_named("2026-0002")
    await school.command("/command", "陈刚担任总指挥")
    await school.order("/evacuate", "下达疏散指令", "确认疏散")
    assert [one.mode for one in await school.roll_calls()] == [Mode.DRILL, Mode.REAL]
    question = school.question(LEADS["7-1"], "7-1")
    assert not question["text"].startswith(MARKS)
    assert (await school.tally(2)).unknown == PUPILS, "nothing said in the drill counts"


async def test_in_a_lockdown_nothing_makes_a_sound_and_nobody_is_called(school):
    await school.report()
    await school.order("/lockdown", "下达封控指令", "确认封控")
    assert "就地清点，保持安静。手机静音。" in school.question(LEADS["7-1"], "7-1")["text"]
    assert "Phone on silent." in school.question(LEADS["7-5"], "7-5")["text"]
    before = len(school.simulator.calls)
    await school.everybody_here(without=("8-1", "9-9"))
    await school.miss("9-9", "02")
    for _ in range(5):
        await school.after(seconds=125)
        await school.quiet()
    await school.phone(LEADS["8-1"]).send("/safe")
    await school.settle()
    assert "秒未上报" in repr(school.texts(LEADS["8-1"]))
    assert not [text for text in school.texts(GRADE_LEADS["8"]) if "☎" in text]
    assert "by phone" not in repr(school.texts(LEADS["7-5"]))
    sent = [c for c in school.simulator.calls[before:] if c.method == "sendMessage" and (c.chat_id or 0) > 0]
    loud = [
        c.params["text"] for c in sent if c.params.get("disable_notification") not in (True, "true", "True")
    ]
    assert loud == []


async def test_a_shelter_order_turns_the_count_and_keeps_what_was_said(school):
    await school.evacuate()
    await school.everybody_here(without=("9-1", "9-2"))
    before = await school.tally()
    await school.order("/shelter", "下达", "确认")
    (running,) = await school.roll_calls()
    assert (running.action, running.is_open) == ("SHELTER", True)
    assert await school.tally() == before
    assert "请就地清点本班学生" in school.question(LEADS["9-1"], "9-1")["text"]
    assert len([m for m in school.texts(LEADS["9-1"]) if "清点人数" in m]) == 1, "the question is edited"
    assert len(school.cards()) == 1
    await school.after(seconds=125)
    await school.quiet()
    await school.says(LEADS["9-1"], "秒未上报")


async def test_who_was_counted_in_the_room_is_counted_again_at_the_assembly_point(school):
    await school.report()
    await school.order("/shelter", "下达", "确认")
    await school.everybody_here(without=("8-5",))
    await school.miss("8-5", "05", "06")
    await school.says_of(LEADS["8-5"], "8-5", Said.WITH_ME, "06")
    await school.all_here("8-5")
    assert (await school.tally()).present == PUPILS - 1
    await school.after(seconds=300)
    said = await school.read(lambda tx: tx.headcounts.said(1))
    await school.order("/evacuate", "下达疏散指令", "确认疏散")

    assert await school.read(lambda tx: tx.headcounts.said(1)) == said, "who said what stays on record"
    tally = await school.tally()
    assert (tally.present, tally.missing, tally.unknown) == (0, 1, PUPILS - 1)
    states = {pupil.student_no[-2:]: pupil.status.state for pupil in await school.pupils("8-5")}
    assert (states["05"], states["06"]) == ("missing", "unknown"), "who was found may be lost again"
    assert "全部核实用时" not in school.card()["text"]
    asked = [text for text in school.texts(LEADS["9-1"]) if "清点人数" in text]
    assert len(asked) == 2, "a new question, which rings"
    assert "全部到齐" in asked[0]
    assert "请在集合点重新清点" in asked[1]
    (ring,) = [
        call
        for call in school.simulator.calls
        if call.method == "sendMessage"
        and "重新清点" in str(call.params)
        and call.chat_id == LEADS["9-1"].telegram_id
    ]
    assert ring.params.get("disable_notification") not in (True, "true", "True")

    await school.everybody_here(without=("9-1", "8-5"))
    await school.after(seconds=125)
    await school.quiet()
    await school.says(LEADS["9-1"], "秒未上报")
    await school.after(seconds=65)
    await school.quiet()
    assert [text for text in school.texts(GRADE_LEADS["9"]) if "☎" in text]
    await school.all_here("9-1")
    await school.all_here("8-5")
    await school.says_of(LEADS["8-5"], "8-5", Said.WITH_ME, "05")
    await school.all_clear("确认解除")
    (closed,) = await school.roll_calls()
    assert 190 <= closed.result["all_s"] < 300, "since the order to leave"
    assert closed.result["first_s"] < 60
    (search, found) = sorted(closed.result["searches"], key=lambda one: one["found_s"])
    assert None not in (search["found_s"], found["found_s"])


async def test_a_zone_first_the_whole_school_later(school):
    await school.evacuate("/evacuate A3")
    assert len(await school.classes()) == 12
    await school.all_here("7-1")
    await school.order("/evacuate", "下达疏散指令，范围：全校", "确认疏散")
    counted = await school.classes()
    assert (len(counted), len(await school.roll_calls())) == (36, 1)
    assert counted["7-1"].count.tally.present == counted["7-1"].enrolled
    await school.everybody_here(without=("7-1",))
    assert (await school.tally()).present == PUPILS


async def test_a_second_incident_joins_the_count_and_inherits_it(school):
    await school.evacuate()
    first = school.thread
    await school.everybody_here(without=("9-5",))
    await school.phone(EMILY).send("/report chemical gym")
    second = await school.topic_named("2026-0002")
    school.thread = second
    await school.command("/command", "陈刚担任总指挥")
    await school.order("/evacuate", "下达疏散指令", "确认疏散")
    assert len(await school.roll_calls()) == 1
    assert (len(school.cards(first)), len(school.cards(second))) == (1, 0)

    school.thread = first
    asked = await school.all_clear("确认解除")
    assert "尚未全部核实" not in asked["text"], "the count goes on elsewhere, nobody is left behind"
    (running,) = await school.roll_calls()
    assert (running.is_open, running.incident_id) == (True, 2)
    assert "2026-0002" in school.card(second)["text"]
    assert "点名转入 2026-0002 继续" in school.card(first)["text"]
    await school.all_here("9-5")
    await school.settle()
    assert "实到 1500" in school.card(second)["text"]
    await school.after(seconds=125)
    school.thread = second
    await school.all_clear("确认解除")
    assert not (await school.roll_calls())[0].is_open
    assert "点名已结束" in school.card(second)["text"]


@pytest.mark.parametrize("words", ["/hold", "/secure"])
async def test_who_goes_on_with_the_lesson_is_not_counted(school, words):
    await school.report()
    await school.order(words, "下达", "确认")
    assert await school.roll_calls() == []
    await school.phone(LEADS["7-1"]).send("/headcount all")
    await school.says(LEADS["7-1"], "当前没有进行中的点名。")


async def test_a_false_alarm_ends_the_count_too(school):
    await school.evacuate()
    await school.all_here("7-1")
    await school.phone(CHEN).send("/cancel 面包烤糊了", chat=CENTRE, thread=school.thread)
    await school.settle()
    assert not (await school.roll_calls())[0].is_open
    assert "点名已结束" in school.card()["text"]
