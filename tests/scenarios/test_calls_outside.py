"""Calls outside: the ready text, the page with the number, and what people say of the call."""

from __future__ import annotations

import aiohttp

from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHENG


async def fire(stage, person=WANG, words="/report fire A3"):
    await stage.phone(person).send(words)
    return await stage.topic_named("2026-0001")


def link(message):
    """Where the button leads."""
    rows = message["reply_markup"]["inline_keyboard"]
    return next(button["url"] for row in rows for button in row if "url" in button)


async def opened(stage, message):
    """The page behind the button, as a browser shows it."""
    jar = aiohttp.CookieJar(unsafe=True)
    address = link(message).replace("127.0.0.1:0", stage.muster.web_url.removeprefix("http://"))
    async with aiohttp.ClientSession(cookie_jar=jar) as browser, browser.get(address) as page:
        assert page.status == 200
        return await page.text()


async def test_who_accepts_the_call_gets_its_text_and_says_what_was_answered(stage):
    thread = await fire(stage)
    board = await stage.says(CHEN, "📞 对外联系", chat=CENTRE, thread=thread)
    assert "消防（119） · 暂无拨打记录" in board["text"]
    task = await stage.says(LI, "拨打119，说清地点")
    await stage.phone(LI).press(task, "接受")
    text = await stage.says(LI, "请拨打消防（119）：119")
    assert "1. 地点：青城中学 · 教学楼A座三层" in text["text"]
    assert "5. 集合点：操场" in text["text"]
    assert "系统不会代拨" in text["text"]
    await stage.phone(LI).press(text, "已拨打，对方已接听")
    await stage.says(CHEN, "李明已致电消防（119），对方已接听", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "✅ 消防（119）", chat=CENTRE, thread=thread)
    await stage.phone(LI).send("/call 119 两辆车，八分钟到")
    await stage.says(CHEN, "李明已致电消防（119）：“两辆车，八分钟到”", chat=CENTRE, thread=thread)
    [call, *_] = await stage.read(lambda tx: tx.agency_calls.of_incident(1))
    assert (call.called_by, call.answer) == (LI.staff_id, "两辆车，八分钟到")
    assert call.called_at is not None


async def test_nobody_is_said_to_have_called_before_somebody_says_so(stage):
    await fire(stage)
    await stage.quiet()
    assert {call.state for call in await stage.read(lambda tx: tx.agency_calls.of_incident(1))} == {"asked"}
    events = [entry.event.value for entry in await stage.read(lambda tx: tx.timeline.all(1))]
    assert "agency_called" not in events


async def test_the_page_has_the_number_to_tap_and_no_script(stage):
    await fire(stage)
    await stage.phone(SUN).send("/call 120")
    text = await stage.says(SUN, "Call ambulance (120): 120")
    assert "Nobody has said yet that they have called." in text["text"]
    shown = await opened(stage, text)
    assert 'href="tel:120"' in shown
    assert "1. Where: Qingcheng Middle School · Building A, floor 3" in shown
    assert "学生" not in shown
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{stage.muster.web_url}/call") as page:
        assert page.status == 401
        assert "tel:" not in await page.text()


async def test_in_a_drill_nothing_can_be_dialled(stage):
    await stage.phone(LI).send("/drill fire A3")
    await stage.topic_named("【演练】2026-0001")
    await stage.phone(SUN).send("/call 119")
    text = await stage.says(SUN, "This is a drill: do not really call.")
    assert text["text"].startswith("[DRILL] ")
    shown = await opened(stage, text)
    assert "tel:" not in shown
    assert "do not really call" in shown


async def test_only_the_desk_and_who_was_asked_can_note_a_call(stage):
    await fire(stage)
    await stage.phone(EMILY).send("/call 119 they come")
    await stage.says(EMILY, "Your role does not include this.")
    await stage.phone(SUN).send("/call 911")
    await stage.says(SUN, "Whom? Known are: 110, 119, 120, 122")


