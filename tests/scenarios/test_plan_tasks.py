"""A plan's tasks on people's phones: asked, accepted, done, handed over, brought up the chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.announcing import press_data
from tests.support.cast import CENTRE, CHEN, HAN, LI, QIAN, SUN, WANG, WU, ZHENG
from tests.support.stage import BEGINNING


async def fire(stage):
    """A fire is reported; its plan runs."""
    await stage.phone(WANG).send("/report fire A3 有烟")
    return await stage.topic_named("2026-0001")


async def tasks(stage):
    """key → task."""
    return {task.key: task for task in await stage.read(lambda tx: tx.tasks.of_incident(1))}


async def test_a_fire_asks_the_people_of_each_role(stage):
    thread = await fire(stage)
    call = await stage.says(LI, "拨打119")
    assert "安全办：由先接受的一位负责" in call["text"]
    await stage.says(WU, "调看事发地点及周边的监控")
    await stage.says(HAN, "切断着火区域的电源和燃气")
    await stage.says(ZHENG, "带急救箱")
    await stage.says(QIAN, "楼梯口和转弯处引导")
    await stage.says(CHEN, "启动“火灾”预案（第1版）", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "📌 任务：已完成 0/", chat=CENTRE, thread=thread)
    assert not stage.heard(WANG, "📌")


async def test_who_accepts_owns_it_and_says_when_it_is_done(stage):
    thread = await fire(stage)
    asked = await stage.says(HAN, "切断着火区域的电源和燃气")
    await stage.phone(HAN).press(asked, "接受")
    await stage.says(HAN, "🔵 由您负责")
    await stage.phone(HAN).press(asked, "完成")
    await stage.says(HAN, "✅ 韩磊已完成")
    await stage.says(CHEN, "韩磊完成：切断着火区域的电源和燃气", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "📌 任务：已完成 1/", chat=CENTRE, thread=thread)


async def test_what_waits_begins_when_the_first_is_done(stage):
    await fire(stage)
    assert (await tasks(stage))["meet_rescuers"].state == "waiting"
    call = await stage.says(LI, "拨打119")
    await stage.phone(LI).press(call, "接受")
    await stage.says(LI, "🔵 由您负责")
    await stage.phone(LI).press(call, "完成")
    await stage.says(HAN, "在门口接应救援车辆")


async def test_what_nobody_accepts_goes_up_in_one_message(stage):
    await fire(stage)
    await stage.says(WU, "调看")
    await stage.quiet()
    await stage.after(seconds=151)
    brought = await stage.says(LI, "以下任务尚无人落实")
    assert "调看事发地点" in brought["text"]
    await stage.quiet()
    assert len(stage.heard(LI, "尚无人落实")) == 1
    await stage.phone(LI).press(brought, "接受：在监控室调看")
    mine = await stage.says(LI, "🔵 由您负责")
    await stage.says(WU, "李明正在执行，您无需处理")
    await stage.phone(LI).press(mine, "完成")
    await stage.says(WU, "✅ 李明已完成")


async def test_who_cannot_makes_room_for_those_above(stage):
    await fire(stage)
    asked = await stage.says(ZHENG, "带急救箱")
    await stage.phone(ZHENG).press(asked, "无法执行")
    await stage.says(ZHENG, "您已表示无法执行")
    await stage.says(LI, "无人接受")


async def test_an_overdue_task_reminds_its_owner_and_tells_those_above(stage):
    thread = await fire(stage)
    asked = await stage.says(WU, "调看")
    await stage.phone(WU).press(asked, "接受")
    await stage.says(WU, "🔵 由您负责")
    await stage.after(minutes=5, seconds=1)
    await stage.says(WU, "⏰ 已超时：完成了吗？")
    brought = await stage.says(LI, "吴涛已接受，应于")
    await stage.says(CHEN, "项超时", chat=CENTRE, thread=thread)
    await stage.phone(LI).press(brought, "接受：在监控室调看")
    await stage.says(WU, "李明已接受，尚未完成")
    assert (await tasks(stage))["see_cameras"].owner_id == LI.staff_id


async def test_naming_the_kind_switches_plans_and_repeats_nothing(stage):
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await stage.after(seconds=21)
    await stage.says(LI, "联系报告人，问清是什么事")
    cameras = await stage.says(WU, "调看")
    await stage.phone(WANG).press(receipt, "火灾")
    await stage.says(LI, "拨打119")
    await stage.says(LI, "✖️ 不再需要")
    await stage.quiet()
    assert len(stage.heard(WU, "调看")) == 1
    assert cameras["message_id"]
    assert [run for run in (await tasks(stage)).values() if run.key == "see_cameras"]


async def presses(stage, receipt, kind):
    """Also what the receipt offered once and no longer does."""
    rows = receipt["reply_markup"]["inline_keyboard"]
    data = next(button["callback_data"] for row in rows for button in row if kind in button["text"])
    await press_data(stage, WANG, receipt, data)
    await stage.quiet()


async def test_the_clinic_hears_that_it_waits_in_safety_once_the_sos_is_an_intruder(stage):
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await stage.after(seconds=21)
    ready = await stage.says(ZHENG, "带急救箱待命")
    await stage.phone(ZHENG).press(ready, "接受")
    await stage.says(ZHENG, "🔵 由您负责")
    await presses(stage, receipt, "外来人员闯入")
    safe = await stage.says(ZHENG, "在安全处待命，得到总指挥通知后再到现场救治")
    assert safe["message_id"] > ready["message_id"]
    told = await stage.says(ZHENG, "⚠️ 现已改按另一预案处置")
    assert "带急救箱待命" in told["text"]
    gone = await stage.says(WU, "✖️ 不再需要")
    assert "在监控室调看" in gone["text"]
    await stage.says(WU, "在监控室确认闯入者的位置和去向")


async def test_what_another_plan_dropped_is_asked_again_when_its_own_comes_back(stage):
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await presses(stage, receipt, "火灾")
    first = await stage.says(LI, "拨打119")
    await presses(stage, receipt, "伤病")
    await stage.says(LI, "✖️ 不再需要")
    await presses(stage, receipt, "火灾")
    again = await stage.says(LI, "拨打119", after=first["message_id"])
    await stage.phone(LI).press(again, "接受")
    await stage.says(LI, "🔵 由您负责")
    await stage.quiet()
    assert (await tasks(stage))["call_119"].owner_id == LI.staff_id
    assert (await tasks(stage))["meet_rescuers"].state == "waiting"


async def test_the_commander_adds_a_task_by_name_and_hour(stage):
    thread = await fire(stage)
    await stage.phone(CHEN).send("/task @韩磊 关闭东门 by 23:59", chat=CENTRE, thread=thread)
    asked = await stage.says(HAN, "关闭东门")
    assert "23:59前完成" in asked["text"].replace(" ", "")
    assert "陈刚交办" in asked["text"]
    await stage.phone(CHEN).send("/task @Sun Li meet the press", chat=CENTRE, thread=thread)
    asked = await stage.says(SUN, "meet the press")
    await stage.phone(SUN).press(asked, "Accept")
    await stage.says(SUN, "🔵 Yours.")


async def test_a_task_is_due_on_the_day_and_at_the_hour_that_were_said(stage):
    await fire(stage)
    for words in (
        "关闭东门 下午3:00前",
        "交名单 明天10:20前",
        "关闭西门 24:00前",
        "守住西门 25:00前",
        "守住西门 今天9:00前",
    ):
        await stage.phone(CHEN).send(f"/task @韩磊 {words}")
    await stage.says(CHEN, "无法识别时间")
    await stage.says(CHEN, "该时间已过")
    await stage.says(HAN, "关闭西门")
    given = {t.title.zh: t for key, t in (await tasks(stage)).items() if key.startswith("+")}
    begun = BEGINNING.replace(hour=0)
    due = {
        "关闭东门": timedelta(hours=15),
        "交名单": timedelta(hours=34, minutes=20),
        "关闭西门": timedelta(days=1),
    }
    assert given.keys() == due.keys()
    for title, after in due.items():
        assert abs(given[title].due_at - (begun + after)) < timedelta(seconds=2)


async def test_a_task_over_the_night_in_which_the_clocks_go_back_is_due_by_the_clock(stage):
    berlin = ZoneInfo("Europe/Berlin")
    await stage.stop()
    path = stage.folder / "school.toml"
    path.write_text(path.read_text("utf-8").replace("Asia/Shanghai", "Europe/Berlin"), "utf-8")
    stage.clock.set(datetime(2026, 10, 24, 22, 0, tzinfo=berlin))
    await stage.start()
    await fire(stage)
    await stage.phone(CHEN).send("/task @韩磊 关闭东门 by 08:00")
    await stage.says(HAN, "关闭东门")
    due = (await tasks(stage))["+1"].due_at
    assert abs(due - datetime(2026, 10, 25, 8, 0, tzinfo=berlin).astimezone(UTC)) < timedelta(seconds=2)


async def test_a_graver_grade_adds_and_never_repeats(stage):
    await stage.phone(WANG).send("/report medical A3")
    await stage.says(ZHENG, "急救箱")
    await stage.quiet()
    before = await tasks(stage)
    assert "call_education" not in before
    await stage.phone(CHEN).send("/severity 2")
    await stage.says(SUN, "Report to the education bureau")
    await stage.phone(CHEN).send("/severity 3")
    await stage.phone(CHEN).send("/severity 2")
    await stage.quiet()
    assert len(stage.heard(SUN, "education bureau by telephone")) == 1
    assert set(before) < set(await tasks(stage))


async def test_proof_in_words_is_the_next_message(stage):
    await stage.phone(WANG).send("/report medical A3")
    account = await stage.says(LI, "写清经过")
    await stage.phone(LI).press(account, "接受")
    await stage.says(LI, "🔵 由您负责")
    await stage.phone(LI).press(account, "完成")
    await stage.says(LI, "请在这里用一条消息写明")
    await stage.phone(LI).send("10:02 在操场摔倒，校医处理")
    await stage.says(LI, "已完成")
    assert (await tasks(stage))["account"].words == "10:02 在操场摔倒，校医处理"


async def owing_proof(stage):
    """Li has said that the account is done, and is asked for it."""
    await stage.phone(WANG).send("/report medical A3")
    thread = await stage.topic_named("2026-0001")
    account = await stage.says(LI, "写清经过")
    await stage.phone(LI).press(account, "接受")
    await stage.says(LI, "🔵 由您负责")
    await stage.phone(LI).press(account, "完成")
    await stage.says(LI, "请在这里用一条消息写明")
    return thread


async def test_the_topic_says_that_it_is_done_and_not_what_the_proof_says(stage):
    thread = await owing_proof(stage)
    await stage.phone(LI).send("10:02 在操场摔倒，大腿骨折")
    await stage.says(CHEN, "李明完成：写清经过", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert not stage.heard(CHEN, "骨折", chat=CENTRE, thread=thread)
    [done] = [e for e in await stage.read(lambda tx: tx.timeline.all(1)) if e.event.value == "task_done"]
    assert done.params["words"] == "10:02 在操场摔倒，大腿骨折"


async def test_words_about_an_injured_pupil_answer_the_newer_question_and_the_proof_can_follow(stage):
    thread = await owing_proof(stage)
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认疏散", chat=CENTRE)
    await stage.phone(LI).send("/headcount")
    count = await stage.says(LI, "清点人数 7-3")
    await stage.phone(LI).press(count, "有人未到")
    grid = await stage.says(LI, "请点未到学生")
    await stage.phone(LI).press(grid, "05")
    await stage.quiet()
    await stage.phone(LI).press(grid, "❌05")
    pupil = await stage.says(LI, lambda message: "受伤" in str(message.get("reply_markup", "")))
    await stage.phone(LI).press(pupil, "受伤")
    await stage.quiet()
    await stage.phone(LI).send("在东侧楼梯，大腿骨折")
    await stage.says(ZHENG, "在东侧楼梯，大腿骨折")
    await stage.quiet()
    assert (await tasks(stage))["account"].state == "accepted"
    assert not stage.heard(CHEN, "骨折", chat=CENTRE, thread=thread)
    await stage.phone(LI).send("10:02 在操场摔倒，校医处理")
    await stage.says(LI, "已完成")
    assert (await tasks(stage))["account"].words == "10:02 在操场摔倒，校医处理"


async def test_a_proof_that_comes_too_late_is_a_report_and_the_task_says_that_it_is_owed(stage):
    await owing_proof(stage)
    await stage.says(LI, "📎 尚缺完成凭据")
    await stage.after(minutes=10, seconds=1)
    await stage.phone(LI).send("操场又有两人晕倒，快派人")
    late = await stage.says(LI, "未能作为这项任务的凭据")
    await stage.says(LI, "没有记入任何事件")
    assert (await tasks(stage))["account"].state == "accepted"
    await stage.phone(LI).press(late, "完成")
    await stage.quiet()
    await stage.phone(LI).send("10:02 在操场摔倒，校医处理")
    await stage.says(LI, "✅ 李明已完成")
    assert (await tasks(stage))["account"].words == "10:02 在操场摔倒，校医处理"


async def test_who_calls_for_help_after_done_proves_nothing(stage):
    await owing_proof(stage)
    await stage.phone(LI).send("/report fire A3")
    await stage.topic_named("2026-0002")
    await stage.phone(LI).send("二楼有明火，快派人")
    await stage.quiet()
    assert (await tasks(stage))["account"].state == "accepted"
    assert "二楼有明火" in (await stage.read(lambda tx: tx.reports.of_incident(2)))[0].words


async def test_only_who_was_asked_can_press(stage):
    await fire(stage)
    asked = await stage.says(WU, "调看")
    data = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    mine = await stage.says(ZHENG, "带急救箱")
    press = stage.simulator.world.ask_bot(stage.phone(ZHENG).user, mine, data)
    assert (await stage.phone(ZHENG).wait_answer(press))["text"] == "这项任务不由您负责，未作更改。"
    await stage.quiet()
    assert (await tasks(stage))["see_cameras"].owner_id is None


async def test_the_end_of_the_incident_ends_its_tasks(stage):
    await fire(stage)
    await stage.says(WU, "调看")
    await stage.phone(CHEN).send("/cancel 误报")
    await stage.says(WU, "✖️ 不再需要")
    await stage.quiet()
    assert {task.state for task in (await tasks(stage)).values()} == {"dropped"}


async def test_who_was_to_order_the_action_is_not_chased_once_it_is_ordered(stage):
    thread = await fire(stage)
    await stage.says(CHEN, "下达疏散指令（全校或分区）")
    await stage.phone(LI).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(LI, "下达疏散指令，范围：全校", chat=CENTRE, thread=thread)
    await stage.phone(LI).press(confirm, "确认疏散")
    await stage.says(CHEN, "✅ 李明已完成")
    assert (await tasks(stage))["decide"].state == "done"
    await stage.quiet()
    await stage.after(minutes=3)
    await stage.quiet()
    assert not stage.heard(CHEN, "已超时：完成了吗")


async def test_another_action_than_the_plan_s_leaves_the_decision_open(stage):
    thread = await fire(stage)
    await stage.says(CHEN, "下达疏散指令（全校或分区）")
    await stage.phone(LI).send("/hold", chat=CENTRE, thread=thread)
    confirm = await stage.says(LI, "范围：全校", chat=CENTRE, thread=thread)
    await stage.phone(LI).press(confirm, "确认")
    await stage.quiet()
    assert (await tasks(stage))["decide"].state == "offered"


async def test_in_an_earthquake_the_stairs_are_manned_as_soon_as_everybody_is_ordered_out(stage):
    await stage.phone(WANG).send("/report earthquake A3")
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, "震停后决定是否疏散到操场")
    for order, words, button in (("/shelter", "范围：全校", "确认"), ("/evacuate", "范围：全校", "确认疏散")):
        assert not stage.heard(QIAN, "到楼梯口和转弯处引导疏散")
        said = await stage.phone(CHEN).send(order, chat=CENTRE, thread=thread)
        ask = await stage.says(CHEN, words, chat=CENTRE, thread=thread, after=said["message_id"])
        await stage.phone(CHEN).press(ask["message_id"], button, chat=CENTRE)
        await stage.quiet()
    await stage.says(QIAN, "到楼梯口和转弯处引导疏散")
    assert (await tasks(stage))["evacuate"].state == "done"


async def test_each_of_one_s_own_tasks_says_of_which_incident_it_is_and_whether_that_is_a_drill(stage):
    await stage.phone(CHEN).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    await stage.says(HAN, "切断")
    said = await stage.phone(HAN).send("/task")
    head, *lines = (await stage.says(HAN, "我的任务", after=said["message_id"]))["text"].splitlines()
    assert lines
    assert [line for line in lines if "【演练】2026-0001 " not in line] == [], head


async def test_a_task_that_each_has_goes_up_with_the_name_of_who_was_asked(stage):
    await fire(stage)
    await stage.quiet()
    await stage.after(seconds=151)
    brought = await stage.says(LI, "以下任务尚无人落实")
    assert "钱伟尚未接受" in brought["text"]


async def test_what_nobody_took_is_told_as_cancelled_at_the_all_clear_and_stays_counted(stage):
    thread = await fire(stage)
    await stage.quiet()
    every = len(await tasks(stage))
    await stage.after(seconds=151)
    await stage.says(LI, "以下任务尚无人落实")
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认解除", chat=CENTRE)
    ended = await stage.says(LI, "以下任务已取消")
    assert "调看事发地点" in ended["text"]
    await stage.says(CHEN, f"📌 任务：已完成 0/{every}", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert not stage.heard(LI, "均已有人负责")


async def test_the_scene_stays_sealed_and_guardians_are_told_after_the_all_clear(stage):
    thread = await fire(stage)
    await stage.quiet()
    scene = await stage.says(HAN, "赶到现场")
    await stage.phone(HAN).press(scene, "接受")
    await stage.says(HAN, "🔵 由您负责")
    assert (await tasks(stage))["preserve"].state == "waiting"
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认解除", chat=CENTRE)
    seal = await stage.says(HAN, "拉警戒线保护现场")
    await stage.says(QIAN, "逐一电话告知受伤学生家长")
    ended = await stage.says(LI, "以下任务已取消")
    assert "用灭火器扑救" in ended["text"]
    assert "拉警戒线" not in ended["text"]
    await stage.phone(HAN).press(seal, "接受")
    await stage.says(HAN, "🔵 由您负责")
    await stage.quiet()
    assert (await tasks(stage))["preserve"].owner_id == HAN.staff_id
