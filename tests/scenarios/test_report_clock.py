"""首报、续报、终报: the countdown, the warnings, the draft, and a person's word that it was sent."""

from __future__ import annotations

import pytest

from bot.services import report_clock
from tests.support.after_action import accepted
from tests.support.cast import CENTRE, CHEN, HAN, LI, SUN, WANG, ZHAO


@pytest.fixture
async def thread(stage):
    """An injury of grade Ⅲ: the strictest rule gives half an hour."""
    await stage.phone(WANG).send("/report medical A3 学生摔倒")
    return await stage.topic_named("2026-0001")


async def reports(stage):
    return await stage.read(lambda tx: tx.due_reports.of_incident(1))


async def test_commander_and_principal_are_warned_at_half_and_at_four_fifths(stage, thread):
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "🟢 首报：", chat=CENTRE, thread=thread)
    await stage.after(minutes=15, seconds=1)
    await stage.says(ZHAO, "🟡 首报")
    await stage.says(CHEN, "🟡 首报")
    await stage.says(CHEN, "🟡 首报", chat=CENTRE, thread=thread)
    await stage.after(minutes=9)
    await stage.says(ZHAO, "🟠 首报")
    await stage.quiet()
    assert not stage.heard(LI, "首报")
    await stage.after(minutes=6)
    await stage.says(ZHAO, "🔴 首报：已迟报")
    await stage.says(CHEN, "🔴 迟报：首报尚未上报", chat=CENTRE, thread=thread)


async def test_a_warning_that_failed_is_tried_again(stage, thread, monkeypatch):
    def fails(turn, report):
        raise RuntimeError("disk")

    with monkeypatch.context() as fault:
        fault.setattr(report_clock, "_warn", fails)
        await stage.after(minutes=15, seconds=1)
        await stage.quiet()
    assert not stage.heard(ZHAO, "首报：")
    await stage.after(minutes=3)
    await stage.says(ZHAO, "🟡 首报")
    await stage.after(minutes=13)
    await stage.says(ZHAO, "🔴 首报：已迟报")


async def test_the_draft_has_six_fields_and_the_time_of_sending_is_kept(stage, thread):
    await stage.phone(LI).send("/reporting")
    draft = await stage.says(LI, "📄 首报")
    for field in (
        "1. 单位：青城中学",
        "2. 时间、地点",
        "3. 简要经过：“学生摔倒”",
        "4. 伤亡",
        "5. 已采取的措施",
        "6. 其他",
    ):
        assert field in draft["text"]
    await stage.phone(LI).press(draft, "已上报")
    await stage.says(CHEN, "李明已上报：首报", chat=CENTRE, thread=thread)
    press = await stage.phone(LI).press(draft, "已上报")
    assert (await stage.phone(LI).wait_answer(press))["text"] == "这份报告已登记为上报。"
    first, follow = await reports(stage)
    assert (first.sent_by, first.is_late, follow.stage) == (LI.staff_id, False, "follow")
    assert (follow.due_at - first.sent_at).total_seconds() == 24 * 3600


async def test_a_late_report_stays_visible_and_the_final_one_follows_the_all_clear(stage, thread):
    await stage.after(minutes=45)
    await stage.phone(SUN).send("/reporting sent bureau duty desk")
    await stage.says(SUN, "On record, with your name and the time.")
    line = await stage.says(CHEN, "孙丽已上报：首报，迟", chat=CENTRE, thread=thread)
    assert "bureau duty desk" in line["text"]
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认解除", chat=CENTRE)
    await stage.says(CHEN, "🟢 终报", chat=CENTRE, thread=thread)
    assert [one.stage for one in await reports(stage)] == ["first", "final"]
    await accepted(stage)
    await stage.phone(CHEN).send("/close 已送医", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "已结案", chat=CENTRE, thread=thread)
    await stage.after(days=6)
    await stage.says(ZHAO, "🟠 终报")
    await stage.phone(LI).send("/reporting 2026-0001 已报 教育局")
    await stage.quiet()
    assert all(one.sent_at for one in await reports(stage))


