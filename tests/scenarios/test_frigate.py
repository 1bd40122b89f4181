"""A review of Frigate comes over a real MQTT broker and asks the command centre."""

from __future__ import annotations

import asyncio
import json
import time

import aiomqtt
import pytest
from amqtt.broker import Broker

from tests.support.cast import CENTRE, CHEN
from tests.support.stage import Stage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:amqtt", "ignore::ResourceWarning")


def review(kind: str) -> bytes:
    side = {
        "id": "1732-abc",
        "camera": "gate",
        "severity": "alert",
        "data": {"objects": ["person"], "zones": []},
    }
    side |= {"start_time": time.time(), "end_time": None, "thumb_path": ""}
    return json.dumps({"type": kind, "before": side, "after": side}).encode()


async def test_a_review_over_mqtt_asks_and_a_dropped_broker_loses_nothing(tmp_path, unused_tcp_port):
    settings = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{unused_tcp_port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = Broker(settings)
    await broker.start()
    stage = await Stage.set(tmp_path)
    with (tmp_path / "school.toml").open("a", encoding="utf-8") as file:
        file.write(
            "[[alert_sources]]\n"
            'id = "frigate"\nformat = "frigate"\nopens = "review"\nkind = "intruder"\n'
            f'feed = "mqtt://127.0.0.1:{unused_tcp_port}"\n'
        )
    try:
        await stage.start()
        for _ in range(50):
            async with aiomqtt.Client("127.0.0.1", unused_tcp_port) as client:
                await client.publish("frigate/reviews", review("new"), qos=1)
            await asyncio.sleep(0.2)
            if stage.heard(CHEN, "❓", CENTRE):
                break
        question = await stage.says(CHEN, "❓", chat=CENTRE)
        assert "外来人员闯入" in question["text"]
        await broker.shutdown()
        broker = Broker(settings)
        await broker.start()
        for _ in range(60):
            async with aiomqtt.Client("127.0.0.1", unused_tcp_port) as client:
                await client.publish("frigate/reviews", review("end"), qos=1)
            await asyncio.sleep(0.25)
            if stage.heard(CHEN, "已恢复", CENTRE):
                break
        await stage.says(CHEN, "设备报告已恢复", chat=CENTRE)
    finally:
        await stage.stop()
        await stage.simulator.stop()
        await broker.shutdown()
