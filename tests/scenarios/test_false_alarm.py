"""False alarm, by command and by the card's button: whoever was told hears that there was no danger."""

from __future__ import annotations

from tests.support.cast import CAST, CENTRE, CHEN, EMILY, FENG, HAN, LI, QIAN, SUN, WANG, WU, ZHAO, ZHENG


async def test_a_false_alarm_is_taken_back_from_everyone_who_was_told(stage):
    emily, chen = stage.phone(EMILY), stage.phone(CHEN)
    await emily.send("/report fire A3 burnt toast in the staff room")
    await stage.says(EMILY, "Received: incident 2026-0001")
    thread = await stage.topic_named("火灾 · 教学楼A座三层")
    await stage.says(SUN, "🚨 🔥 Fire · Building A, floor 3")

    await chen.send("/cancel 烤面包冒烟", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "误报。烤面包冒烟", chat=CENTRE, thread=thread)
    await stage.quiet()

    for person in (LI, CHEN, ZHAO, WU, ZHENG, QIAN, FENG, HAN):
        told = await stage.says(person, "误报：没有发生险情")
        assert "“烤面包冒烟”" in told["text"]
    for person in (EMILY, SUN):
        await stage.says(person, "FALSE ALARM: there was no danger")
    assert stage.phone(WANG).messages() == [], "who heard nothing of it is left alone"

    assert "✅ 2026-0001" in stage.topic_name("2026-0001")
    (card,) = chen.pinned(CENTRE)
    assert "⚪ 误报" in card["text"]
    assert "处理结果：烤面包冒烟" in card["text"]
    alarm = await stage.says(SUN, "🚨 🔥 Fire")
    assert "⚪ False alarm" in alarm["text"]
    assert not alarm.get("reply_markup", {}).get("inline_keyboard")


async def test_the_cards_button_asks_once_and_a_second_leader_may_confirm(stage):
    chen, sun = stage.phone(CHEN), stage.phone(SUN)
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    card = await stage.says(CHEN, "已报告，待确认", chat=CENTRE, thread=thread)

    await chen.press(card["message_id"], "误报", chat=CENTRE)
    asked = await stage.says(CHEN, "确认是误报吗？将告知所有已接到通知的人", chat=CENTRE, thread=thread)
    press = await sun.press(asked["message_id"], "确认为误报", chat=CENTRE)
    assert (await sun.wait_answer(press))["text"] == "2026-0001: cancelled as a false alarm."

    await stage.says(CHEN, "孙丽已按误报撤销", chat=CENTRE, thread=thread)
    await stage.says(WANG, "误报：没有发生险情")
    await stage.quiet()
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert (incident.status, incident.acknowledged_by) == ("CANCELLED", None)
    before = len(stage.phone(LI).messages())
    await stage.after(minutes=5)
    await stage.quiet()
    assert len(stage.phone(LI).messages()) == before, "nobody is rung for what is over"


async def test_everyone_who_was_ordered_out_hears_that_it_was_false(stage):
    chen = stage.phone(CHEN)
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    await chen.send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, f"将立即发给 {len(CAST)} 人", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认疏散", chat=CENTRE)
    await stage.says(EMILY, "EVACUATE")

    await chen.send("/cancel", chat=CENTRE, thread=thread)
    for person in CAST:
        english = person in (EMILY, SUN)
        await stage.says(person, "FALSE ALARM" if english else "误报：没有发生险情")


async def test_somebody_whose_call_was_lost_in_a_false_alarm_can_part_it(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.phone(EMILY).send("🆘 SOS")
    receipt = await stage.says(EMILY, "report 2 of incident 2026-0001")
    await stage.phone(CHEN).send("/cancel 2026-0001 按错了")
    await stage.says(EMILY, "FALSE ALARM")

    await stage.phone(EMILY).press(receipt, "I mean something else")
    await stage.says(EMILY, "incident 2026-0002")
    await stage.says(SUN, "Reported by Emily Carter")
    await stage.quiet()
    old, new = await stage.read(lambda tx: (tx.incidents.get(1), tx.incidents.get(2)))
    assert (old.status, new.status, new.mode) == ("CANCELLED", "REPORTED", "REAL")
    events = [entry.event.value for entry in await stage.read(lambda tx: tx.timeline.all(1))]
    assert events[-1] == "cancelled", "what is over does not change"


async def test_a_false_alarm_releases_from_what_was_ordered(stage):
    chen = stage.phone(CHEN)
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    await chen.send("/lockdown", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达封控指令", chat=CENTRE, thread=thread)
    await chen.press(confirm["message_id"], "确认封控", chat=CENTRE)
    card = await stage.says(CHEN, "当前指令：🔒 封控，全校", chat=CENTRE, thread=thread)

    await chen.press(card["message_id"], "误报", chat=CENTRE)
    asked = await stage.says(CHEN, "确认是误报吗", chat=CENTRE, thread=thread)
    assert "⚠️ 封控指令生效中，撤销后即解除" in asked["text"]
    assert f"将立即发给 {len(CAST)} 人" in asked["text"]
    await chen.press(asked["message_id"], "确认为误报", chat=CENTRE)
    await stage.says(WANG, "误报：没有发生险情。\n封控已解除，请恢复正常。")
    await stage.says(EMILY, "there was no danger.\nLOCKDOWN is lifted; go on as usual.")
    await stage.quiet()
    (card,) = chen.pinned(CENTRE)
    assert "⚪ 误报" in card["text"]
    assert "当前指令" not in card["text"]


async def test_a_false_alarm_does_not_sound_like_the_end_of_another_incidents_order(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "2026-0001")
    await stage.phone(CHEN).send("/lockdown 2026-0001")
    await stage.phone(CHEN).press(await stage.says(CHEN, "下达封控指令"), "确认封控")
    await stage.says(EMILY, "LOCKDOWN")
    await stage.phone(EMILY).send("/report fire A3 burnt toast")
    await stage.phone(EMILY).press(await stage.says(EMILY, "report 2 of"), "I mean something else")
    await stage.says(EMILY, "incident 2026-0002")

    await stage.phone(CHEN).send("/cancel 2026-0002 烤面包冒烟")
    told = await stage.says(EMILY, "FALSE ALARM")
    assert told["text"].startswith("⚪ FALSE ALARM\n⚠️ LOCKDOWN is still in force: 2026-0001")
    assert "no danger" not in told["text"]
