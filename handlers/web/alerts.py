"""`POST /alerts/{source}`: machines' alerts, accepted once they are parsed and stored; `GET /alerts/{id}`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from bot.domain.alert import Alert
from bot.domain.alert_format import AlertFormatError, Body
from bot.errors import StorageError
from bot.services.receiving import ReceivingService
from handlers.web.doors import ClosedError, Door, TooManyError

Parse = Callable[[Body], list[Alert]]

TEXT_CAP: Final = 256 * 1024
PICTURE_CAP: Final = 8 * 1024 * 1024
READ_WITHIN_S: Final = 20.0
PARSE_WITHIN_S: Final = 5.0
RETRY_AFTER_S: Final = 5
# Small JSON is parsed sooner than a thread is woken; everything else goes off the event loop.
INLINE_JSON: Final = 16 * 1024

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """One source: its door, and its format already given its context."""

    door: Door
    parse: Parse


class AlertRoutes:
    """The routes, for the sources of `school.toml`."""

    def __init__(self, receiving: ReceivingService, sources: Mapping[str, Source]) -> None:
        self._receiving = receiving
        self._sources = sources

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.post("/alerts/{source}", self.post),
            web.post("/alerts/{source}/{token}", self.post),
            web.get("/alerts/{id}", self.get),
        ]

    async def post(self, request: web.Request) -> web.Response:
        """202 stored, 200 known already, 4xx refused, 503 not kept: try again."""
        source = self._sources.get(request.match_info["source"])
        if source is None:
            return _problem(404, "unknown source")
        peer, token = request.remote or "", request.match_info.get("token", "")
        try:
            is_in = source.door.enter(request.headers, peer=peer, path_token=token)
            data = await _read(request, _cap(request, is_in=is_in))
            webhook_id = None if is_in else source.door.verify(request.headers, data, peer=peer)
        except ClosedError as error:
            return _closed(source.door.source, peer, error)
        except _UnreadableError as error:
            return _problem(error.status, error.reason)
        body = Body(data, request.headers.get("Content-Type", ""), dict(request.headers), peer)
        try:
            alerts = await _parse(source.parse, body)
        except AlertFormatError as error:
            _log.warning(
                "alert_not_understood", source=source.door.source, flaw=error.flaw.value, **error.params
            )
            return _problem(400, error.flaw.value, **error.params)
        except TimeoutError:
            _log.warning("alert_parse_too_slow", source=source.door.source, size=len(data))
            return _problem(400, "too_slow")
        return await self._store(source.door.source, alerts, webhook_id)

    async def _store(self, source: str, alerts: list[Alert], webhook_id: str | None) -> web.Response:
        try:
            receipt = await self._receiving.receive(source, alerts, webhook_id)
        except (StorageError, OSError) as error:
            _log.error("alert_not_kept", source=source, error=str(error))
            return _later(503, "not kept, send it again", RETRY_AFTER_S)
        return web.json_response({"alerts": list(receipt.ids)}, status=202 if receipt.is_new else 200)

    async def get(self, request: web.Request) -> web.Response:
        """What came of one alert, for who may send to its source."""
        word = request.match_info["id"]
        is_number = word.isascii() and word.isdigit() and len(word) <= 18  # noqa: PLR2004 - 64-bit ids
        try:
            status = await self._receiving.lookup(int(word)) if is_number else None
        except (StorageError, OSError) as error:
            _log.error("alert_not_readable", error=str(error))
            return _later(503, "not readable now, ask again", RETRY_AFTER_S)
        source = self._sources.get(status.source) if status else None
        if status is None or source is None:
            # The same answer as for a wrong secret: ids are no secret worth counting.
            return _unauthorised()
        peer = request.remote or ""
        try:
            source.door.ask(request.headers, peer=peer)
        except ClosedError as error:
            return _closed(source.door.source, peer, error)
        return web.json_response({"state": status.state, "incident": status.incident})


class _UnreadableError(Exception):
    """The body did not come as it has to."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def _cap(request: web.Request, *, is_in: bool) -> int:
    """Pictures only from who is in already: a signature covers text, and strangers get no room for more."""
    has_pictures = request.content_type.startswith(("multipart/", "image/"))
    return PICTURE_CAP if is_in and has_pictures else TEXT_CAP


async def _read(request: web.Request, cap: int) -> bytes:
    """The body within its cap and its time."""
    if (request.content_length or 0) > cap:
        raise _UnreadableError(413, "too big")
    data = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.content.iter_chunked(64 * 1024):
                data += chunk
                if len(data) > cap:
                    raise _UnreadableError(413, "too big")
    except TimeoutError:
        raise _UnreadableError(408, "too slow") from None
    except web.RequestPayloadError:
        raise _UnreadableError(400, "broken transfer") from None
    return bytes(data)


async def _parse(parse: Parse, body: Body) -> list[Alert]:
    if len(body.data) <= INLINE_JSON and body.content_type.startswith("application/json"):
        return parse(body)
    async with asyncio.timeout(PARSE_WITHIN_S):
        return await asyncio.to_thread(parse, body)


def _closed(source: str, peer: str, error: ClosedError) -> web.Response:
    if isinstance(error, TooManyError):
        _log.debug("alert_sender_waits", source=source, peer=peer)
        return _later(429, "failed too often", error.wait_s)
    _log.warning("alert_refused", source=source, peer=peer, reason=str(error))
    return _unauthorised()


def _unauthorised() -> web.Response:
    response = _problem(401, "unauthorised")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _later(status: int, reason: str, wait_s: int) -> web.Response:
    response = _problem(status, reason)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _problem(status: int, reason: str, **params: object) -> web.Response:
    return web.json_response({"error": reason, **params}, status=status)
