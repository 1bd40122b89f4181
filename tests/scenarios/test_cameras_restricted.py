"""Cameras while an incident turns out to be one that a commander may not know of."""

from __future__ import annotations

import pytest

from bot.domain.action import Press, Verb
from bot.domain.snapshot import Act
from tests.support.announcing import press_data
from tests.support.cameras import seeing
from tests.support.cast import CENTRE, CHEN, SUN, WANG, ZHAO


@pytest.fixture
async def stage(tmp_path):
    async with seeing(tmp_path) as stage:
        yield stage


async def an_sos(stage):
    """At A3, where a camera looks; Wang's receipt with the kinds, and Chen's picture."""
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await stage.phone(WANG).send("/report A3")
    return receipt, await stage.photo(CHEN)


async def is_bullying(stage, receipt):
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    await stage.quiet()


async def seen_by(stage, person):
    return [line for line in await stage.register() if line.staff_id == person.staff_id]


async def test_who_may_not_know_of_it_loses_the_picture_and_gets_no_other(stage):
    receipt, picture = await an_sos(stage)
    await stage.phone(CHEN).press(picture, "每 10 秒")
    await stage.says(CHEN, "🔴")
    await stage.quiet()
    await is_bullying(stage, receipt)
    await stage.until(lambda: not stage.photos(CHEN))
    assert stage.photos(ZHAO)
    assert stage.photos(SUN)
    views = await seen_by(stage, CHEN)

    await stage.later(seconds=30)
    await stage.quiet()
    assert stage.photos(CHEN) == []
    assert await seen_by(stage, CHEN) == views, "the watch has ended"


async def test_a_press_that_comes_later_is_refused_and_gives_nothing_away(stage):
    receipt, _ = await an_sos(stage)
    await stage.quiet()
    looks = await stage.read(lambda tx: tx.looks.of_incident(1))
    [own] = [look for look in looks if look.staff_id == CHEN.staff_id]
    await is_bullying(stage, receipt)
    message = await stage.phone(CHEN).send("/help")
    for verb in (Verb.CAMERA_REFRESH, Verb.CAMERA_WATCH, Verb.CAMERA_STOP):
        answer = await press_data(stage, CHEN, message, Press(verb, own.id).encode())
        assert answer.startswith("本次查看已结束")
        assert "事件" not in answer
    await stage.quiet()
    assert stage.photos(CHEN) == []
    assert [line.outcome for line in await seen_by(stage, CHEN) if line.act is Act.REFUSAL] == [
        "look_over"
    ] * 3


async def test_a_picture_that_waits_meanwhile_becomes_a_sentence_without_a_number(stage):
    stage.simulator.faults.change({"only_methods": ["sendPhoto"], "outage": True})
    await stage.phone(WANG).send("🆘 SOS")
    receipt = await stage.says(WANG, "已收到")
    await stage.phone(WANG).send("/report A3")
    await stage.until(lambda: any(call.method == "sendPhoto" for call in stage.simulator.calls))
    await stage.phone(WANG).press(receipt, "欺凌或性侵害")
    await stage.says(ZHAO, "🔒 保密事件")
    stage.simulator.faults.clear()
    told = await stage.says(CHEN, "本次查看已结束")
    assert "2026-0001" not in told["text"]
    assert "三层走廊" in told["text"]
    await stage.quiet()
    assert stage.photos(CHEN) == []


async def test_its_old_topic_is_no_reason_to_look(stage):
    receipt, _ = await an_sos(stage)
    thread = await stage.topic_named("2026-0001")
    await is_bullying(stage, receipt)
    await stage.until(lambda: not stage.photos(CHEN))
    said = await stage.phone(CHEN).send("/snapshot A3", chat=CENTRE, thread=thread)
    told = await stage.says(CHEN, "须写明事由", after=said["message_id"])
    assert "2026-0001" not in told["text"]
    await stage.quiet()
    assert stage.photos(CHEN) == []
