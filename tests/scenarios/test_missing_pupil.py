"""A pupil is missing and nobody has to take cover: questions and the end speak of that, not of a danger."""

from __future__ import annotations

from tests.support.cast import CENTRE, CHEN, EMILY, SUN, WANG


async def test_who_cannot_say_where_is_asked_for_words_and_not_again(stage):
    await stage.phone(WANG).send("/report")
    await stage.phone(WANG).press(await stage.says(WANG, "要报告什么情况"), "学生走失")
    await stage.phone(WANG).press(await stage.says(WANG, "🔍 学生走失：最后在哪里见到？"), "不清楚地点")
    receipt = await stage.says(WANG, "已收到，事件 2026-0001")
    assert "在哪里" not in receipt["text"]
    assert "如有补充" in receipt["text"]

    await stage.phone(EMILY).send("/report missing_person")
    receipt = await stage.says(EMILY, "report 2 of incident 2026-0001")
    assert "Last seen where?" in receipt["text"]


async def test_where_nothing_was_ordered_the_end_sends_everybody_back_to_work(stage):
    await stage.phone(WANG).send("/report missing_person A3")
    thread = await stage.topic_named("2026-0001")
    await stage.says(SUN, "🚨 🔍 Missing pupil")
    await stage.phone(CHEN).send("/allclear", chat=CENTRE, thread=thread)
    asked = await stage.says(CHEN, "发布解除令？", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(asked["message_id"], "确认解除", chat=CENTRE)
    told = await stage.says(WANG, "✅ 警报解除\n2026-0001 已处置完毕，恢复正常工作。")
    assert "危险" not in told["text"]
    told = await stage.says(SUN, "2026-0001 is over; go on as usual.")
    assert "head of grade" not in told["text"]
