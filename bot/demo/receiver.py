"""What the sample school tells besides people: its loudspeakers, the district's platform. A little server each."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.demo.school import DISTRICT_SECRET, PA_SECRET, TIMEZONE

_KEPT: Final = 5
_MOST_BYTES: Final = 256 * 1024


class Receiver:
    """Listens on loopback. It takes a message once, however often it is sent. `sign`: stands before each."""

    def __init__(self, secret: str, *, sign: str, silence: str) -> None:
        self._secret = secret
        self._sign = sign
        self._silence = silence
        self._said: deque[str] = deque(maxlen=_KEPT)
        self._ids: deque[str] = deque(maxlen=100)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """At a free port."""
        site = web.Application(client_max_size=_MOST_BYTES)
        site.router.add_post("/", self._take)
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """It takes nothing any more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def heard(self) -> str:
        """What it took last, newest first; for the demo's page."""
        return "\n\n".join(reversed(self._said)) or self._silence

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            Webhook(self._secret).verify(body, {key.lower(): value for key, value in request.headers.items()})
        except WebhookVerificationError:
            return web.Response(status=401)
        key = request.headers["webhook-id"]
        if key not in self._ids:
            self._ids.append(key)
            self._said.append(_spoken(self._sign, json.loads(body)))
        return web.Response(status=204)


def loudspeakers() -> Receiver:
    """They say it aloud."""
    return Receiver(PA_SECRET, sign="📢", silence="还没有广播 Nothing said yet")


def district() -> Receiver:
    """The education bureau's platform."""
    return Receiver(DISTRICT_SECRET, sign="🏛", silence="还没有通报 No notice yet")


def _spoken(sign: str, message: dict[str, Any]) -> str:
    at = datetime.fromisoformat(message["timestamp"]).astimezone(ZoneInfo(TIMEZONE))
    data = message["data"]
    parts = [f"{data['title'][locale]}: {text}" for locale, text in data["text"].items()]
    return "\n".join([f"{sign} {at:%H:%M:%S}", *parts])
