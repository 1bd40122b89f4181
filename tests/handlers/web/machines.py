"""Machines at the web's doors: what they send, as they send it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiohttp
from standardwebhooks.webhooks import Webhook

from bot.delivery.limiter import Limits
from tests.support.stage import UNLIMITED, Stage

SECRET = "whsec_" + base64.b64encode(b"a fire panel's signing key").decode()
NEXT_SECRET = "whsec_" + base64.b64encode(b"the key that comes after").decode()
JSON = "application/json"
_ids = itertools.count(1)

FIRE_PANEL = f"""
[[alert_sources]]
id = "fire-panel"
format = "generic"
secret = "{SECRET}"
opens = "incident"
kind = "fire"
severity = 2
zone = "A3"
flood_per_minute = 60
"""
CAMERA = """
[[alert_sources]]
id = "camera"
format = "generic"
token = "camera-token"
opens = "review"
kind = "intruder"
"""
MONITOR = """
[[alert_sources]]
id = "monitor"
format = "alertmanager"
token = "monitor-token"
opens = "inform"
"""


@asynccontextmanager
async def staged_with(folder: Path, *sources: str, limits: Limits = UNLIMITED) -> AsyncIterator[Stage]:
    """The stage, with these sources in its school.toml."""
    stage = await Stage.set(folder)
    stage.limits = limits
    with (folder / "school.toml").open("a", encoding="utf-8") as settings:
        settings.write("".join(sources))
    try:
        await stage.start()
        yield stage
    finally:
        await stage.stop()
        await stage.simulator.stop()


def smoke(**more: Any) -> dict[str, Any]:
    """A smoke detector's alarm."""
    return {
        "alert_uid": "loop-17",
        "title": "3层烟感报警",
        "state": "alerting",
        "occurred_at": "2026-11-23T10:00:00+08:00",
        **more,
    }


def signed(
    body: bytes, *, secret: str = SECRET, webhook_id: str = "", at: float | None = None
) -> dict[str, str]:
    """The three headers of Standard Webhooks."""
    webhook_id = webhook_id or f"msg_{next(_ids)}"
    moment = int(time.time() if at is None else at)
    signature = Webhook(secret).sign(webhook_id, datetime.fromtimestamp(moment, UTC), body.decode())
    return {"webhook-id": webhook_id, "webhook-timestamp": str(moment), "webhook-signature": signature}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Answer:
    """Status, headers, and the body read as JSON where it is some."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.json = json.loads(body) if headers.get("Content-Type", "").startswith(JSON) else None


class Machines:
    """Posts to one running Muster."""

    def __init__(self, stage: Stage, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._session = session

    @property
    def url(self) -> str:
        return self._stage.muster.web_url

    async def post(self, path: str, data: Any, headers: dict[str, str] | None = None, **how: Any) -> Answer:
        """`data` as it is; anything but bytes and streams as JSON."""
        if isinstance(data, dict | list | str):
            data = json.dumps(data).encode()
        headers = {"Content-Type": JSON, **(headers or {})}
        url = f"{self.url}/alerts/{path}"
        async with self._session.post(url, data=data, headers=headers, **how) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def sign(self, path: str, payload: Any, **how: Any) -> Answer:
        """Signed as it should be, unless told otherwise."""
        body = json.dumps(payload).encode()
        return await self.post(path, body, signed(body, **how))

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        async with self._session.get(f"{self.url}{path}", headers=headers) as answer:
            return Answer(answer.status, answer.headers, await answer.read())


@asynccontextmanager
async def machines_at(stage: Stage) -> AsyncIterator[Machines]:
    async with aiohttp.ClientSession() as session:
        yield Machines(stage, session)


class Lag:
    """How late the event loop was at worst by its own doing, in seconds, while this was open.

    What it computed itself counts, not what a busy machine kept it waiting for.
    """

    def __init__(self) -> None:
        self.worst_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def _watch(self) -> None:
        while True:
            begun, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.005)
            late_s, own_s = time.perf_counter() - begun - 0.005, time.thread_time() - computed
            self.worst_s = max(self.worst_s, min(late_s, own_s))

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()


async def talk(url: str, *pieces: bytes) -> bytes:
    """What a server answers to these very bytes."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.read(4096), 5)
    finally:
        writer.close()
        await writer.wait_closed()
