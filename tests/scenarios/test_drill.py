"""Drills run the very same path, and nobody can take one for real: the mark stands on everything."""

from __future__ import annotations

import pytest

from tests.support.cast import CAST, CENTRE, CHEN, EMILY, LI, QIAN, SUN, WANG, ZHAO

MARKS = ("【演练】", "[DRILL]")
TOLD = {"sendMessage", "editMessageText", "sendPhoto", "sendDocument"}


def unmarked(stage):
    """Every text that Muster sent or edited, topic that it named and press that it answered, without the mark."""
    words = []
    for call in stage.simulator.calls:
        if call.method in TOLD:
            words.append(call.params.get("text") or call.params.get("caption") or "")
        elif call.method in ("createForumTopic", "editForumTopic") and "name" in call.params:
            words.append(call.params["name"])
        elif call.method == "answerCallbackQuery":
            words.append(call.params.get("text", ""))
    assert words
    return [text for text in words if text and not text.startswith(MARKS)]


@pytest.mark.parametrize("command", ["/drill fire A3", "/drill 火灾 A3"])
async def test_everything_about_a_drill_is_marked_without_exception(stage, command):
    chen, wang = stage.phone(CHEN), stage.phone(WANG)
    await stage.phone(LI).send(command, chat=CENTRE)
    await stage.says(LI, "演练 2026-0001 已开始", chat=CENTRE)
    thread = await stage.topic_named("2026-0001 🔥 火灾 · 教学楼A座三层")
    await stage.says(SUN, "[DRILL] 🚨 🔥 Fire")
    card = await stage.says(CHEN, "【演练】🔥 火灾", chat=CENTRE, thread=thread)

    await chen.press(card["message_id"], "已看到", chat=CENTRE)
    await chen.press(card["message_id"], "担任总指挥", chat=CENTRE)
    await wang.press(
        (await report_in_a_drill(stage, WANG))["message_id"], "教学楼A座三层", chat=WANG.telegram_id
    )
    await wang.send("三楼全部撤离")
    await stage.says(WANG, "【演练】✍️ 已记入 2026-0001")
    await stage.phone(SUN).send("/severity 2026-0001")
    await stage.says(SUN, "[DRILL] 2026-0001 is")
    await stage.phone(SUN).send("/severity 2026-0001 3")
    await stage.phone(SUN).send("/note 2026-0001 smoke machine on")
    await stage.phone(SUN).send("/timeline 2026-0001")
    await stage.phone(EMILY).send("/status")
    await stage.says(EMILY, lambda m: m.get("text", "").startswith("[DRILL] 🔥 Fire"))
    await stage.phone(EMILY).send("/evacuate", chat=None)
    await stage.phone(SUN).send("/incidents")
    await stage.phone(ZHAO).send("/drill fire A3")
    await stage.says(ZHAO, "【演练】演练 2026-0001 仍在进行")
    await stage.phone(ZHAO).send("/close 2026-0001 早退")
    await stage.says(ZHAO, "【演练】2026-0001：请先解除")
    await chen.send("/evacuate A3", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令，范围：教学楼A座三层", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认疏散", chat=CENTRE)
    for person in CAST:
        await stage.says(person, "[DRILL] 🏃 EVACUATE" if person in (EMILY, SUN) else "【演练】🏃 疏散")
    await chen.send("/command 孙丽", chat=CENTRE, thread=thread)
    await stage.says(SUN, "[DRILL] 🚨 🔥 Fire")
    await stage.after(minutes=3)
    await chen.send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认解除", chat=CENTRE)
    await stage.says(EMILY, "[DRILL] ✅ ALL CLEAR")
    await chen.send("/close 用时四分钟", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "陈刚结案：用时四分钟", chat=CENTRE, thread=thread)
    await stage.quiet()

    # Refused for want of a right before Muster looks which incident is meant.
    expected = {"Your role does not include this. It was not done; the attempt is on record."}
    assert set(unmarked(stage)) <= expected
    assert all(name.startswith("【演练】") for name in stage.topics())


async def report_in_a_drill(stage, person):
    """A guided report, which belongs to the drill; the message that asks where."""
    await stage.phone(person).send("📝 报告")
    asked = await stage.says(person, "【演练】要报告什么情况")
    await stage.phone(person).press(asked, "火灾")
    return await stage.says(person, "【演练】🔥 火灾：在哪里")


