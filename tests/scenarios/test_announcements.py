"""Official announcements: written by one, published by another, in both languages, corrected in the open."""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.message import CHANNEL as CHANNEL_CHAT
from bot.storage.tables import deliveries
from tests.support.announcing import drafted, labels, press, press_data, press_shown, submitted, with_button
from tests.support.cast import CAST, CENTRE, CHANNEL, CHEN, EMILY, LI, SUN, WANG, ZHAO

ENGLISH = (EMILY, SUN)


async def test_a_text_is_published_by_another_and_reaches_everybody_and_the_channel(stage):
    card, request = await submitted(stage, LI, "/announce 明天上午停课\n明天上午因大风停课，下午照常。")
    assert "明天上午因大风停课" in request["text"]
    assert "发布对象：公众" in card["text"]
    assert await press(stage, ZHAO, request, "批准") == "2026-A001 已发布，正在发送。"
    for person in CAST:
        told = await stage.says(person, "📢 明天上午停课")
        assert "明天上午因大风停课，下午照常。" in told["text"]
        assert ("There is no English text" in told["text"]) is (person in ENGLISH)
    posted = await stage.says(CHEN, "📢 明天上午停课", chat=CHANNEL)
    assert "2026-A001" in posted["text"]
    await stage.says(LI, "✅ 已发布")
    await stage.says(LI, "公众，11 人")


async def test_both_languages_reach_each_reader_in_their_own_and_the_channel_in_both(stage):
    typed = "/announce 停课通知\n明天停课。\n---\nNo school\nThere is no school tomorrow."
    _, request = await submitted(stage, LI, typed)
    await press(stage, ZHAO, request, "批准")
    for person in CAST:
        told = await stage.says(person, "There is no school" if person in ENGLISH else "📢 停课通知")
        assert ("明天停课" in told["text"]) is (person not in ENGLISH)
        assert "no Chinese text" not in told["text"]
    posted = await stage.says(EMILY, "📢 停课通知", chat=CHANNEL)
    assert posted["text"].index("明天停课。") < posted["text"].index(
        "📢 No school\nThere is no school tomorrow."
    )
    assert "青城中学 应急指挥中心\nQingcheng Middle School, Emergency Command Centre" in posted["text"]


async def test_the_author_cannot_approve_and_the_attempt_is_on_record(stage):
    card = await drafted(stage, ZHAO, "/announce 校门临时关闭，请由东门进出。")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    # A forged button under another message: the press is checked, not the message.
    sent = await press_data(stage, ZHAO, card, f"nap:1:{draft.mark}")
    assert sent == "本人起草的通告须由他人审批。"
    assert (await stage.read(lambda tx: tx.announcements.get(1))).published_at is None
    assert not stage.heard(EMILY, "校门临时关闭")


async def test_who_may_not_publish_cannot_approve_even_with_the_right_button(stage):
    await submitted(stage, LI, "/announce 停水通知：今天下午停水。")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    welcome = await stage.phone(WANG).send("/whoami")
    shown = await stage.says(WANG, "王芳", after=welcome["message_id"])
    refused = await press_data(stage, WANG, shown, f"nap:1:{draft.mark}")
    assert "未执行" in refused
    assert (await stage.read(lambda tx: tx.announcements.get(1))).published_at is None


async def test_two_approvers_at_once_publish_it_once(stage):
    _, request = await submitted(stage, LI, "/announce 今晚停电检修。")
    other = await stage.says(CHEN, "提请审批")
    presses = [
        (who, await stage.phone(who).press(message["message_id"], "批准"))
        for who, message in ((ZHAO, request), (CHEN, other))
    ]
    answers = [(await stage.phone(who).wait_answer(query))["text"] for who, query in presses]
    assert sorted(answer == "2026-A001 已发布，正在发送。" for answer in answers) == [False, True]
    assert any("已经批准，只发布一次" in answer for answer in answers)
    await stage.quiet()
    got = stage.heard(WANG, "今晚停电检修")
    assert len(got) == 1


