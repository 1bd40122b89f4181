"""An SOS that turns out to be bullying while the school is locked down: the count goes on, the case is kept."""

from __future__ import annotations

import json

from bot.services.board import board_data
from bot.services.turn import Turn
from tests.handlers.web.machines import staged_with
from tests.scenarios.test_loudspeaker import fire, heard, order, pa, verified
from tests.support.cast import CENTRE, CHEN, EMILY, FENG, HAN, QIAN, WANG, WU, ZHAO
from tests.support.receivers import robot

OTHERS = (CHEN, WU, QIAN, FENG, HAN, EMILY)
CASE = ("欺凌", "ullying", "教学楼A座三层", "Building A, floor 3", "三楼有人持棍")


async def seal(stage):
    """Locked down and counted; then the reporter says what it is, and where."""
    thread = await fire(stage)
    receipt = await stage.says(WANG, "已收到")
    await order(stage, thread, "/lockdown", "确认封控")
    await stage.says(WANG, "清点人数 7-3")
    await stage.says(CHEN, "📋 点名", chat=CENTRE, thread=thread)
    await stage.quiet()
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.phone(WANG).send("A3 三楼有人持棍")
    await stage.quiet()
    return thread


async def turn_action(stage, words, asked, button):
    """By who may know of it."""
    said = await stage.phone(ZHAO).send(words)
    confirm = await stage.says(ZHAO, asked, after=said["message_id"])
    await stage.phone(ZHAO).press(confirm, button)
    await stage.quiet()


def leaks(stage, thread):
    """What those who may not know were ever told of the case."""
    shown = [(one.name.en, m.get("text", "")) for one in OTHERS for m in stage.phone(one).messages()]
    shown += [("centre", m.get("text", "")) for m in stage.phone(CHEN).messages(chat=CENTRE, thread=thread)]
    return [(who, text) for who, text in shown if any(word in text for word in CASE)]


async def test_the_loudspeakers_that_carried_the_lockdown_hear_its_turn_and_its_end(tmp_path):
    async with robot() as server, staged_with(tmp_path, pa(server)) as stage:
        thread = await seal(stage)
        assert verified(await heard(server, 1))["data"]["action"] == "LOCKDOWN"
        await turn_action(stage, "/evacuate", "下达疏散指令", "确认疏散")
        turned = verified(await heard(server, 2))
        await turn_action(stage, "/allclear", "发布解除令", "确认解除")
        ended = verified(await heard(server, 3))
        assert (turned["type"], turned["data"]["action"]) == ("action.ordered", "EVACUATE")
        assert ended["type"] == "action.ended"
        for told in (turned, ended):
            assert told["data"]["kind"] is None
            assert [word for word in CASE if word in json.dumps(told, ensure_ascii=False)] == []
        await stage.says(CHEN, "疏散")
        await stage.says(CHEN, "警报解除")
        await stage.quiet()
        assert leaks(stage, thread) == []


async def test_without_an_order_before_it_none_can_be_given(stage):
    await stage.phone(WANG).send("/report bullying A3")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.phone(ZHAO).send("/lockdown")
    await stage.says(ZHAO, "本事件须保密，下达指令会让全校知情")


async def test_the_count_goes_on_where_it_was_without_a_word_of_the_case(stage):
    thread = await seal(stage)
    before = len(stage.heard(CHEN, "📋 点名", CENTRE, thread))
    await stage.phone(WANG).send("/headcount 3")
    card = await stage.says(CHEN, "❌ 未到 2", chat=CENTRE, thread=thread)
    assert len(stage.heard(CHEN, "📋 点名", CENTRE, thread)) == before, "the same card"
    assert "2026-0001" not in card["text"]
    await stage.phone(CHEN).press(card["message_id"], "未上报名单", chat=CENTRE)
    await stage.says(CHEN, "未报平安的教职工")
    board = await stage.read(lambda tx: board_data(Turn(tx, stage.muster.school, stage.clock(), asker=CHEN)))
    assert (board["incidents"], board["more"]) == ([], 0)
    (count,) = board["roll_calls"]
    assert (count["tally"]["missing"], count["action"], count["incident"]) == (2, "LOCKDOWN", "")
    await turn_action(stage, "/evacuate", "下达疏散指令", "确认疏散")
    await stage.says(CHEN, "📋 点名 · 🏃 疏散", chat=CENTRE, thread=thread)
    await turn_action(stage, "/allclear", "发布解除令", "确认解除")
    await stage.says(CHEN, "点名已结束", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert leaks(stage, thread) == []
    assert [word for word in CASE if word in json.dumps(board, ensure_ascii=False)] == []
