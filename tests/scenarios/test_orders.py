"""Response actions: asked once, confirmed in time, contradicted aloud, told to everybody in their language."""

from __future__ import annotations

import pytest

from bot.domain.place import Name
from bot.domain.roster import Person
from tests.support.cast import CAST, CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO

ENGLISH = (EMILY, SUN)


@pytest.fixture
async def thread(stage):
    """An SOS is open and Chen commands."""
    await stage.phone(WANG).send("🆘 SOS")
    thread = await stage.topic_named("2026-0001")
    await stage.phone(CHEN).send("/command", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "总指挥：陈刚", chat=CENTRE, thread=thread)
    return thread


async def order(stage, thread, command, asked, button, *, by=CHEN):
    """Ask and confirm in the topic; the confirmation as it was asked."""
    said = await stage.phone(by).send(command, chat=CENTRE, thread=thread)
    confirm = await stage.says(by, asked, chat=CENTRE, thread=thread, after=said["message_id"])
    await stage.phone(by).press(confirm["message_id"], button, chat=CENTRE)
    return confirm


def calls_with(stage, *words):
    """Private messages sent with one of these in them."""
    sent = [c for c in stage.simulator.calls if c.method == "sendMessage" and c.chat_id > 0]
    return [call for call in sent if any(word in call.params["text"] for word in words)]


async def test_an_order_that_contradicts_the_one_in_force_opens_with_stop(stage, thread):
    await order(stage, thread, "/evacuate", "下达疏散指令，范围：全校", "确认疏散")
    for person in CAST:
        await stage.says(person, "EVACUATE" if person in ENGLISH else "疏散")

    confirm = await order(stage, thread, "/lockdown", "下达封控指令", "确认封控")
    assert "⚠️ 当前指令为疏散，消息将以“停止”开头" in confirm["text"]
    for person in CAST:
        stop = "🛑 STOP EVACUATE\n🔒 LOCKDOWN" if person in ENGLISH else "🛑 停止疏散\n🔒 封控"
        told = await stage.says(person, stop)
        assert told["text"].startswith("🛑")
    await stage.says(CHEN, "陈刚停止疏散，改为封控：全校", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "当前指令：🔒 封控，全校", chat=CENTRE, thread=thread)


async def test_a_lockdown_makes_no_sound_on_any_phone_and_an_evacuation_does(stage, thread):
    await order(stage, thread, "/lockdown", "下达封控指令", "确认封控")
    for person in CAST:
        await stage.says(person, "Phones on silent" if person in ENGLISH else "手机静音")
    quiet = calls_with(stage, "Phones on silent", "手机静音")
    assert len(quiet) == len(CAST)
    assert {call.params.get("disable_notification") for call in quiet} <= {True, "true", "True"}

    await order(stage, thread, "/evacuate", "下达疏散指令", "确认疏散")
    for person in CAST:
        await stage.says(person, "STOP LOCKDOWN" if person in ENGLISH else "停止封控")
    loud = calls_with(stage, "STOP LOCKDOWN", "停止封控")
    assert len(loud) == len(CAST)
    assert {call.params.get("disable_notification") for call in loud} <= {None, False, "false"}


async def test_those_who_command_are_told_first(stage, thread):
    crowd = [Person(f"C{n:02}", Name(f"老师{n}"), telegram_id=2000 + n) for n in range(30)]
    for person in crowd:
        stage.simulator.add_user(person.telegram_id, person.name.zh, started=True)
    await stage.muster.database.write(lambda tx: tx.people.save(crowd))
    await order(stage, thread, "/evacuate", "将立即发给 41 人", "确认疏散")
    await stage.quiet()
    told = [call.chat_id for call in calls_with(stage, "EVACUATE", "<b>🏃 疏散</b>")]
    assert len(told) == 41
    leaders = {person.telegram_id for person in (CHEN, LI, ZHAO, SUN)}
    assert leaders <= set(told[:20]), "sixteen go out at once, so nearly first is first"


async def test_an_order_not_confirmed_in_two_minutes_is_no_longer_meant(stage, thread):
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    await stage.after(minutes=2, seconds=1)
    for person, words in ((CHEN, "已超过两分钟，未发送任何消息"), (SUN, "Asked more than two minutes ago")):
        press = await stage.phone(person).press(confirm["message_id"], "确认疏散", chat=CENTRE)
        assert words in (await stage.phone(person).wait_answer(press))["text"]
    assert (await stage.read(lambda tx: tx.incidents.get(1))).action is None
    assert calls_with(stage, "<b>🏃 疏散</b>") == []