async def test_a_text_changed_after_it_was_sent_in_has_to_be_read_and_approved_anew(stage):
    _, request = await submitted(stage, LI, "/announce 明天八点到校。")
    await stage.phone(LI).send("/announce 2026-A001 明天九点到校。")
    await stage.says(LI, "明天九点到校")
    await stage.says(ZHAO, "正在修改")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    refused = await press_data(stage, ZHAO, request, f"nap:1:{draft.mark}")
    assert refused == "2026-A001 的内容已改动，请先阅读最新文本。"

    card = await stage.says(LI, "草稿")
    await press(stage, LI, card, "提交审批")
    request = await stage.says(ZHAO, "提请审批")
    assert "明天九点到校" in request["text"]
    await press(stage, ZHAO, request, "批准")
    assert "九点" in (await stage.says(WANG, "到校"))["text"]


async def test_a_scheduled_text_that_is_changed_loses_its_approval_and_does_not_go_out(stage):
    card = await drafted(stage, LI, "/announce 明天体检。")
    await press(stage, LI, card, "时间")
    await press_shown(stage, LI, "一小时后")
    await stage.says(LI, "🕘")
    await press_shown(stage, LI, "提交审批")
    request = await stage.says(ZHAO, "提请审批")
    assert "已批准，将于" in await press(stage, ZHAO, request, "批准")
    await stage.says(LI, "已批准，待发布")
    await stage.phone(LI).send("/announce 2026-A001 后天体检。")
    await stage.says(LI, "后天体检")
    await stage.after(hours=2)
    await stage.quiet()
    assert not stage.heard(WANG, "体检")