async def test_when_the_incident_has_ended_nobody_is_to_be_called(stage):
    thread = await fire(stage)
    board = await stage.says(CHEN, "📞 对外联系", chat=CENTRE, thread=thread)
    assert board["reply_markup"]["inline_keyboard"]
    await stage.phone(CHEN).send("/cancel 误报", chat=CENTRE, thread=thread)
    await stage.says(WANG, "误报")
    await stage.quiet()
    ended = await stage.says(CHEN, "📞 对外联系", chat=CENTRE, thread=thread)
    assert ended["message_id"] == board["message_id"]
    assert not ended.get("reply_markup", {}).get("inline_keyboard")


async def accepted(stage):
    """The clinic's task to call 120, and the text that came with it."""
    thread = await fire(stage)
    task = await stage.says(ZHENG, "拨打120")
    await stage.phone(ZHENG).press(task, "接受")
    text = await stage.says(ZHENG, "请拨打")
    await stage.says(ZHENG, "🔵 由您负责")
    return thread, task, text


async def ambulance(stage):
    """How the call and its task stand."""
    calls = await stage.read(lambda tx: tx.agency_calls.of_incident(1))
    tasks = await stage.read(lambda tx: tx.tasks.of_incident(1))
    [call], [task] = [c for c in calls if c.agency_id == "120"], [t for t in tasks if t.calls == "120"]
    return call, task


async def test_who_pressed_done_first_can_still_say_that_they_called(stage):
    thread, task, text = await accepted(stage)
    await stage.phone(ZHENG).press(task, "完成")
    await stage.says(ZHENG, "✅ 郑洁已完成")
    await stage.phone(ZHENG).press(text, "已拨打，对方已接听")
    await stage.says(CHEN, "✅ 急救（120）", chat=CENTRE, thread=thread)
    call, _ = await ambulance(stage)
    assert call.called_by == ZHENG.staff_id
    assert not stage.heard(ZHENG, "没有此项权限")


async def test_a_call_that_was_answered_is_the_task_done_and_nobody_is_chased(stage):
    _, _, text = await accepted(stage)
    await stage.phone(ZHENG).press(text, "已拨打，对方已接听")
    await stage.says(ZHENG, "✅ 郑洁已完成")
    _, task = await ambulance(stage)
    assert (task.state, task.owner_id) == ("done", ZHENG.staff_id)
    await stage.after(minutes=5, seconds=1)
    await stage.quiet()
    assert not (await ambulance(stage))[1].is_late
    assert not stage.heard(ZHENG, "⏰ 已超时：完成了吗？")


async def test_who_calls_before_accepting_has_done_it_too(stage):
    await fire(stage)
    await stage.says(ZHENG, "拨打120")
    await stage.phone(ZHENG).send("/call 120 救护车十分钟到")
    await stage.says(ZHENG, "✅ 郑洁已完成")
    _, task = await ambulance(stage)
    assert (task.state, task.owner_id) == ("done", ZHENG.staff_id)


async def test_without_an_answer_the_task_stays(stage):
    _, _, text = await accepted(stage)
    await stage.phone(ZHENG).press(text, "无人接听")
    await stage.quiet()
    assert [one.state for one in await ambulance(stage)] == ["no_answer", "accepted"]


async def test_the_same_press_again_changes_nothing(stage):
    thread, _, text = await accepted(stage)
    await stage.phone(ZHENG).press(text, "已拨打，对方已接听")
    await stage.says(CHEN, "✅ 急救（120）", chat=CENTRE, thread=thread)
    await stage.quiet()
    before, _ = await ambulance(stage)
    data = text["reply_markup"]["inline_keyboard"]
    [button] = [b for row in data for b in row if "对方已接听" in b["text"]]
    press = stage.simulator.world.ask_bot(stage.phone(ZHENG).user, text, button["callback_data"])
    assert (await stage.phone(ZHENG).wait_answer(press))["text"]
    await stage.quiet()
    assert (await ambulance(stage))[0] == before
    events = [entry.event.value for entry in await stage.read(lambda tx: tx.timeline.all(1))]
    assert events.count("agency_called") == 1
