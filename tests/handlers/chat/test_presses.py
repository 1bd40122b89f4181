"""Buttons pressed by the wrong person, twice, too late, or never made by Muster."""

from __future__ import annotations

import pytest

from bot.domain.message import MessageKind
from tests.handlers.chat.test_rights import an_sos, state_of
from tests.support.cast import CENTRE, CHEN, EMILY, LI, STRANGER, SUN, WANG, ZHAO
from tests.support.door import MONDAY

OUT_OF_DATE = "此按钮已失效"
NOW = int(MONDAY.timestamp())


FORGED = [
    "",
    ":",
    "::",
    "ack",
    "ack:",
    "ack:1",
    "xyz:1:",
    "ACK:1:",
    "ack:-1:",
    "ack:1e3:",
    "ack:1.0:",
    "ack:9999999999999999999:",
    "sev:1:",
    "sev:1:5",
    "sev:1:0",
    "sev:1:null",
    "ord:1:",
    "ord:1:NUKE",
    "ord:1:evacuate",
    "ord:1:EVACUATE:nowhere",
    "ord:1:EVACUATE:A3:gym",
    "ord:1:EVACUATE:\ud800",
    "rk:1:volcano",
    "rz:1:nowhere",
    "rz:1:\x00",
    "nk:0:volcano",
    "nz:0:volcano:A3",
    "lan:0:tlh",
    "fal:1:",
    "fal:1:soon",
    "fal:1:-1",
    "fal:1:٣",
    "ros:1:",
    "yes:1:",
    "no:0:",
    "x" * 64,
    "火" * 21,
    "\x00" * 64,
    "\ud83d" * 20,
    "{}" * 32,
    "ack:1:" + "y" * 64,
]


@pytest.mark.parametrize("data", FORGED, ids=lambda data: ascii(data)[:40])
async def test_what_muster_never_made_is_answered_and_changes_nothing(door, data):
    await an_sos(door)
    before = await state_of(door)

    assert (await door.press(LI, data)).startswith((OUT_OF_DATE, "只有报告人本人"))
    assert (await door.press(EMILY, data)).startswith(("This button is out of date", "Your role does not"))
    assert await state_of(door) == before


@pytest.mark.parametrize(
    "data", ["ack:77:", "cmd:999999999999999999:", "can:0:", "clr:2:", "tl:5:", f"fal:9:{NOW}", "sev::1"]
)
async def test_an_incident_that_never_was_is_said_not_to_exist(door, data):
    await an_sos(door)
    assert await door.press(CHEN, data) == "该事件已不存在。"
    assert await door.press(SUN, data) == "This incident no longer exists."
    assert await door.events() == ["reported", "rung"]


@pytest.mark.parametrize("data", ["rk:99:fire", "rz:999999999999999999:A3", "rp:5:1", "els:0:", "rea:12345:"])
async def test_a_report_that_never_was_is_said_not_to_exist(door, data):
    await an_sos(door)
    assert await door.press(EMILY, data) == "This incident no longer exists."


@pytest.mark.parametrize("data", ["rk:1:fire", "rz:1:A3", "rp:1:1", "els:1:", "rea:1:"])
async def test_nobody_answers_for_another_reporter(door, data):
    await an_sos(door)
    assert await door.press(CHEN, data) == "只有报告人本人可以操作。"
    assert await door.press(SUN, data) == "Only who reported it can do this."
    assert await door.events() == ["reported", "rung"]
    assert await door.incident(2) is None


async def test_a_page_number_can_be_anything(door):
    await an_sos(door)
    for page in ("9" * 50, "-1", "", "x", "²"):
        await door.press(EMILY, f"rp:1:{page}")
    assert await door.events() == ["reported", "rung"]


async def test_a_double_press_does_it_once(door):
    await an_sos(door)
    assert "已告知报告人" in await door.press(CHEN, "ack:1:")
    assert await door.press(CHEN, "ack:1:") == "陈刚已经看到了。"
    assert await door.press(SUN, "ack:1:") == "Chen Gang has seen it already."
    assert await door.press(CHEN, "cmd:1:") == "2026-0001：您已担任总指挥。"
    assert await door.press(CHEN, "cmd:1:") == "已经是总指挥了。"
    assert await door.press(EMILY, "rk:1:fire") == "Noted."
    assert await door.press(EMILY, "rk:1:fire") == "Already done."
    await door.press(CHEN, "ord:1:EVACUATE")
    assert await door.press(CHEN, "yes:1:") == "已确认，正在发送。"
    assert await door.press(CHEN, "yes:1:") == "已经确认过，指令只发送了一次。"
    assert await door.press(CHEN, "no:1:") == "已经确认过，指令只发送了一次。"
    assert await door.events() == [
        "reported",
        "rung",
        "acknowledged",
        "command_taken",
        "kind_set",
        "plan_started",
        "action_ordered",
        "roll_call_started",
        "task_done",
    ]
    directives = [said for said in door.said if said.kind is MessageKind.DIRECTIVE]
    assert len(directives) == 11