async def test_a_scheduled_text_goes_out_at_its_time(stage):
    card = await drafted(stage, LI, "/announce 明天体检。")
    await press(stage, LI, card, "时间")
    await press_shown(stage, LI, "一小时后")
    await stage.says(LI, "🕘")
    await press_shown(stage, LI, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    await stage.after(minutes=50)
    assert not stage.heard(WANG, "体检")
    await stage.after(minutes=15)
    await stage.says(WANG, "明天体检")
    await stage.says(ZHAO, "公众，11 人")


async def test_a_returned_draft_comes_back_with_the_reason_and_can_be_sent_in_again(stage):
    _, request = await submitted(stage, LI, "/announce 明天放假。")
    await press(stage, ZHAO, request, "退回")
    await stage.says(ZHAO, "请说明退回理由")
    await stage.phone(ZHAO).send("没有写明哪个年级")
    returned = await stage.says(LI, "已退回")
    assert "赵敏：“没有写明哪个年级”" in returned["text"]
    await stage.says(ZHAO, "已退回")

    card = await drafted(stage, LI, "/announce 2026-A001 明天七年级放假。", "明天七年级放假")
    await press(stage, LI, card, "提交审批")
    request = await stage.says(ZHAO, "提请审批")
    await press(stage, ZHAO, request, "批准")
    await stage.says(WANG, "明天七年级放假")


async def test_words_that_answer_no_question_are_a_report_as_ever(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.topic_named("2026-0001")
    await stage.phone(WANG).send("三楼有烟")
    await stage.says(CHEN, "三楼有烟", chat=CENTRE)


async def test_a_correction_goes_to_all_who_got_the_old_text_and_the_old_posts_say_so(stage):
    _, request = await submitted(stage, LI, "/announce 明天八点考试。")
    await press(stage, ZHAO, request, "批准")
    old = await stage.says(WANG, "明天八点考试")
    await stage.says(CHEN, "明天八点考试", chat=CHANNEL)
    await stage.quiet()

    figures = await stage.says(LI, "公众，11 人")
    await press(stage, LI, figures, "更正")
    await stage.says(LI, "请发送更正后的正文")
    await stage.phone(LI).send("明天九点考试。")
    await press(stage, LI, await stage.says(LI, "2026-A001 r2"), "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "2026-A001 r2：李明提请审批"), "批准")

    new = await stage.says(WANG, "明天九点考试")
    assert "✏️ 更正：以下内容取代" in new["text"]
    edited = await stage.says(WANG, "第 2 版")
    assert edited["message_id"] == old["message_id"]
    assert edited["text"].startswith("⚠️ 已于")
    assert "明天八点考试" in edited["text"]
    await stage.says(CHEN, "✏️ 更正", chat=CHANNEL)
    await stage.says(CHEN, "第 2 版", chat=CHANNEL)

    first, second = await stage.read(lambda tx: tx.announcements.chain("2026-A001"))
    assert (first.texts["zh_Hans"].body, second.texts["zh_Hans"].body) == ("明天八点考试。", "明天九点考试。")
    params = await stage.read(_params_in_channel)
    assert [(one["number"], one["revision"]) for one in params["references"]] == [("2026-A001", 1)]
    assert params["msg_type"] == "Update"


def _params_in_channel(tx):
    posts = select(deliveries.c.params).where(
        deliveries.c.chat == CHANNEL_CHAT, deliveries.c.edit_of.is_(None)
    )
    return tx.connection.scalar(posts.order_by(deliveries.c.id.desc()).limit(1))


async def test_a_withdrawal_tells_everybody_and_ends_the_chain(stage):
    _, request = await submitted(stage, LI, "/announce 明天放假。")
    await press(stage, ZHAO, request, "批准")
    old = await stage.says(WANG, "明天放假")
    await stage.quiet()
    # Neither its author nor its approver: whoever may publish may take it back.
    listed = await drafted(stage, CHEN, "/announcements", "明天放假")
    await press(stage, CHEN, listed, "2026-A001")
    await press(stage, CHEN, await stage.says(CHEN, "公众，11 人"), "撤回")
    asked = await stage.says(CHEN, "确定撤回吗")
    assert await press(stage, CHEN, asked, "确认撤回") == "2026-A001 已撤回，正在告知所有收到的人。"
    await stage.says(
        CHEN, lambda m: m["message_id"] == asked["message_id"] and "已作废或撤回" in m.get("text", "")
    )
    assert "已办结" in await press_data(stage, CHEN, asked, "nwd:1:")
    told = await stage.says(WANG, "🚫 撤回")
    assert "“明天放假。”" in told["text"]
    edited = await stage.says(WANG, "🚫 已于")
    assert edited["message_id"] == old["message_id"]
    first, second = await stage.read(lambda tx: tx.announcements.chain("2026-A001"))
    assert (first.state, second.msg_type) == ("WITHDRAWN", "Cancel")
    await drafted(stage, LI, "/announce 2026-A001 明天还是放假。", "已办结")


async def test_a_draft_that_nobody_decides_about_expires(stage):
    _, request = await submitted(stage, LI, "/announce 今晚六点家长会。")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    await stage.after(hours=25)
    await stage.says(LI, "⌛ 已过期")
    await stage.says(ZHAO, "⌛ 已过期")
    refused = await press_data(stage, ZHAO, request, f"nap:1:{draft.mark}")
    assert refused == "2026-A001 已过期，请重新起草。"
    await stage.quiet()
    assert not stage.heard(WANG, "家长会")


async def test_in_a_drill_every_message_and_the_channel_bear_the_mark(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("2026-0001")
    card, request = await submitted(
        stage, LI, "/announce 请到操场集合。\n---\nPlease gather at the sports field."
    )
    assert card["text"].startswith("【演练】")
    assert request["text"].startswith("【演练】")
    await press(stage, ZHAO, request, "批准")
    for person in CAST:
        told = await stage.says(person, "gather at the sports field" if person in ENGLISH else "请到操场集合")
        assert told["text"].startswith("[DRILL]" if person in ENGLISH else "【演练】")
    posted = await stage.says(CHEN, "请到操场集合", chat=CHANNEL)
    assert posted["text"].startswith("【演练】")
    assert "[DRILL] 📢" in posted["text"]
    await stage.says(CHEN, "📢 2026-A001 发布：“请到操场集合。”", chat=CENTRE)


async def test_a_commander_publishes_a_ready_made_life_safety_text_with_one_confirmation(stage):
    await stage.phone(WANG).send("/report fire A3 smoke")
    thread = await stage.topic_named("2026-0001")
    pinned = await stage.says(CHEN, "2026-0001", chat=CENTRE, thread=thread)
    query = await stage.phone(CHEN).press(pinned["message_id"], "发布通告", chat=CENTRE)
    assert (await stage.phone(CHEN).wait_answer(query))["text"] == "已发到您与“集合”的私聊中。"
    menu = await stage.says(CHEN, "发布通告")
    await press(stage, CHEN, menu, "立即疏散")
    card = await stage.says(CHEN, "📝")
    assert "集合并清点人数" in card["text"]
    assert "操场" in card["text"]
    await press(stage, CHEN, card, "确认发布")
    told = await stage.says(EMILY, "📢 Evacuate now")
    assert "Gather at Sports field" in told["text"]
    await press(stage, EMILY, told, "I need help")
    await stage.says(CHEN, "需要帮助")
    assert not any(
        "Evacuate now" in c.params.get("text", "") for c in stage.simulator.calls if c.chat_id == CHANNEL
    )


async def test_a_ready_made_text_with_a_word_changed_needs_another_to_approve(stage):
    await stage.phone(WANG).send("/report fire A3 smoke")
    await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/announce")
    await press(stage, CHEN, await stage.says(CHEN, "发布通告"), "立即疏散")
    await with_button(stage, CHEN, "确认发布")
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    assert draft.is_urgent
    card = await drafted(stage, CHEN, "/announce 2026-A001 请到校门外集合。", "请到校门外集合")
    assert not any("确认发布" in label for label in labels(card))
    draft = await stage.read(lambda tx: tx.announcements.get(1))
    assert await press_data(stage, CHEN, card, f"nap:1:{draft.mark}") == "本人起草的通告须由他人审批。"


async def test_answers_are_counted_and_the_silent_are_chased_by_name(stage):
    card = await drafted(stage, LI, "/announce 请确认收到本通告。")
    await press(stage, LI, card, "要求“已阅”")
    await press(stage, LI, await stage.says(LI, "已阅”"), "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    told = await stage.says(WANG, "📢 学校通告")
    assert await press(stage, WANG, told, "已阅") == "收到，已登记。"
    assert await press(stage, WANG, told, "已阅") == "收到，已登记。"
    await stage.after(seconds=5)
    figures = await stage.says(LI, "已阅 1/11 · 未回复 10")

    await press(stage, LI, figures, "未回复名单")
    names = await stage.says(LI, "未回复（10）")
    assert "陈刚" in names["text"]
    assert "王芳" not in names["text"]
    assert await press(stage, LI, figures, "提醒未回复者") == "已再次提醒 10 人。"
    again = await stage.says(EMILY, "Reminder")
    await press(stage, EMILY, again, "I have read this")
    assert "刚提醒过" in await press(stage, LI, figures, "提醒未回复者")
    await stage.after(seconds=5)
    await stage.says(LI, "已阅 2/11 · 未回复 9")
    await stage.quiet()
    assert not stage.heard(WANG, "催办")


async def test_only_the_class_leads_of_a_grade_get_what_is_for_them(stage):
    card = await drafted(stage, LI, "/announce 七年级下午开会。")
    await press(stage, LI, card, "对象")
    await press_shown(stage, LI, "按年级")
    await press_shown(stage, LI, "7")
    card = await stage.says(LI, "按年级（班主任、年级组长）：7")
    await press(stage, LI, card, "返回")
    await press_shown(stage, LI, "提交审批")
    await press(stage, ZHAO, await stage.says(ZHAO, "提请审批"), "批准")
    await stage.says(WANG, "七年级下午开会")
    await stage.quiet()
    assert not stage.heard(EMILY, "七年级下午开会")
    assert not any(
        "七年级" in c.params.get("text", "") for c in stage.simulator.calls if c.chat_id == CHANNEL
    )
