"""Orders to the machines: the loudspeakers hear a response action at once, and the card says what came of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import time_machine
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from tests.handlers.web.machines import staged_with
from tests.support.cast import CENTRE, CHEN, EMILY, LI, WANG, ZHAO
from tests.support.receivers import Robot, robot
from tests.support.stage import Stage

SECRET = "whsec_" + base64.b64encode(b"the loudspeakers' own key").decode()


def pa(server: Robot, takes: str = '"actions"') -> str:
    return f"""
[[channels]]
id = "pa"
kind = "webhook"
name = "校园广播"
name_en = "Loudspeakers"
url = "{server.url}"
secret = "{SECRET}"
takes = [{takes}]

[delivery]
fallback_after_s = 5
"""


@asynccontextmanager
async def school(folder, server: Robot, takes: str = '"actions"') -> AsyncIterator:
    async with staged_with(folder, pa(server, takes)) as stage:
        yield stage


async def fire(stage, command: str = "🆘 SOS") -> int:
    """An incident; its thread."""
    await stage.phone(WANG).send(command)
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, "已报告，待确认", chat=CENTRE, thread=thread)
    return thread


async def order(stage, thread: int, command: str = "/evacuate", button: str = "确认疏散") -> None:
    said = await stage.phone(CHEN).send(command, chat=CENTRE, thread=thread)
    ask = "发布解除令" if command == "/allclear" else "下达"
    confirm = await stage.says(CHEN, ask, chat=CENTRE, thread=thread, after=said["message_id"])
    await stage.phone(CHEN).press(confirm["message_id"], button, chat=CENTRE)


async def heard(server: Robot, count: int, timeout: float = 20):
    async with asyncio.timeout(timeout):
        while len(server.requests) < count:
            await asyncio.sleep(0.02)
    return server.requests[count - 1]


def verified(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    with time_machine.travel(int(headers["webhook-timestamp"])):
        Webhook(SECRET).verify(request.body, headers)
    return request.json


async def test_the_loudspeakers_hear_the_order_and_its_end_and_the_card_says_that_they_did(tmp_path):
    async with robot() as server, school(tmp_path, server) as stage:
        thread = await fire(stage)
        await order(stage, thread)
        said = verified(await heard(server, 1))
        assert said["type"] == "action.ordered"
        assert said["data"]["title"] == {"zh_Hans": "疏散", "en": "EVACUATE"}
        assert said["data"]["text"]["en"].splitlines() == [
            "For the whole school.",
            "Leave the building by the nearest safe way. Take your pupils along, leave bags, use no lift.",
            "Assemble at Sports field.",
        ]
        assert (said["data"]["action"], said["data"]["mode"]) == ("EVACUATE", "REAL")
        await stage.after(seconds=1)
        await stage.says(CHEN, "📢 校园广播：已接收", chat=CENTRE, thread=thread)
        await order(stage, thread, "/allclear", "确认解除")
        said = verified(await heard(server, 2))
        assert (said["type"], said["data"]["title"]["zh_Hans"]) == ("action.ended", "警报解除")
        await stage.quiet()
        await stage.after(seconds=1)
        entries = await stage.read(lambda tx: tx.timeline.all(1))
        answers = [entry.params["state"] for entry in entries if entry.event.value == "channel_answered"]
        assert answers == ["taken", "taken"]
    assert len(server.requests) == 2


async def test_when_the_loudspeakers_do_not_answer_the_card_says_ring_the_bell_until_they_do(tmp_path):
    answers = [web.Response(status=503) for _ in range(50)]
    async with robot(answers=answers) as server, school(tmp_path, server) as stage:
        thread = await fire(stage)
        await order(stage, thread)
        await heard(server, 1)
        await stage.says(EMILY, "EVACUATE")
        await stage.after(seconds=1)
        await stage.says(CHEN, "📢 校园广播：暂无回应，请人工拉响警铃、喊话通知", chat=CENTRE, thread=thread)
        server.answers.clear()
        await heard(server, len(server.requests) + 1)
        await stage.quiet()
        await stage.after(seconds=1)
        await stage.says(CHEN, "📢 校园广播：已接收", chat=CENTRE, thread=thread)
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1


async def test_when_the_loudspeakers_refuse_the_topic_says_so_at_once(tmp_path):
    async with robot(answers=[web.Response(status=401)]) as server, school(tmp_path, server) as stage:
        thread = await fire(stage)
        await order(stage, thread)
        await heard(server, 1)
        await stage.quiet()
        await stage.after(seconds=1)
        await stage.says(CHEN, "📢 校园广播：发送失败，请人工拉响警铃、喊话通知", chat=CENTRE, thread=thread)
        await stage.says(CHEN, "渠道 pa：拒收消息", chat=CENTRE)


async def test_without_loudspeakers_the_card_says_ring_the_bell(stage):
    thread = await fire(stage)
    await order(stage, thread)
    await stage.says(CHEN, "📢 未接入广播，请人工拉响警铃、喊话通知", chat=CENTRE, thread=thread)


async def test_a_drill_is_marked_there_too_and_its_end_is_told(tmp_path):
    async with robot() as server, school(tmp_path, server) as stage:
        await stage.phone(LI).send("/drill fire A3", chat=CENTRE)
        thread = await stage.topic_named("【演练】2026-0001")
        await order(stage, thread)
        drill = verified(await heard(server, 1))
        await stage.phone(WANG).send("🆘 SOS")
        over = verified(await heard(server, 2))
    for said in (drill, over):
        assert said["data"]["mode"] == "DRILL"
        assert said["data"]["title"]["zh_Hans"].startswith("【演练】")
        assert said["data"]["title"]["en"].startswith("[DRILL] ")
    assert over["type"] == "action.suspended"


async def test_a_false_alarm_is_told_there_only_when_something_was_ordered(tmp_path):
    async with robot() as server, school(tmp_path, server) as stage:
        thread = await fire(stage)
        await stage.phone(CHEN).send("/cancel 误触", chat=CENTRE, thread=thread)
        await stage.says(CHEN, "误报", chat=CENTRE, thread=thread)
        await stage.quiet()
        assert server.requests == []
        await stage.phone(WANG).send("🆘 SOS")
        thread = await stage.topic_named("2026-0002")
        await order(stage, thread)
        await heard(server, 1)
        await stage.phone(CHEN).send("/cancel 误触", chat=CENTRE, thread=thread)
        said = verified(await heard(server, 2))
    assert (said["type"], said["data"]["title"]["en"]) == ("action.cancelled", "FALSE ALARM")
    assert "误触" not in server.requests[1].body.decode()


@pytest.mark.parametrize("takes", ["fallback", "actions"])
async def test_when_telegram_is_away_the_fallback_channels_hear_the_alarm_once(tmp_path, takes):
    async with robot() as server, school(tmp_path, server, f'"{takes}"') as stage:
        await stage.phone(WANG).send("/report medical A3 小明倒地")
        await stage.topic_named("2026-0001")
        await stage.quiet()
        stage.simulator.faults.change({"outage": True})
        await stage.after(seconds=61)  # nobody has acknowledged: the next are rung, and no phone hears it
        await stage.muster._channels.tick()
        assert server.requests == []
        stage.clock.ahead += timedelta(seconds=6)
        stage.muster._courier._verdicts.taken_at -= 6
        for _ in range(3):
            await stage.muster._channels.tick()
        if takes == "fallback":
            said = verified(await heard(server, 1))
            assert said["type"] == "alarm.raised"
            assert said["data"]["text"]["zh_Hans"].startswith("2026-0001 · 伤病 · 教学楼A座三层")
            assert "小明" not in server.requests[0].body.decode()
            assert "王芳" not in server.requests[0].body.decode()
        await asyncio.sleep(0.3)
        assert len(server.requests) == (takes == "fallback")


async def test_a_telegram_group_that_takes_actions_reads_the_order_and_is_no_loudspeaker(tmp_path):
    group = """
