"""The on-scene group: sent, led by somebody named, arrived, and what they find."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.place import Name
from bot.domain.roster import DutyShift, Role
from tests.support.cast import CENTRE, CHEN, EMILY, FENG, HAN, LI, SUN, WANG

TANG = replace(
    HAN, staff_id="T21", name=Name("唐志强", "Tang Zhiqiang"), telegram_id=1021, roster_locale="en"
)


@pytest.fixture
async def thread(stage):
    """A fire, and a second one of the group, who reads English."""
    await stage.enrol(TANG)
    await stage.phone(WANG).send("/report fire A3")
    return await stage.topic_named("2026-0001")


async def test_the_first_who_goes_leads_and_both_see_who_is_there(stage, thread):
    await stage.phone(CHEN).send("/dispatch", chat=CENTRE, thread=thread)
    asked = await stage.says(HAN, "请赶赴现场")
    await stage.says(TANG, "Go there, look, and report.")
    await stage.phone(HAN).press(asked, "我去")
    await stage.says(TANG, "🏃 ⭐ Han Lei: on the way")
    await stage.says(HAN, "您是现场负责人")
    await stage.phone(HAN).press(asked, "已到达")
    await stage.says(CHEN, "📍 韩磊：已到达", chat=CENTRE, thread=thread)


async def test_three_presses_report_conditions_actions_and_needs(stage, thread):
    await stage.phone(LI).send("/dispatch")
    asked = await stage.says(TANG, "Your own safety first")
    await stage.phone(TANG).press(asked, "I go")
    await stage.says(TANG, "You lead there")
    await stage.phone(TANG).press(asked, "Report what I see")
    question = await stage.says(TANG, "Conditions: how does it look?")
    await stage.phone(TANG).press(question, "getting worse")
    await stage.says(TANG, "Actions: what is being done there?")
    await stage.phone(TANG).press(question, "getting people out")
    await stage.says(TANG, "Needs: what do you need?")
    await stage.phone(TANG).press(question, "an ambulance")
    await stage.says(TANG, "✅ Reported.")
    line = await stage.says(CHEN, "唐志强现场回报", chat=CENTRE, thread=thread)
    assert "情况：正在恶化；措施：正在疏散人员；需要：救护车" in line["text"]
    await stage.says(CHEN, "急救（120） · 暂无拨打记录", chat=CENTRE, thread=thread)
    await stage.phone(TANG).send("the stairs are full of smoke")
    await stage.says(CHEN, "the stairs are full of smoke", chat=CENTRE, thread=thread)


async def test_the_leader_may_order_and_nobody_else_of_the_group(stage, thread):
    await stage.phone(CHEN).send("/dispatch 韩磊", chat=CENTRE, thread=thread)
    await stage.says(CHEN, "由韩磊负责", chat=CENTRE, thread=thread)
    asked = await stage.says(TANG, "⭐ Han Lei")
    await stage.phone(TANG).press(asked, "I go")
    await stage.phone(TANG).send("/evacuate")
    await stage.says(TANG, "Your role does not include this.")
    card = await stage.says(HAN, "您是现场负责人")
    await stage.phone(HAN).press(card, "疏散")
    confirm = await stage.says(HAN, "下达疏散指令")
    await stage.phone(HAN).press(confirm, "确认疏散")
    await stage.says(EMILY, "EVACUATE")
    await stage.says(CHEN, "韩磊下令疏散", chat=CENTRE, thread=thread)
    await stage.phone(HAN).send("/allclear")
    await stage.says(HAN, "您没有此项权限")


async def test_another_incidents_leader_has_no_right_here(stage, thread):
    await stage.phone(CHEN).send("/dispatch 韩磊")
    await stage.says(HAN, "您是现场负责人")
    await stage.phone(EMILY).send("/report medical gym")
    await stage.says(EMILY, "2026-0002")
    await stage.phone(HAN).send("/evacuate 2026-0002")
    await stage.says(HAN, "您没有此项权限")


async def test_only_who_was_sent_can_say_that_they_go(stage, thread):
    await stage.phone(CHEN).send("/dispatch")
    asked = await stage.says(HAN, "请赶赴现场")
    press = stage.simulator.world.ask_bot(stage.phone(FENG).user, asked, "scs:1:arrived")
    assert (await stage.phone(FENG).wait_answer(press))["text"] == "您未被派往现场，未作更改。"
    press = stage.simulator.world.ask_bot(stage.phone(HAN).user, asked, "scr:1:zzz")
    assert "已失效" in (await stage.phone(HAN).wait_answer(press))["text"]
    await stage.phone(EMILY).send("/dispatch")
    await stage.says(EMILY, "Your role does not include this.")
    assert Role.ON_SCENE in HAN.roles
    await stage.phone(SUN).send("/dispatch Nobody")
    await stage.says(SUN, "Nobody, or more than one, on the roster is “Nobody”.")


async def find(stage, person, card, *answers):
    """The three presses."""
    await stage.phone(person).press(card, "Report what I see")
    question = await stage.says(person, "Conditions: how does it look?")
    for answer, then in zip(
        answers, ("what is being done there?", "what do you need?", "✅ Reported."), strict=True
    ):
        await stage.phone(person).press(question, answer)
        await stage.quiet()
        question = await stage.says(person, then)
    return question


async def test_the_leader_is_asked_once_whether_to_evacuate_and_can_order_it_there(stage, thread):
    await stage.phone(CHEN).send("/dispatch 唐志强", chat=CENTRE, thread=thread)
    card = await stage.says(TANG, "You lead there")
    await stage.phone(TANG).press(card, "I go")
    card = await stage.says(TANG, lambda message: "Report what I see" in str(message.get("reply_markup", "")))
    asked = await find(stage, TANG, card, "getting worse", "still looking", "nothing")
    assert "Do people have to be evacuated? You lead there and decide" in asked["text"]
    again = await find(stage, TANG, card, "unchanged", "still looking", "nothing")
    assert "evacuated" not in again["text"]
    await stage.phone(TANG).press(asked, "EVACUATE")
    confirm = await stage.says(TANG, lambda message: "Confirm" in str(message.get("reply_markup", "")))
    await stage.phone(TANG).press(confirm, "Confirm")
    await stage.says(CHEN, "唐志强下令疏散", chat=CENTRE, thread=thread)


async def test_who_does_not_lead_or_where_it_is_ordered_already_is_not_asked(stage, thread):
    await stage.phone(CHEN).send("/dispatch 韩磊", chat=CENTRE, thread=thread)
    card = await stage.says(TANG, "Your own safety first")
    await stage.phone(TANG).press(card, "I go")
    card = await stage.says(TANG, lambda message: "Report what I see" in str(message.get("reply_markup", "")))
    found = await find(stage, TANG, card, "getting worse", "still looking", "nothing")
    assert "evacuated" not in found["text"]
    await stage.phone(CHEN).send("/evacuate", chat=CENTRE, thread=thread)
    confirm = await stage.says(CHEN, "下达疏散指令", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).press(confirm["message_id"], "确认疏散", chat=CENTRE)
    await stage.says(EMILY, "EVACUATE")
    await stage.phone(CHEN).send("/dispatch 唐志强", chat=CENTRE, thread=thread)
    await stage.says(TANG, "You lead there")
    found = await find(stage, TANG, card, "unchanged", "still looking", "nothing")
    assert "evacuated" not in found["text"]


async def test_when_nobody_on_duty_has_a_chat_the_others_of_the_group_are_sent_as_they_get_its_tasks(stage):
    other = replace(EMILY, roles=EMILY.roles | {Role.ON_SCENE})
    now = stage.clock()
    shift = DutyShift(now - timedelta(hours=1), now + timedelta(hours=5), Role.ON_SCENE, HAN.staff_id)

    def on_duty_without_a_chat(tx):
        tx.people.save([other, replace(HAN, telegram_id=None)])
        tx.roster.replace_shifts([shift])

    await stage.muster.database.write(on_duty_without_a_chat)
    await stage.phone(WANG).send("/report fire A3")
    thread = await stage.topic_named("2026-0001")
    await stage.says(EMILY, "Cut power and gas")
    await stage.phone(CHEN).send("/dispatch", chat=CENTRE, thread=thread)
    await stage.says(EMILY, "Go there, look, and report")
