"""The sample school's machines: what a press on the demo's page really posts to Muster."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import aiohttp
from standardwebhooks.webhooks import Webhook

from bot.demo.school import ALERT_SECRET, CAMERA_TOKEN

Ring = Callable[[], Awaitable[str]]
ANSWER_WITHIN: Final = aiohttp.ClientTimeout(total=10)

# The shape of a Hikvision camera's event, invented for a camera that does not exist.
_LINE_CROSSED: Final = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>192.0.2.64</ipAddress><portNo>80</portNo><protocol>HTTP</protocol>
<macAddress>00:00:5e:00:53:64</macAddress><channelID>1</channelID><dateTime>{now}</dateTime>
<activePostCount>1</activePostCount><eventType>linedetection</eventType><eventState>active</eventState>
<eventDescription>linedetection alarm</eventDescription><channelName>东门</channelName>
</EventNotificationAlert>"""


def machines(web_url: str) -> list[tuple[str, Ring]]:
    """(label, press) of each machine."""
    return [
        ("🔥 按下火灾报警器 Fire panel", lambda: press_fire_panel(web_url)),
        ("📷 东门越线 Gate camera", lambda: cross_gate_line(web_url)),
    ]


async def press_fire_panel(web_url: str) -> str:
    """A signed Standard Webhooks request, a new alarm each time."""
    now = datetime.now(UTC)
    alarm = {
        "alert_uid": "panel-A3-manual",
        "title": "A座三层手动报警按钮",
        "state": "alerting",
        "message": "手动火灾报警按钮被按下",
        "zone": "A3",
        "occurred_at": now.isoformat(timespec="seconds"),
    }
    body, webhook_id = json.dumps(alarm, ensure_ascii=False), f"msg_{secrets.token_hex(8)}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(ALERT_SECRET).sign(webhook_id, now, body),
    }
    return await _post(f"{web_url}/alerts/fire-panel", body, headers)


async def cross_gate_line(web_url: str) -> str:
    """As a camera posts it: no signature, the secret in the path."""
    body = _LINE_CROSSED.format(now=datetime.now(UTC).isoformat(timespec="seconds"))
    return await _post(
        f"{web_url}/alerts/gate-camera/{CAMERA_TOKEN}", body, {"Content-Type": "application/xml"}
    )


async def _post(url: str, body: str, headers: dict[str, str]) -> str:
    async with (
        aiohttp.ClientSession(timeout=ANSWER_WITHIN) as session,
        session.post(url, data=body.encode(), headers=headers) as answer,
    ):
        return f"{answer.status} {await answer.text()}"