async def test_a_graver_grade_brings_the_time_forward(stage, thread):
    [before] = await reports(stage)
    await stage.phone(CHEN).send("/severity 2")
    await stage.says(CHEN, "2026-0001 现为")
    [after] = await reports(stage)
    assert (after.due_at - after.started_at).total_seconds() == 600
    assert after.due_at < before.due_at


async def test_a_false_alarm_is_not_reported(stage, thread):
    await stage.phone(CHEN).send("/cancel 误报")
    await stage.says(CHEN, "误报")
    await stage.quiet()
    assert await reports(stage) == []
    await stage.phone(LI).send("/reporting 2026-0001")
    await stage.says(LI, "目前没有须上报的报告")


async def test_what_is_below_the_plans_grade_has_no_clock(stage):
    await stage.phone(WANG).send("/report utility gym")
    await stage.topic_named("2026-0001")
    await stage.quiet()
    assert await reports(stage) == []


async def all_clear(stage, thread):
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认解除", chat=CENTRE)
    await stage.says(WANG, "警报解除")


async def first_report(stage):
    """The task to make it."""
    every = await stage.read(lambda tx: tx.tasks.of_incident(1))
    return next((task for task in every if task.is_first_report), None)


async def test_the_draft_tells_deeds_and_nothing_of_the_schools_inside(stage):
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    await stage.after(seconds=151)
    await stage.phone(LI).send("/note 2026-0001 家长群里有人发视频")
    cut = await stage.says(HAN, "切断着火区域的电源和燃气")
    await stage.phone(HAN).press(cut, "接受")
    cut = await stage.says(
        HAN, lambda one: "切断着火区域" in one.get("text", "") and "由您负责" in one["text"]
    )
    await stage.phone(HAN).press(cut, "完成")
    await stage.says(HAN, "✅ 韩磊已完成")
    await all_clear(stage, thread)
    await stage.phone(LI).send("/reporting")
    draft = (await stage.says(LI, "📄 首报"))["text"]
    course = next(line for line in draft.splitlines() if line.startswith("3. "))
    assert course.startswith("3. 简要经过：“有烟”；")
    assert course.endswith("陈刚解除警报") or "解除" in course
    for inside in ("呼叫", "总指挥", "视频", "王芳"):
        assert inside not in course, course
    assert "已完成“切断着火区域的电源和燃气”" in draft


async def test_the_call_to_the_bureau_is_due_with_the_report_and_outlasts_the_all_clear(stage):
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    await stage.quiet()
    [report], task = await reports(stage), await first_report(stage)
    assert task.due_at == report.due_at
    await all_clear(stage, thread)
    await stage.quiet()
    assert not (await first_report(stage)).is_over, "the report is not sent"


async def test_a_report_that_is_sent_needs_no_call_after_the_all_clear(stage):
    await stage.phone(WANG).send("/report fire A3 有烟")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(LI).send("/reporting sent 教育局值班室")
    await stage.says(CHEN, "李明已上报：首报", chat=CENTRE, thread=thread)
    await all_clear(stage, thread)
    await stage.quiet()
    assert (await first_report(stage)).state == "dropped"


async def test_a_graver_grade_hurries_the_call_to_the_bureau_too(stage, thread):
    await stage.phone(CHEN).send("/severity 2")
    await stage.says(CHEN, "2026-0001 现为")
    await stage.quiet()
    [report], task = await reports(stage), await first_report(stage)
    assert task.due_at <= report.due_at


async def test_in_the_topic_the_text_is_said_to_be_in_private(stage, thread):
    await stage.phone(LI).send("/reporting", chat=CENTRE, thread=thread)
    await stage.says(LI, "📄 首报")
    await stage.says(LI, "已发到您与“集合”的私聊中", chat=CENTRE, thread=thread)