[[channels]]
id = "staff"
kind = "telegram"
chat = -1001000000088
takes = ["actions"]
"""
    stage = await Stage.set(tmp_path)
    with (tmp_path / "school.toml").open("a", encoding="utf-8") as settings:
        settings.write(group)
    stage.simulator.add_group(-1001000000088, "教职工群", members=[CHEN.telegram_id])
    try:
        await stage.start()
        thread = await fire(stage)
        await order(stage, thread)
        told = await stage.says(CHEN, "🏃 疏散", chat=-1001000000088)
        assert "reply_markup" not in told
        await stage.says(CHEN, "📢 未接入广播，请人工拉响警铃、喊话通知", chat=CENTRE, thread=thread)
    finally:
        await stage.stop()
        await stage.simulator.stop()


async def test_of_a_restricted_incident_no_channel_hears_also_when_telegram_is_away(tmp_path):
    async with robot() as server, school(tmp_path, server, '"actions", "fallback"') as stage:
        await stage.phone(WANG).send("/report bullying A3 有学生被围堵")
        await stage.says(ZHAO, "🔒 保密事件")
        await stage.quiet()
        stage.simulator.faults.change({"outage": True})
        await stage.after(seconds=61)  # nobody has acknowledged: the next are rung, and no phone hears it
        stage.clock.ahead += timedelta(seconds=6)
        stage.muster._courier._verdicts.taken_at -= 6
        for _ in range(3):
            await stage.muster._channels.tick()
        waiting = await stage.read(lambda tx: tx.outbox.of_incident(1))
        assert any(one["kind"] == "alarm" and one["state"] == "queued" for one in waiting)
        await asyncio.sleep(0.3)
    assert server.requests == []