async def test_a_guided_report_pressed_twice_is_one_report(door):
    (asked,) = await door.press_and_read(WANG, "nk:0:fire")
    await door.press(WANG, asked.data("体育馆"))
    await door.press(WANG, asked.data("体育馆"))
    receipts = [said for said in door.said if said.kind is MessageKind.RECEIPT]
    assert await door.events() == ["reported", "rung", "plan_started"]
    assert {said.edit_of for said in receipts} == {777}, "the question becomes the receipt"


@pytest.mark.parametrize("end", [f"fal:1:{NOW}", "close"])
async def test_presses_on_what_is_over_change_nothing_and_say_so(door, end):
    await an_sos(door)
    await door.send(CHEN, "/evacuate")
    if end == "close":
        await door.press(CHEN, "clr:1:")
        await door.press(CHEN, "yes:2:")
        await door.services.after_actions.tick()
        await door.send(ZHAO, "/afteraction submit")
        await door.services.after_actions.tick()
        await door.send(ZHAO, "/afteraction accept")
        await door.send(CHEN, "/close 无人受伤")
    else:
        await door.press(CHEN, end)
    before = await state_of(door)

    for data in (
        "ack:1:",
        "cmd:1:",
        "ord:1:LOCKDOWN",
        "clr:1:",
        "can:1:",
        f"fal:1:{NOW}",
        "sev:1:1",
        "yes:1:",
    ):
        assert await door.press(CHEN, data) == "2026-0001 已结束，不能再更改。"
    for data in ("rk:1:fire", "rz:1:A3"):
        assert await door.press(EMILY, data) == "2026-0001 is over; nothing can change any more."
    assert await state_of(door) == before


async def test_the_timeline_of_what_is_over_can_still_be_read(door):
    await an_sos(door)
    await door.press(CHEN, f"fal:1:{NOW}")
    (page,) = await door.press_and_read(SUN, "tl:1:")
    assert "10:00 Emily Carter reported: SOS" in page.text
    assert "10:00 Chen Gang: false alarm" in page.text


async def test_after_the_all_clear_only_the_record_goes_on(door):
    await an_sos(door)
    await door.press(CHEN, "clr:1:")
    await door.press(CHEN, "yes:1:")
    for data in ("ack:1:", "cmd:1:", "ord:1:EVACUATE", "clr:1:", "can:1:"):
        assert await door.press(CHEN, data) == "2026-0001：已经解除。"
    await door.send(LI, "/note 消防队已离开")
    assert (await door.events())[-1] == "noted"


async def test_an_old_confirmation_of_a_false_alarm_does_nothing(door):
    await an_sos(door)
    (asked,) = await door.press_and_read(CHEN, "can:1:")
    confirm = asked.data("确认为误报")
    await door.after(minutes=2, seconds=1)
    assert "已超过两分钟" in await door.press(CHEN, confirm)
    assert (await door.incident()).status == "REPORTED"

    (asked,) = await door.press_and_read(SUN, "can:1:")
    await door.press(ZHAO, asked.data("Confirm false alarm"))
    assert (await door.incident()).status == "CANCELLED"


async def test_a_strangers_press_is_answered_politely_and_changes_nothing(door):
    await an_sos(door)
    before = await state_of(door)
    for data in ("ack:1:", "yes:1:", "rk:1:fire", "nz:0:fire:A3", "lan:0:en", "garbage"):
        said = await door.press(STRANGER, data)
        assert said in {
            "You are not on the school's roster.",
            "This button is out of date. Nothing was done.",
        }
    assert await state_of(door) == before
    assert not [said for said in door.said if said.to == f"user:{STRANGER}"]


async def test_a_press_in_a_foreign_group_changes_nothing(door):
    await an_sos(door)
    before = await state_of(door)
    assert OUT_OF_DATE in await door.press(CHEN, "ack:1:", chat=-100987)
    assert await state_of(door) == before


async def test_a_press_without_its_message_or_its_data_is_answered(door):
    await an_sos(door)
    user = {"id": CHEN.telegram_id, "is_bot": False, "first_name": "Chen"}
    bare = {"id": "1", "from": user, "chat_instance": "1"}
    await door.feed({"callback_query": {**bare, "data": "ack:1:"}})
    await door.feed({"callback_query": {**bare, "game_short_name": "chess"}})
    await door.feed({"callback_query": {**bare, "inline_message_id": "x", "data": "ack:1:"}})
    gone = {"chat": {"id": CENTRE, "type": "supergroup", "title": "x"}, "message_id": 5, "date": 0}
    await door.feed({"callback_query": {**bare, "message": gone, "data": "cmd:1:"}})
    assert door.toasts[:3] == ["此按钮已失效，未作任何操作。"] * 3
    assert "您已担任总指挥" in door.toasts[3], "an old message's button still works, it only cannot be edited"


async def test_the_notice_of_a_drill_is_marked_too(door):
    await door.send(LI, "/drill fire A3")
    assert (await door.press(CHEN, "ack:1:")).startswith("【演练】")
    assert (await door.press(CHEN, "ack:1:")).startswith("【演练】")
    assert (await door.press(SUN, "cmd:1:")).startswith("[DRILL] ")
    assert (await door.press(WANG, "ack:1:", chat=CENTRE, thread=101)).startswith("【演练】")
