"""Leading an incident: command, grade, notes, lists, closing, and two incidents at once."""

from __future__ import annotations

import pytest

from tests.support.after_action import accepted
from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO


@pytest.fixture
async def thread(stage):
    """An SOS is open."""
    await stage.phone(WANG).send("🆘 SOS")
    return await stage.topic_named("2026-0001")


async def test_command_is_taken_handed_over_and_everyone_concerned_is_told(stage, thread):
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "陈刚担任总指挥", chat=CENTRE, thread=thread)
    await stage.says(WANG, "陈刚已看到您的报告")

    await stage.phone(CHEN).send("/command Sun Li", chat=CENTRE, thread=thread)
    await stage.says(SUN, "Chen Gang hands command to you")
    await stage.says(CHEN, "陈刚将指挥权移交给孙丽", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "总指挥：孙丽", chat=CENTRE, thread=thread)

    await stage.phone(ZHAO).send("/command")
    await stage.says(SUN, "2026-0001: Zhao Min is in command now.")
    await stage.says(ZHAO, "2026-0001：您已担任总指挥。")
    await stage.phone(ZHAO).send("/command T5")
    await stage.says(ZHAO, "已经是总指挥了。")
    await stage.quiet()
    entries = await stage.read(lambda tx: tx.timeline.all(1))
    told = [e.event.value for e in entries if e.event.value.startswith("command")]
    assert told == ["command_taken", "command_handed_over", "command_taken"]
    assert (await stage.read(lambda tx: tx.incidents.get(1))).commander_id == ZHAO.staff_id


