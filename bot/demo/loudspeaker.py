"""The sample school's loudspeakers: a little server that says what it was told, as a public-address system would."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.demo.school import PA_SECRET, TIMEZONE

_KEPT: Final = 5
_MOST_BYTES: Final = 256 * 1024


class Loudspeaker:
    """Listens on loopback. It says a message once, however often it is sent."""

    def __init__(self) -> None:
        self._said: deque[str] = deque(maxlen=_KEPT)
        self._ids: deque[str] = deque(maxlen=100)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """At a free port."""
        site = web.Application(client_max_size=_MOST_BYTES)
        site.router.add_post("/announce", self._take)
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/announce"

    async def stop(self) -> None:
        """Fall silent."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def heard(self) -> str:
        """What it said last, newest first; for the demo's page."""
        return "\n\n".join(reversed(self._said)) or "还没有广播 Nothing said yet"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            Webhook(PA_SECRET).verify(body, {key.lower(): value for key, value in request.headers.items()})
        except WebhookVerificationError:
            return web.Response(status=401)
        key = request.headers["webhook-id"]
        if key not in self._ids:
            self._ids.append(key)
            self._said.append(_spoken(json.loads(body)))
        return web.Response(status=204)


def _spoken(message: dict[str, Any]) -> str:
    at = datetime.fromisoformat(message["timestamp"]).astimezone(ZoneInfo(TIMEZONE))
    data = message["data"]
    parts = [f"{data['title'][locale]}: {text}" for locale, text in data["text"].items()]
    return "\n".join([f"📢 {at:%H:%M:%S}", *parts])
