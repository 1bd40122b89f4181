"""Classes that do not answer: asked again, then called, then on record with a reason."""

from __future__ import annotations

from bot.domain.headcount import ClassState
from tests.support.cast import CENTRE, CHEN, LI
from tests.support.school36 import CO_LEADS, GRADE_LEADS, LEADS, SIZES

SILENT = ("7-4", "8-1", "9-12")


async def test_silent_classes_are_asked_again_then_their_grades_get_the_phones(school):
    await school.evacuate()
    await school.everybody_here(without=SILENT)
    await school.after(seconds=60)
    await school.quiet()
    assert not [text for text in school.texts(LEADS["7-4"]) if "未上报" in text], "120 s are not over"

    await school.after(seconds=65)
    await school.quiet()
    reminder = await school.says(LEADS["7-4"], "秒未上报。请立即清点。")
    assert "全部到齐（46）" in repr(reminder["reply_markup"])
    await school.says(CO_LEADS["8-1"], "秒未上报")
    await school.says(CHEN, "已再次催报：7-4、8-1、9-12", chat=CENTRE, thread=school.thread)
    assert not [text for text in school.texts(LEADS["7-1"]) if "未上报" in text]
    assert not school.texts(GRADE_LEADS["7"])[-1].startswith("☎")

    await school.after(seconds=61)
    await school.quiet()
    call = await school.says(GRADE_LEADS["7"], "☎ 请电话联系。")
    assert call["text"].endswith(f"⬜ 7-4 · 班主任7-4 {LEADS['7-4'].phone}")
    assert "8-1" not in call["text"]
    eight = await school.says(GRADE_LEADS["8"], "☎ 请电话联系。")
    assert f"副班主任8-1 {CO_LEADS['8-1'].phone}" in eight["text"]
    assert LEADS["8-1"].phone in eight["text"]
    await school.says(CHEN, "由年级组长电话联系：7-4、8-1、9-12", chat=CENTRE, thread=school.thread)

    assert await school.all_here("7-4") == "7-4：✅ 全部到齐（46）"
    await school.after(seconds=121)
    await school.quiet()
    calls = [text for text in school.texts(GRADE_LEADS["7"]) if text.startswith("☎")]
    assert len(calls) == 1, "who has answered is not called again"
    assert len([text for text in school.texts(GRADE_LEADS["9"]) if text.startswith("☎")]) == 2


async def test_no_answer_is_not_missing_and_the_centre_can_look_whom_to_call(school):
    await school.evacuate()
    await school.everybody_here(without=SILENT)
    tally = await school.tally()
    assert (tally.missing, tally.unknown) == (0, sum(SIZES[name] for name in SILENT))
    await school.press(CHEN, school.card(), "未上报名单")
    listed = await school.says(CHEN, "尚未报齐的班级", chat=CENTRE, thread=school.thread)
    assert f"⬜ 9-12 · 班主任9-12 {LEADS['9-12'].phone}" in listed["text"]
    await school.press(CHEN, school.card(), "未到学生")
    await school.says(CHEN, "目前没有班级上报未到学生", chat=CENTRE, thread=school.thread)


async def test_the_all_clear_lists_the_silent_and_takes_a_reason_by_button(school):
    await school.evacuate()
    await school.everybody_here(without=SILENT)
    await school.miss("7-4", "05")
    asked = await school.all_clear("确认解除 · 与警方继续搜寻")
    assert "⚠️ 尚未全部核实：🟨7-4 (1) ⬜8-1 ⬜9-12" in asked["text"]
    buttons = [button["text"] for row in asked["reply_markup"]["inline_keyboard"] for button in row]
    assert buttons[:3] == [
        "确认解除 · 已当面核实全员",
        "确认解除 · 与警方继续搜寻",
        "确认解除 · 点名提前结束",
    ]
    (kept,) = await school.roll_calls()
    assert kept.close_reason == "police"
    assert kept.result["all_s"] is None
    assert [s["class"] for s in kept.result["searches"]] == ["7-4"]
    assert "未报齐即结束，原因：与警方继续搜寻" in school.card()["text"]
    await school.says(
        CHEN,
        "点名结束，未报齐：7-4、8-1、9-12；未到 1 人。原因：与警方继续搜寻",
        chat=CENTRE,
        thread=school.thread,
    )
    events = [event for event in await school.events() if not event.startswith("task")]
    assert events[-2:] == ["all_clear", "roll_call_closed"]
    await school.after(minutes=5)
    await school.quiet()
    assert not [t for t in school.texts(GRADE_LEADS["9"]) if t.startswith("☎")], "nobody is chased any more"


