"""`POST /telegram`: where Telegram brings updates when `[telegram] webhook_secret` is set."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiohttp import web

from bot.errors import StorageError

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
# An update is a few kilobytes: https://core.telegram.org/bots/api#update
MOST_BYTES: Final = 1024 * 1024
READ_WITHIN_S: Final = 10.0
RETRY_AFTER_S: Final = 2

Take = Callable[[dict[str, Any]], Awaitable[None]]
"""Returns after the commit; a known id is ignored. StorageError when nothing was kept."""

_log = structlog.get_logger(__name__)


class UpdateRoutes:
    """Answers 200 only for what is kept, so that Telegram sends everything else again."""

    def __init__(self, take: Take, secret: str) -> None:
        self._take = take
        self._secret = secret.encode()

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.post("/telegram", self.post)]

    async def post(self, request: web.Request) -> web.Response:
        """One update."""
        told = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(told, self._secret):
            _log.warning("update_from_a_stranger", peer=request.remote)
            return web.Response(status=401)
        update = await _update_of(request)
        if isinstance(update, int):
            return web.Response(status=update)
        try:
            await self._take(update)
        except StorageError as error:
            _log.error("update_not_kept", error=str(error))
            return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        return web.Response()


async def _update_of(request: web.Request) -> dict[str, Any] | int:
    """The update, or the status that says what is wrong with the body."""
    if (request.content_length or 0) > MOST_BYTES:
        return 413
    data = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.content.iter_chunked(64 * 1024):
                data += chunk
                if len(data) > MOST_BYTES:
                    return 413
        update = json.loads(data)
    except TimeoutError:
        return 408
    except (ValueError, RecursionError, web.RequestPayloadError):
        return 400
    return update if isinstance(update, dict) else 400
