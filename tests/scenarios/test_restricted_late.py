"""What is named as bullying only later: whoever was told before hears no more of it."""

from __future__ import annotations

from tests.support.announcing import drafted, press, press_data, press_shown, publish, submitted
from tests.support.cast import CENTRE, CHEN, FENG, HAN, LI, WANG, WU, ZHAO, ZHENG
from tests.support.restricted import OTHERS, centre_says, heard, page_of


async def test_an_sos_that_turns_out_to_be_bullying_is_sealed(stage):
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.says(CHEN, "紧急求助")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(CHEN, "🔒 本事件须保密", chat=CENTRE, thread=thread)
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    assert "欺凌" not in heard(stage, CHEN)
    assert not any("欺凌" in text for text in await centre_says(stage))
    assert "欺凌" not in "".join(stage.topics())


async def named_late(stage):
    """An SOS that goes by the plan for anything for a while, until its reporter presses the kind."""
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.after(seconds=21)
    await stage.says(WU, "调看")
    await stage.quiet()
    return receipt


def kinds_of(receipt):
    """Button → what it sends, also once the message has others."""
    rows = receipt["reply_markup"]["inline_keyboard"]
    return {button["text"]: button.get("callback_data") for row in rows for button in row}


def button_named(receipt, words):
    return next(data for text, data in kinds_of(receipt).items() if words in text)


async def test_who_was_asked_before_the_kind_was_named_reads_only_that_it_is_no_longer_needed(stage):
    receipt = await named_late(stage)
    cameras = await stage.says(WU, "调看")
    await stage.phone(WU).press(cameras, "接受")
    await stage.says(WU, "🔵 由您负责")
    await stage.phone(CHEN).send("/task @冯雪 守住东门")
    gate = await stage.says(FENG, "守住东门")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.says(FENG, "✖️ 不再需要。")
    await stage.quiet()
    for person in OTHERS:
        assert "欺凌" not in heard(stage, person), person.name.en
        assert "ullying" not in heard(stage, person), person.name.en
        open_tasks = await stage.read(lambda tx, who=person: tx.tasks.owned_by(who.staff_id))
        assert open_tasks == [], person.name.en
    [shown] = [one["text"] for one in stage.heard(WU, "📌")]
    assert shown.splitlines()[0] == "📌 2026-0001"
    assert shown.splitlines()[-1] == "✖️ 不再需要。"
    said = await stage.phone(FENG).send("/task")
    await stage.says(FENG, "您目前没有任务", after=said["message_id"])
    assert "结束" in await press_data(stage, FENG, gate, button_named(gate, "接受"))
    await stage.says(LI, "守住东门")


async def test_who_may_not_know_is_taken_off_the_scene(stage):
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await stage.phone(CHEN).send("/dispatch", chat=CENTRE, thread=thread)
    asked = await stage.says(HAN, "请赶赴现场")
    await stage.phone(HAN).press(asked, "我去")
    leads = await stage.says(HAN, "您是现场负责人")
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    sealed = await stage.says(HAN, "🚶 2026-0001\n✖️ 不再需要。")
    assert sealed["message_id"] == leads["message_id"]
    assert not sealed.get("reply_markup")
    said = await press_data(stage, HAN, leads, button_named(leads, "到达"))
    await stage.quiet()
    assert said
    assert "欺凌" not in heard(stage, HAN)
    assert await stage.read(lambda tx: tx.on_scene.of_incident(1)) == []