async def test_a_typed_reason_is_asked_no_second_time_and_kept(school):
    await school.evacuate()
    await school.everybody_here(without=SILENT)
    asked = await school.order("/allclear 9-12 在校外参观", "原因：9-12 在校外参观", "确认解除")
    assert "⬜9-12" in asked["text"]
    (kept,) = await school.roll_calls()
    assert kept.close_reason == "9-12 在校外参观"


async def test_who_falls_out_between_question_and_confirmation_is_not_left_behind(school):
    await school.evacuate()
    await school.everybody_here()
    ask = await school.command("/allclear", "发布解除令")
    await school.miss("8-7", "11")
    notice = await school.press(CHEN, ask, "确认解除")
    assert notice == "还有人员未核实：请重新解除警报并说明原因。"
    assert (await school.roll_calls())[0].is_open


async def test_a_reason_given_before_somebody_was_lost_is_no_reason_for_them(school):
    await school.evacuate()
    await school.everybody_here(without=("8-1",))
    ask = await school.command("/allclear", "发布解除令")
    await school.miss("8-7", "11")
    notice = await school.press(CHEN, ask, "确认解除 · 点名提前结束")
    assert notice == "还有人员未核实：请重新解除警报并说明原因。"
    again = await school.command("/allclear", "🟥8-7 (1)")
    await school.press(CHEN, again, "确认解除 · 与警方继续搜寻")
    assert not (await school.roll_calls())[0].is_open


async def test_a_reason_for_an_all_clear_that_leaves_nobody_behind_is_no_excuse_on_record(school):
    await school.evacuate()
    await school.everybody_here()
    await school.order("/allclear 都到了", "发布解除令", "确认解除")
    assert (await school.roll_calls())[0].close_reason == ""
    assert "未报齐" not in school.card()["text"]


async def test_a_lead_who_blocked_the_bot_hands_the_class_to_the_head_of_grade_at_once(school):
    school.phone(LEADS["8-5"]).block()
    await school.evacuate()
    await school.settle()
    question = school.question(GRADE_LEADS["8"], "8-5")
    assert "联系不上该班负责人：请代为清点或派人清点。" in question["text"]
    assert "⬜☎8-5" in school.card()["text"]
    assert [text.count("☎") for text in school.texts(GRADE_LEADS["8"]) if "📋 点名" in text] == [1]
    assert await school.all_here("8-5", GRADE_LEADS["8"]) == f"8-5：✅ 全部到齐（{SIZES['8-5']}）"
    await school.settle()
    assert "☎" not in school.card()["text"]
    assert (await school.class_of("8-5")).said_by == "G8"


async def test_a_class_with_another_lead_goes_to_nobody_else(school):
    school.phone(LEADS["8-1"]).block()
    await school.evacuate()
    await school.settle()
    counted = await school.class_of("8-1")
    assert (counted.is_leaderless, counted.asked) == (False, ("K8-1", "L8-1"))
    await school.all_here("8-1", CO_LEADS["8-1"])
    assert (await school.class_of("8-1")).count.state is ClassState.COMPLETE


async def test_a_class_nobody_leads_is_asked_of_its_head_of_grade_or_of_the_office(school):
    gone = [LEADS["9-7"], GRADE_LEADS["8"], LEADS["8-9"]]
    await school.disconnect(*gone)
    await school.evacuate()
    counted = await school.classes()
    assert (counted["9-7"].is_leaderless, counted["9-7"].asked) == (True, ("G9",))
    assert (counted["8-9"].is_leaderless, counted["8-9"].asked) == (True, ("T4",))
    assert "⬜☎9-7" in school.card()["text"]
    await school.all_here("8-9", LI)
    await school.after(seconds=125)
    await school.after(seconds=61)
    await school.quiet()
    call = await school.says(LI, "☎ 请电话联系。")
    assert "8-1 · 副班主任8-1" in call["text"], "whose grade has no head is the office's to call"


async def test_who_comes_back_is_asked_again(school):
    school.phone(LEADS["9-9"]).block()
    await school.evacuate()
    await school.settle()
    school.phone(LEADS["9-9"]).unblock()
    await school.phone(LEADS["9-9"]).send("/headcount")
    await school.says(LEADS["9-9"], "清点人数 9-9")
    assert (await school.all_here("9-9")).startswith("9-9：✅")