async def test_command_goes_only_to_who_may_have_it(stage, thread):
    await stage.phone(CHEN).send("/command 李明", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "李明没有担任总指挥的权限", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/command Wang Fang")
    await stage.says(SUN, "Wang Fang may not command an incident.")
    await stage.phone(SUN).send("/command Nobody Here")
    await stage.says(SUN, "Nobody, or more than one, on the roster is “Nobody Here”.")
    assert (await stage.read(lambda tx: tx.incidents.get(1))).commander_id is None


async def test_the_grade_is_set_by_word_or_by_button(stage, thread):
    chen = stage.phone(CHEN)
    for word, shown in (("3", "Ⅲ级（较大）"), ("Ⅳ", "Ⅳ级（一般）"), ("一", None), ("1级", "Ⅰ级（特别重大）")):
        said = await chen.send(f"/severity {word}", chat=CENTRE, thread=thread)
        if shown:
            await stage.says(CHEN, f"2026-0001 · {shown}", chat=CENTRE, thread=thread)
        else:
            await stage.says(CHEN, "调整为：", chat=CENTRE, thread=thread, after=said["message_id"])
    await stage.phone(SUN).send("/severity")
    asked = await stage.says(SUN, "2026-0001 is Level Ⅰ (extreme). Change it to:")
    press = await stage.phone(SUN).press(asked, "Level Ⅱ (severe)")
    assert (await stage.phone(SUN).wait_answer(press))["text"] == "2026-0001 is Level Ⅱ (severe) now."
    await stage.says(CHEN, "孙丽：Ⅰ级（特别重大） → Ⅱ级（重大）", chat=CENTRE, thread=thread)


async def test_notes_make_the_timeline(stage, thread):
    await stage.phone(LI).send("/note 消防车已到东门", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "李明记录：消防车已到东门", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/note 2026-0001 parents <are> waiting & asking")
    await stage.says(SUN, "2026-0001: noted.")
    await stage.phone(SUN).send("/timeline")
    page = await stage.says(SUN, "Li Ming notes: 消防车已到东门")
    assert "Sun Li notes: parents <are> waiting & asking" in page["text"]
    assert "Wang Fang reported: SOS" in page["text"]
    await stage.phone(CHEN).send("/timeline", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "王芳报告：SOS\n", chat=CENTRE, thread=thread)


async def test_a_long_timeline_keeps_its_newest_lines(stage, thread):
    for n in range(1, 46):
        await stage.phone(LI).send(f"/note 第{n}条" + "很长的记录" * 30, chat=CENTRE, thread=thread)
    await stage.quiet()
    await stage.phone(SUN).send("/timeline")
    page = await stage.says(SUN, "… earlier entries are in the export")
    assert "第45条" in page["text"]
    assert "第15条" not in page["text"]
    assert len(page["text"]) <= 4096


async def test_closing_needs_the_all_clear_and_an_outcome(stage, thread):
    chen = stage.phone(CHEN)
    await chen.send("/close 完毕", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "2026-0001：请先解除（/allclear），再结案。", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/close done")
    await stage.says(SUN, "2026-0001: first the all-clear (/allclear), then close.")
    await chen.send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认解除", chat=CENTRE)
    await stage.says(WANG, "警报解除")
    await chen.send("/close", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "请写明结果，如：/close 火已扑灭，无人受伤", chat=CENTRE, thread=thread)
    await chen.send("/cancel", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "2026-0001：已经解除。", chat=CENTRE, thread=thread)
    await accepted(stage)
    await chen.send("/close 无人受伤", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "处理结果：无人受伤", chat=CENTRE, thread=thread)
    assert stage.topic_name("2026-0001").startswith("✅ ")
    await chen.send("/note 迟到的话", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "2026-0001 已结束，不能再更改。", chat=CENTRE, thread=thread)
    await stage.phone(WANG).send("还有一句")
    await stage.says(WANG, "刚才的内容没有记入任何事件")


async def test_the_all_clear_reaches_only_who_was_told_anything(stage, thread):
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "将立即发给 5 人", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认解除", chat=CENTRE)
    for person in (WANG, CHEN, LI, ZHAO):
        await stage.says(person, "警报解除")
    await stage.says(SUN, "ALL CLEAR")
    await stage.quiet()
    assert stage.phone(EMILY).messages() == []


async def test_with_two_incidents_open_the_number_comes_first(stage, thread):
    await stage.phone(WANG).press(await stage.says(WANG, "事件 2026-0001"), "火灾")
    await stage.says(WANG, "在哪里")
    await stage.phone(EMILY).send("/report medical gym a pupil fell")
    await stage.says(EMILY, "incident 2026-0002")
    second = await stage.topic_named("2026-0002")
    await stage.phone(CHEN).send("/ack")
    await stage.says(CHEN, "有多起未结束的事件：2026-0002、2026-0001。请先写事件编号。")
    await stage.phone(SUN).send("/evacuate A3")
    await stage.says(SUN, "Several incidents are open: 2026-0002, 2026-0001. Put the number first.")
    await stage.phone(CHEN).send("/ack", chat=CENTRE)
    await stage.says(CHEN, "有多起未结束的事件", chat=CENTRE, thread=1)

    await stage.phone(CHEN).send("/ack 2026-0002", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "2026-0002：已告知报告人您已看到。", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "陈刚已看到", chat=CENTRE, thread=second)
    await stage.says(EMILY, "Chen Gang has seen your report 2026-0002")
    await stage.phone(CHEN).send("/ack", chat=CENTRE, thread=thread)
    await stage.says(WANG, "陈刚已看到您的报告 2026-0001")

    await stage.phone(EMILY).send("/status")
    status = await stage.says(EMILY, "2026-0001 · 🟠 Being dealt with")
    assert "🚑 Injury or illness · Gym\n2026-0002" in status["text"]
    await stage.phone(WANG).send("📋 情况")
    await stage.says(WANG, "🚑 伤病 · 体育馆\n2026-0002 · 🟠 处置中")
    await stage.phone(LI).send("/incidents", chat=CENTRE)
    listed = await stage.says(LI, "2026-0002 🚑 伤病 · 体育馆", chat=CENTRE, thread=1)
    assert "Ⅲ级（较大）" in listed["text"]
    await stage.phone(SUN).send("/incidents")
    await stage.says(SUN, "2026-0001 🔥 Fire")


async def test_what_is_asked_in_general_is_answered_there(stage, thread):
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=1)
    await stage.phone(CHEN).press(confirm["message_id"], "确认疏散", chat=CENTRE)
    await stage.says(CHEN, "🏃 疏散：陈刚", chat=CENTRE, thread=1)
    await stage.says(CHEN, "陈刚下令疏散：全校", chat=CENTRE, thread=thread)


async def test_commands_without_any_incident_say_so(stage):
    for command in (
        "ack",
        "command",
        "severity 2",
        "evacuate",
        "allclear",
        "cancel",
        "close x",
        "note x",
        "timeline",
    ):
        said = await stage.phone(CHEN).send(f"/{command}")
        await stage.says(CHEN, "目前没有未结束的事件。", after=said["message_id"])
    await stage.phone(SUN).send("/ack")
    await stage.says(SUN, "No incident is open.")
    await stage.phone(SUN).send("/incidents")
    await stage.says(SUN, "There has been no incident yet.")
    await stage.phone(CHEN).send("/status")
    await stage.says(CHEN, "🟢 目前没有未结束的事件。")


def labels(message):
    return [one["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for one in row]


async def test_who_takes_command_on_the_alarm_has_the_orders_there(stage):
    await stage.phone(WANG).send("/report intruder A3")
    alarm = await stage.says(CHEN, "🚨 🚷 外来人员闯入")
    await stage.phone(CHEN).press(alarm, "担任总指挥")
    mine = await stage.says(CHEN, "总指挥：陈刚")
    assert labels(mine)[0] == "🔒 封控（预案建议）"
    assert labels(mine)[-1] == "✅ 解除"
    assert labels(await stage.says(LI, "总指挥：陈刚")) == []

    await stage.phone(CHEN).press(mine, "🔒 封控（预案建议）")
    await stage.phone(CHEN).press(await stage.says(CHEN, "下达封控指令"), "确认封控")
    await stage.says(EMILY, "LOCKDOWN")
    await stage.quiet()
    mine = await stage.says(CHEN, "🚨 🚷 外来人员闯入")
    assert "🔒 封控（预案建议）" not in labels(mine), "it is ordered"
    assert "🔒 封控" in labels(mine)

    await stage.phone(SUN).send("/command 2026-0001")
    await stage.says(SUN, "Commander: Sun Li")
    await stage.quiet()
    assert labels(await stage.says(CHEN, "🚨 🚷 外来人员闯入")) == []