async def test_another_kind_after_that_opens_it_to_nobody_and_shuts_out_nobody(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await press_data(stage, WANG, receipt, button_named(receipt, "欺凌"))
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    before = {person: heard(stage, person) for person in OTHERS}
    await press_data(stage, WANG, receipt, button_named(receipt, "伤病"))
    await stage.says(ZHENG, "急救箱和AED")
    await stage.quiet()
    assert {person: heard(stage, person) for person in OTHERS} == before
    await stage.phone(LI).send("/status")
    await stage.says(LI, "伤病")


async def test_its_end_tells_those_who_were_asked_before_nothing_of_what_it_was(stage):
    receipt = await named_late(stage)
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.phone(ZHAO).send("/cancel 学生只是在打闹")
    await stage.says(ZHAO, "打闹")
    await stage.says(WU, "误报")
    await stage.quiet()
    for person in OTHERS:
        assert not [one for one in ("欺凌", "ullying", "打闹") if one in heard(stage, person)], person.name.en


async def test_who_commanded_before_and_may_not_know_hears_no_more_of_it(stage):
    receipt = await named_late(stage)
    await stage.phone(CHEN).send("/command")
    await stage.phone(CHEN).send("/call 110")
    text = await stage.says(CHEN, "请拨打")
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    assert "该事件已不存在" in await press_data(stage, CHEN, text, button_named(text, "对方已接听"))
    await stage.after(minutes=40)
    await stage.says(ZHAO, "🔴 首报：已迟报")
    await stage.quiet()
    assert "欺凌" not in heard(stage, CHEN)
    assert not stage.heard(CHEN, "首报：已迟报")


async def test_what_turns_out_to_be_restricted_ends_the_links_of_those_who_may_not_know_of_it(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    for person, unit in ((CHEN, "Fire brigade"), (LI, "派出所")):
        await stage.phone(person).send(f"/liaison {unit}")
        await stage.says(person, "/liaison/")
    given = {person: await stage.says(person, "/liaison/") for person in (CHEN, LI)}
    assert (await page_of(stage, given[CHEN]))[0] == 200
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()
    links = await stage.read(lambda tx: tx.liaison_links.of_incident(1))
    assert [link.revoked_at is not None for link in links] == [True, False]
    assert (await page_of(stage, given[LI]))[0] == 200
    said = await stage.phone(ZHAO).send("/timeline 2026-0001")
    await stage.says(ZHAO, "提供给Fire brigade的链接已失效：本事件已转为保密事件", after=said["message_id"])


async def named_as_bullying(stage, receipt):
    """Whoever pressed SOS says what it is: now few may know of it."""
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")


async def test_what_was_to_be_announced_about_it_is_out_of_date_as_soon_as_it_is_restricted(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    _, request = await submitted(stage, LI, "/announce 教学楼A座有情况，请勿靠近。")
    assert "关联事件 2026-0001" in request["text"]
    card = await drafted(stage, LI, "/announce 2026-0001 今天下午停课。", "今天下午停课")
    await press(stage, LI, card, "时间")
    await press_shown(stage, LI, "一小时后")
    await press_shown(stage, LI, "提交审批")
    later = await stage.says(ZHAO, "2026-A002：李明提请审批")
    assert "已批准，将于" in await press(stage, ZHAO, later, "批准")
    draft = await stage.read(lambda tx: tx.announcements.get(1))

    await named_as_bullying(stage, receipt)
    await stage.after(seconds=5)
    await stage.quiet()
    assert await press_data(stage, ZHAO, request, f"nap:1:{draft.mark}")
    await stage.after(hours=2)
    await stage.quiet()
    both = await stage.read(lambda tx: [tx.announcements.get(key) for key in (1, 2)])
    assert [(one.state, one.published_at) for one in both] == [("EXPIRED", None)] * 2
    cards = [m["text"] for who in (LI, ZHAO, CHEN) for m in stage.heard(who, "⌛ 已过期")]
    assert cards
    assert not any("2026-0001" in text for text in cards)


async def test_approving_in_the_very_moment_is_refused_and_a_correction_of_what_is_out_is_not(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    receipt = await stage.says(WANG, "已收到")
    await publish(stage, "/announce 教学楼A座有情况，请勿靠近。")
    await stage.says(WANG, "请勿靠近")
    card = await drafted(stage, LI, "/announce 2026-A001 教学楼A座一切正常。", "一切正常")
    _, request = await submitted(stage, LI, "/announce 今天下午停课。", asks="2026-A002：李明提请审批")
    unsent = await stage.read(lambda tx: tx.announcements.get(3))
    await named_as_bullying(stage, receipt)

    def hold(tx):
        tx.announcements.save(unsent, due_at=None)

    await stage.muster.database.write(hold)
    assert "2026-0001为保密事件" in await press_data(stage, ZHAO, request, f"nap:3:{unsent.mark}")
    await press(stage, LI, card, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "2026-A001 r2：李明提请审批"), "批准")
    await stage.says(WANG, "一切正常")
