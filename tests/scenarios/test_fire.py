"""SOS → ack → command → evacuate → all-clear → close, told in order."""

from __future__ import annotations

from tests.support.after_action import accepted
from tests.support.cast import CAST, CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO


async def test_an_sos_becomes_an_incident_that_is_led_to_its_end(stage):
    wang, chen = stage.phone(WANG), stage.phone(CHEN)

    await wang.send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到，事件 2026-0001")
    assert "请先确保自身安全" in receipt["text"]
    assert "0571-0110" in receipt["text"]

    thread = await stage.topic_named("2026-0001")
    card = await stage.says(CHEN, "已报告，待确认", chat=CENTRE, thread=thread)
    for leader in (LI, CHEN, ZHAO):
        await stage.says(leader, "🚨 🆘 紧急求助")
    await stage.says(SUN, "Reported by Wang Fang")

    await wang.press(receipt, "火灾")
    asked = await stage.says(WANG, "在哪里？")
    await wang.press(asked, "教学楼A座三层")
    await stage.says(WANG, "如有补充，请直接写在这里")
    await wang.send("走廊有烟 <b>很浓</b>")
    await stage.says(WANG, "已记入 2026-0001")
    assert await stage.topic_named("🔥 火灾 · 教学楼A座三层") == thread
    await stage.says(CHEN, "走廊有烟 <b>很浓</b>", chat=CENTRE, thread=thread)

    press = await chen.press(card["message_id"], "已看到", chat=CENTRE)
    assert "已告知报告人" in (await chen.wait_answer(press))["text"]
    await stage.says(WANG, "陈刚已看到您的报告 2026-0001")

    await chen.send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "总指挥：陈刚", chat=CENTRE, thread=thread)

    await chen.send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, f"将立即发给 {len(CAST)} 人", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认疏散", chat=CENTRE)
    for person in CAST:
        word = "EVACUATE" if person in (EMILY, SUN) else "疏散"
        await stage.says(person, word)
    await stage.says(EMILY, "Assemble at: Sports field")
    await stage.says(CHEN, "当前指令：🏃 疏散", chat=CENTRE, thread=thread)

    await chen.send("/allclear", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "发布解除令", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认解除", chat=CENTRE)
    await stage.says(EMILY, "ALL CLEAR")
    await stage.says(WANG, "警报解除")

    await chen.send("/close 先结案", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "总结报告尚未经校长审定", chat=CENTRE, thread=thread)
    await accepted(stage)
    await chen.send("/close 电线短路，已断电，无人受伤", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "已结案", chat=CENTRE, thread=thread)
    await stage.quiet()

    events = [entry.event.value for entry in await stage.read(lambda tx: tx.timeline.all(1))]
    assert events == [
        "reported",
        "rung",
        "kind_set",
        "plan_started",
        "zone_set",
        "words_added",
        "acknowledged",
        "command_taken",
        "action_ordered",
        "roll_call_started",
        "task_done",
        "all_clear",
        "roll_call_closed",
        "report_submitted",
        "report_accepted",
        "closed",
    ]
    assert await stage.read(lambda tx: tx.audit.first_broken()) is None
