"""Machines open threads too: a signed alert, its repeats, its resolve; questions; floods."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from tests.handlers.web.machines import CAMERA, FIRE_PANEL, SECRET, staged_with
from tests.support.cast import CENTRE, CHEN, LI, WANG

MONITOR = """
[[alert_sources]]
id = "monitor"
format = "generic"
token = "monitor-token"
opens = "inform"
"""
PANIC_BUTTON = """
[[alert_sources]]
id = "panic-button"
format = "generic"
token = "panic-token"
opens = "incident"
kind = "intruder"
"""


@pytest.fixture
async def stage(tmp_path):
    async with staged_with(tmp_path, FIRE_PANEL, CAMERA, MONITOR, PANIC_BUTTON) as stage:
        yield stage


async def post(stage, source, payload, *, token=None, webhook_id="msg_1", path=""):
    body = json.dumps(payload)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    else:
        now = datetime.now(UTC)
        signature = Webhook(SECRET).sign(webhook_id, now, body)
        headers |= {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.muster.web_url}/alerts/{source}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def lookup(stage, alert_id, token):
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stage.muster.web_url}/alerts/{alert_id}", headers=headers) as answer,
    ):
        return answer.status, await answer.json()


def smoke(**more):
    return {
        "alert_uid": "loop-17",
        "title": "3层烟感报警",
        "state": "alerting",
        "occurred_at": "2026-11-23T10:00:00+08:00",
        **more,
    }


async def test_a_fire_panel_opens_an_incident_and_a_repeat_only_moves_the_counter(stage):
    status, answer = await post(stage, "fire-panel", smoke())
    assert status == 202
    (alert_id,) = answer["alerts"]
    thread = await stage.topic_named("2026-0001 🔥 火灾 · 教学楼A座三层")
    await stage.says(CHEN, "fire-panel 报警：3层烟感报警", chat=CENTRE, thread=thread)
    await stage.says(LI, "🚨 🔥 火灾 · 教学楼A座三层")
    await stage.says(CHEN, "fire-panel：3层烟感报警 ×1", chat=CENTRE, thread=thread)
    await stage.quiet()
    sent = stage.simulator.stats.sent

    assert await post(stage, "fire-panel", smoke()) == (200, {"alerts": [alert_id]})
    assert await post(stage, "fire-panel", smoke(), webhook_id="msg_2") == (200, {"alerts": [alert_id]})
    await stage.says(CHEN, "fire-panel：3层烟感报警 ×2", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert stage.simulator.stats.sent == sent
    assert await lookup(stage, alert_id, SECRET) == (200, {"state": "opened", "incident": "2026-0001"})
    assert (await lookup(stage, alert_id, "wrong"))[0] == 401

    await post(stage, "fire-panel", smoke(state="ok"), webhook_id="msg_3")
    await stage.says(CHEN, "fire-panel 报告已恢复", chat=CENTRE, thread=thread)
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert incident.is_in_force


async def test_a_persons_report_and_the_panel_are_one_incident(stage):
    await stage.phone(WANG).send("/report 火灾 A3 走廊有烟")
    thread = await stage.topic_named("2026-0001")
    await post(stage, "fire-panel", smoke())
    await stage.says(CHEN, "fire-panel 也报警", chat=CENTRE, thread=thread)
    await stage.quiet()
    assert len(await stage.read(lambda tx: tx.incidents.list_open())) == 1


async def test_a_kind_that_a_machine_names_is_as_grave_when_it_joins_as_when_it_opens(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(LI, "🚨 🆘")
    await post(stage, "panic-button", {"title": "东门一键报警"}, token="panic-token")
    await stage.says(LI, "2026-0001 · Ⅰ级（特别重大）")
    await stage.quiet()
    incident = await stage.read(lambda tx: tx.incidents.get(1))
    assert (incident.kind, incident.severity) == ("intruder", 1)


async def test_the_command_centre_is_asked_and_opens_or_dismisses_with_a_reason(stage):
    chen = stage.phone(CHEN)
    gate = {"alert_uid": "gate-1", "title": "东门有人翻越", "zone": "gym"}
    status, answer = await post(stage, "camera", gate, token="camera-token")
    assert status == 202
    question = await stage.says(CHEN, "❓ 东门有人翻越", chat=CENTRE)
    assert stage.topic("2026") is None
    await post(stage, "camera", {**gate, "alert_uid": "gate-2"}, token="camera-token")
    await stage.says(CHEN, "已报警 2 次", chat=CENTRE)
    await chen.press(question["message_id"], "登记为事件", chat=CENTRE)
    await stage.topic_named("🚷 外来人员闯入 · 体育馆")
    await stage.says(CHEN, "陈刚：归入事件 2026-0001", chat=CENTRE)
    assert (await lookup(stage, answer["alerts"][0], "camera-token"))[1]["incident"] == "2026-0001"

    other = {"alert_uid": "dorm-1", "title": "宿舍楼走廊有人", "zone": "dorm"}
    await post(stage, "camera", other, token="camera-token")
    question = await stage.says(CHEN, "宿舍楼走廊有人", chat=CENTRE)
    await chen.press(question["message_id"], "不予处理", chat=CENTRE)
    question = await stage.says(
        CHEN, lambda m: "测试或检修" in json.dumps(m.get("reply_markup", {}), ensure_ascii=False), chat=CENTRE
    )
    await chen.press(question["message_id"], "测试或检修", chat=CENTRE)
    await stage.says(CHEN, "陈刚：不予处理。测试或检修", chat=CENTRE)


async def test_what_is_only_to_know_is_a_line(stage):
    await post(stage, "monitor", {"title": "机房温度 31 ℃"}, token="monitor-token")
    await stage.says(CHEN, "ℹ️ 机房温度 31 ℃", chat=CENTRE)
    await stage.quiet()
    assert not await stage.read(lambda tx: tx.incidents.list_open())


async def test_a_flood_is_one_incident_one_notice_and_delays_nobody(stage):
    for n in range(150):
        await post(stage, "fire-panel", smoke(alert_uid=f"loop-{n}"), webhook_id=f"flood_{n}")
    await stage.says(CHEN, "🌊 fire-panel 报警过于频繁", chat=CENTRE)
    await post(stage, "monitor", {"title": "别的来源"}, token="monitor-token")
    await stage.says(CHEN, "ℹ️ 别的来源", chat=CENTRE)
    await stage.quiet(20)
    assert len(await stage.read(lambda tx: tx.incidents.list_recent(10))) == 1
    texts = [m.get("text", "") for m in stage.phone(CHEN).messages(CENTRE)]
    assert sum("🌊" in text for text in texts) == 1
    await stage.phone(CHEN).send("/sources", chat=CENTRE)
    await stage.says(CHEN, "🌊 fire-panel", chat=CENTRE)


@pytest.mark.parametrize(
    ("headers", "path"),
    [({}, ""), ({"Authorization": "Bearer wrong"}, ""), ({}, "/wrong"), ({"webhook-id": "x"}, "")],
)
async def test_nobody_comes_in_without_the_secret(stage, headers, path):
    url = f"{stage.muster.web_url}/alerts/camera{path}"
    async with aiohttp.ClientSession() as session, session.post(url, data="{}", headers=headers) as answer:
        assert answer.status == 401


async def test_a_simple_device_knocks_with_its_path(stage):
    assert (await post(stage, "camera", {"title": "x"}, token="none", path="/camera-token"))[0] == 202


async def test_too_much_is_refused_and_nonsense_named(stage):
    url = f"{stage.muster.web_url}/alerts/camera/camera-token"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=b"x" * 300_000) as answer:
            assert answer.status == 413
        async with session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"] == "not_json"