async def test_a_report_in_a_drill_belongs_to_it_and_a_false_alarm_of_a_drill_is_marked(stage):
    await stage.phone(LI).send("/drill 伤病")
    await stage.topic_named("【演练】2026-0001 🚑 伤病")
    await stage.phone(EMILY).send("/report fire gym smoke")
    receipt = await stage.says(EMILY, "[DRILL] ✅ Received")
    assert "Get to safety first" not in receipt["text"]
    await stage.phone(CHEN).send("/cancel 2026-0001 burnt toast")
    await stage.says(EMILY, "[DRILL] ⚪ FALSE ALARM")
    await stage.quiet()
    assert len(stage.topics()) == 1
    assert unmarked(stage) == []


async def test_no_drill_while_a_real_incident_is_in_force(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.phone(LI).send("/drill fire A3")
    await stage.says(LI, "真实事件 2026-0001 尚未结束，现在不能演练")
    await stage.phone(SUN).send("/drill fire A3")
    await stage.says(SUN, "No drill now: the real incident 2026-0001 is open.")
    assert len(await stage.read(lambda tx: tx.incidents.list_open())) == 1


async def test_a_drill_needs_a_kind_and_a_place_that_exist(stage):
    await stage.phone(LI).send("/drill")
    await stage.says(LI, "请写明内容，如：/drill")
    await stage.phone(LI).send("/drill 火山 A3")
    await stage.says(LI, "没有“火山 A3”这一事件类型")
    await stage.phone(SUN).send("/drill fire roof")
    await stage.says(SUN, "Muster does not know the place “roof”.")
    assert await stage.read(lambda tx: tx.incidents.list_open()) == []


async def test_an_sos_is_always_real_and_suspends_the_drill_for_everybody(stage):
    await stage.phone(LI).send("/drill fire A3")
    drill = await stage.topic_named("【演练】2026-0001")
    chen = stage.phone(CHEN)
    await chen.send("/evacuate", chat=CENTRE, thread=drill)
    await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=drill)

    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到，事件 2026-0002")
    assert "演练" not in receipt["text"]
    for person in CAST:
        english = person in (EMILY, SUN)
        told = await stage.says(
            person, "is suspended: there is a real incident" if english else "演练 2026-0001 中止"
        )
        assert told["text"].startswith(MARKS)
    await stage.topic_named("2026-0002 🆘")
    assert not stage.topic_name("2026-0002").startswith(MARKS)
    await stage.says(CHEN, "⏸ 已中止：有真实事件", chat=CENTRE, thread=drill)

    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=drill)
    press = await chen.press(confirm["message_id"], "确认疏散", chat=CENTRE)
    assert "因真实事件已中止，只能结案" in (await chen.wait_answer(press))["text"]
    for command in ("ack", "command", "severity 3", "allclear", "cancel", "evacuate"):
        said = await chen.send(f"/{command}", chat=CENTRE, thread=drill)
        refused = "【演练】演练 2026-0001 因真实事件已中止，只能结案（/close）。"
        await stage.says(CHEN, refused, chat=CENTRE, thread=drill, after=said["message_id"])

    await stage.phone(CHEN).send("/ack")
    await stage.says(WANG, "陈刚已看到您的报告 2026-0002")
    await chen.send("/close 因真实事件提前结束", chat=CENTRE, thread=drill)
    await stage.says(CHEN, "陈刚结案：因真实事件提前结束", chat=CENTRE, thread=drill)
    await stage.quiet()
    closed, open_one = await stage.read(lambda tx: (tx.incidents.get(1), tx.incidents.get(2)))
    assert (closed.status, closed.action) == ("CLOSED", None)
    assert open_one.status == "ACTIVE"


async def test_this_is_real_opens_one_real_incident_for_all_who_say_so(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    receipts = {}
    for person, words in (
        (WANG, "/report 火灾 A3 有火"),
        (EMILY, "/report fire A3"),
        (QIAN, "/report 伤病 体育馆"),
    ):
        await stage.phone(person).send(words)
        receipts[person] = await stage.says(
            person, lambda shown: "2026-0001" in shown.get("text", "") and "📌" not in shown["text"]
        )

    await stage.phone(EMILY).press(receipts[EMILY], "No drill: this is REAL")
    await stage.says(EMILY, "Received: incident 2026-0002")
    await stage.says(SUN, "is suspended")
    real = await stage.topic_named("2026-0002 🔥 火灾 · 教学楼A座三层")
    await stage.phone(WANG).press(receipts[WANG], "不是演练，是真的")
    joined = await stage.says(WANG, "记为事件 2026-0002 的第 2 份报告")
    assert not joined["text"].startswith(MARKS)
    await stage.says(CHEN, "第 2 份报告，王芳：火灾 · 教学楼A座三层 · “有火”", chat=CENTRE, thread=real)
    await stage.phone(QIAN).press(receipts[QIAN], "不是演练，是真的")
    await stage.says(QIAN, "已收到，事件 2026-0003")
    await stage.quiet()
    assert len(stage.topics()) == 3
