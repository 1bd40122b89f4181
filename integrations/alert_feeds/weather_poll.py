"""Official weather warnings, asked for every few minutes: QWeather's weather alert v1, Caiyun.

QWeather takes its key as `X-QW-Api-Key` (the settings' password); Caiyun has it in the url.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp
import structlog
from aiohttp import ClientTimeout
from structlog.typing import FilteringBoundLogger

from bot.domain.alert_format import Body
from bot.ports import Clock, utc_now
from integrations.alert_feeds.address import address_of
from integrations.alert_feeds.back_off import BackOff
from integrations.alert_feeds.feed import Deliver, FeedSettings
from integrations.alert_feeds.offering import offer
from integrations.alert_feeds.reconnecting import told

PORTS: Final = {"http": 80, "https": 443}
KEY_HEADER: Final = "X-QW-Api-Key"
POLL_LIMIT_S: Final = 30.0
CONNECT_S: Final = 10.0
MAX_BODY_BYTES: Final = 1024 * 1024
"""Unpacked. The longest real answers, with a whole forecast around the warnings, have about 100 KB."""
LONGEST_RETRY_AFTER_S: Final = 24 * 3600.0

_VALIDATORS: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_MAY_SAY_WHEN: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: bytes = field(repr=False)


class _TooBigError(Exception):
    """The answer passes `MAX_BODY_BYTES`."""


class WeatherFeed:
    """One url, asked again and again. Every answer with news is one Body."""

    def __init__(self, settings: FeedSettings, deliver: Deliver, *, clock: Clock = utc_now) -> None:
        self._address = address_of(settings, PORTS)
        self._every_s = float(max(settings.every_s, 1))
        self._headers = {"Accept-Encoding": "gzip"}
        if self._address.password:
            self._headers[KEY_HEADER] = self._address.password
        self._deliver = deliver
        self._clock = clock
        self._back_off = BackOff(self._every_s)
        self._known: dict[str, str] = {}
        self._log: FilteringBoundLogger = structlog.get_logger(__name__).bind(source=settings.source)
        self.is_connected = False
        self.last_ok_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with aiohttp.ClientSession(
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=ClientTimeout(total=POLL_LIMIT_S, connect=CONNECT_S),
        ) as session:
            while True:
                pause_s = await self._turn(session)
                await asyncio.sleep(pause_s)

    async def _turn(self, session: aiohttp.ClientSession) -> float:
        """One poll; the seconds until the next."""
        try:
            answer = await self._ask(session)
            if answer.status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
                return await self._take(answer)
        except Exception as error:  # noqa: BLE001 - a feed outlives whatever a poll meets
            self._log.warning("alert_feed.disconnected", **told(error))
            at_least_s = 0.0
        else:
            self._log.warning("alert_feed.refused", status=answer.status)
            at_least_s = self._keep_away_s(answer)
        self.is_connected = False
        return self._back_off.pause_s(at_least_s)

    async def _ask(self, session: aiohttp.ClientSession) -> _Answer:
        async with session.get(self._address.url, headers=self._known, allow_redirects=False) as response:
            data = await _read(response) if response.status == HTTPStatus.OK else b""
            return _Answer(response.status, response.headers, data)

    async def _take(self, answer: _Answer) -> float:
        if answer.status == HTTPStatus.OK:
            content_type = answer.headers.get("Content-Type", "")
            body = Body(answer.data, content_type=content_type, peer=self._address.host)
            await offer(self._deliver, body, log=self._log)
            self._known = _validators(answer.headers)
        if not self.is_connected:
            self._log.info("alert_feed.connected")
        self.is_connected = True
        self.last_ok_at = self._clock()
        self._back_off.reset()
        return self._every_s

    def _keep_away_s(self, answer: _Answer) -> float:
        """A server's fault may soon be over; what it refuses, it will refuse again."""
        if answer.status in _MAY_SAY_WHEN:
            seconds = _seconds(answer.headers.get("Retry-After", ""), self._clock())
            if seconds is not None:
                return min(seconds, LONGEST_RETRY_AFTER_S)
        return 0.0 if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else self._every_s


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked piece by piece. _TooBigError beyond the cap."""
    data = bytearray()
    while piece := await response.content.readany():
        data += piece
        if len(data) > MAX_BODY_BYTES:
            raise _TooBigError
    return bytes(data)


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    """What to ask with next time. A value that cannot be sent back would spoil every poll."""
    offered = ((ask, headers.get(offer_name, "")) for offer_name, ask in _VALIDATORS.items())
    return {ask: value for ask, value in offered if value and value.isascii()}


def _seconds(stated: str, now: datetime) -> float | None:
    """Retry-After, in seconds or as a date (RFC 9110, section 10.2.3); None for what is neither."""
    if stated.isascii() and stated.isdigit():
        return float(stated[:9])
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)