async def test_two_who_confirm_at_once_send_it_once(stage, thread):
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    pressed = [
        (person, await stage.phone(person).press(confirm["message_id"], "确认疏散", chat=CENTRE))
        for person in (CHEN, SUN)
    ]
    answers = {(await stage.phone(person).wait_answer(press))["text"] for person, press in pressed}
    assert answers in (
        {"已确认，正在发送。", "Confirmed already; it went out once."},
        {"已经确认过，指令只发送了一次。", "Confirmed. It is on its way."},
    )
    await stage.quiet()
    assert len(calls_with(stage, "<b>🏃 疏散</b>", "<b>🏃 EVACUATE</b>")) == len(CAST)


async def test_another_who_may_order_it_can_confirm_or_withdraw(stage, thread):
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    press = await stage.phone(LI).press(confirm["message_id"], "不发送", chat=CENTRE)
    assert (await stage.phone(LI).wait_answer(press))["text"] == "未发送。"
    await stage.says(CHEN, "🏃 疏散：未发送（李明）", chat=CENTRE, thread=thread)

    said = await stage.phone(CHEN).send("/shelter", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达就地避险指令", chat=CENTRE, thread=thread, after=said["message_id"])
    await stage.phone(SUN).press(confirm["message_id"], "确认就地避险", chat=CENTRE)
    settled = await stage.says(CHEN, "就地避险：孙丽", chat=CENTRE, thread=thread)
    assert settled["message_id"] == confirm["message_id"]
    assert "reply_markup" not in settled
    for person in CAST:
        await stage.says(person, "away from windows" if person in ENGLISH else "远离门窗")


async def test_a_withdrawn_order_can_no_longer_be_confirmed(stage, thread):
    await stage.phone(CHEN).send("/hold", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达待命指令", chat=CENTRE, thread=thread)
    order_id = (await stage.read(lambda tx: tx.orders.get(1))).id
    phone = stage.phone(CHEN)
    await phone.press(confirm["message_id"], "不发送", chat=CENTRE)
    stage.simulator.world.ask_bot(phone.user, confirm, f"yes:{order_id}:")
    await stage.says(CHEN, "未发送（陈刚）", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert (await stage.read(lambda tx: tx.incidents.get(1))).action is None
    assert (await stage.read(lambda tx: tx.orders.get(1))).state == "withdrawn"


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("A3", "教学楼A座三层", "Building A, floor 3"),
        ("a3, gym", "教学楼A座三层和体育馆", "Building A, floor 3 and Gym"),
        ("教学楼A座三层、体育馆", "教学楼A座三层和体育馆", "Building A, floor 3 and Gym"),
        ("building a, floor 3 Gym", "教学楼A座三层和体育馆", "Building A, floor 3 and Gym"),
        ("体育馆 A3 体育馆", "体育馆和教学楼A座三层", "Gym and Building A, floor 3"),
    ],
)
async def test_zones_are_named_by_id_or_by_name(stage, thread, said, zh, en):
    await order(stage, thread, f"/evacuate {said}", f"范围：{zh}？", "确认疏散")
    await stage.says(ZHAO, f"🏃 疏散 · {zh}")
    await stage.says(EMILY, f"🏃 EVACUATE · {en}")
    await stage.says(CHEN, f"当前指令：🏃 疏散，{zh}", chat=CENTRE, thread=thread)


async def test_a_place_that_does_not_exist_is_named_and_nothing_is_asked(stage, thread):
    await stage.phone(CHEN).send("/evacuate A3 屋顶", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "没有名为“屋顶”的地点", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/evacuate 2026-0001 roof")
    await stage.says(SUN, "Muster does not know the place “roof”.")
    assert await stage.read(lambda tx: tx.orders.get(1)) is None


async def test_words_behind_a_semicolon_go_out_with_the_order(stage, thread):
    way = "走北门，不要走<东侧>；实验楼封闭"
    asked = await order(stage, thread, f"/evacuate A3；{way}", "范围：教学楼A座三层？", "确认疏散")
    assert f"➡️ {way}" in asked["text"]
    for person in (ZHAO, EMILY):
        told = await stage.says(person, f"➡️ {way}")
        assert "A座三层" in told["text"] or "Building A, floor 3" in told["text"]
    await stage.says(CHEN, f"当前指令：🏃 疏散，教学楼A座三层，10:00 起\n➡️ {way}", chat=CENTRE, thread=thread)
    asked = await order(stage, thread, "/lockdown", "下达封控指令", "确认封控")
    assert "如需附言，请发：/lockdown；附言内容" in asked["text"]
    told = await stage.says(ZHAO, "🔒 封控 · 全校")
    assert "➡️" not in told["text"]


async def test_words_without_a_semicolon_send_nothing_and_say_how(stage, thread):
    await stage.phone(CHEN).send("/evacuate A3 走北门", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "未发出任何消息：没有名为“走北门”的地点。", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "附言请写在分号后：/evacuate；走北门", chat=CENTRE, thread=thread)


async def test_only_here_is_one_press_away(stage, thread):
    receipt = await stage.says(WANG, "已收到，事件 2026-0001")
    await stage.phone(WANG).press(receipt, "火灾")
    await stage.phone(WANG).press(await stage.says(WANG, "在哪里"), "体育馆")
    card = await stage.says(CHEN, "火灾 · 体育馆\n2026-0001", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(card["message_id"], "疏散", chat=CENTRE)
    confirm = await stage.says(CHEN, "下达疏散指令，范围：全校", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "仅体育馆", chat=CENTRE)
    narrower = await stage.says(CHEN, "下达疏散指令，范围：体育馆？", chat=CENTRE, thread=thread)
    assert narrower["message_id"] == confirm["message_id"]
    await stage.phone(CHEN).press(narrower["message_id"], "确认疏散", chat=CENTRE)
    await stage.says(EMILY, "EVACUATE · Gym")


async def test_no_order_overtakes_the_all_clear(stage, thread):
    await order(stage, thread, "/evacuate", "下达疏散指令", "确认疏散")
    await stage.says(EMILY, "EVACUATE")
    await stage.phone(CHEN).send("/lockdown", chat=CENTRE, thread=thread)
    waiting = await stage.says(CHEN, "下达封控指令", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/allclear 2026-0001")
    confirm = await stage.says(SUN, "give the all-clear?")
    assert f"It goes to {len(CAST)} people at once." in confirm["text"]
    await stage.phone(SUN).press(confirm, "Confirm all-clear")
    for person in CAST:
        await stage.says(person, "ALL CLEAR" if person in ENGLISH else "警报解除")
    press = await stage.phone(CHEN).press(waiting["message_id"], "确认封控", chat=CENTRE)
    assert "已经解除" in (await stage.phone(CHEN).wait_answer(press))["text"]


async def test_people_without_a_phone_are_counted_so_that_somebody_tells_them(stage, thread):
    await stage.muster.database.write(
        lambda tx: tx.people.save([Person("T30", Name("何静", "He Jing")), Person("T31", Name("高山"))])
    )
    await stage.phone(CHEN).send("/secure", chat=CENTRE, thread=thread)
    asked = await stage.says(CHEN, "下达封闭校园指令", chat=CENTRE, thread=thread)
    assert "另有 2 人无法通过聊天通知，请当面或电话告知" in asked["text"]
    await stage.phone(SUN).send("/secure")
    asked = await stage.says(SUN, "order SECURE for the whole school?")
    assert "2 people cannot be reached by chat" in asked["text"]


async def test_an_order_for_a_second_incident_knows_what_the_first_one_ordered(stage, thread):
    await order(stage, thread, "/evacuate", "下达疏散指令", "确认疏散")
    await stage.says(EMILY, "EVACUATE")
    await stage.phone(EMILY).send("/report intruder gym man with a knife")
    receipt = await stage.says(EMILY, "report 2 of incident 2026-0001")
    await stage.phone(EMILY).press(receipt, "I mean something else")
    await stage.says(EMILY, "incident 2026-0002")
    await stage.phone(SUN).send("/lockdown 2026-0002")
    asked = await stage.says(SUN, "order LOCKDOWN")
    assert "EVACUATE is in force. The message will open with STOP." in asked["text"]
    await stage.phone(SUN).press(asked, "Confirm LOCKDOWN")
    await stage.says(WANG, "🛑 停止疏散\n🔒 封控")
