"""Dahua's attached event stream: one HTTP answer that never ends (`eventManager.cgi?action=attach`).

The camera forgets what nobody listens to, so the stream is read on while the database is busy: events wait in a
bounded mailbox, and only when that is full the camera waits too.
"""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import ClientTimeout, DigestAuthMiddleware
from structlog.typing import FilteringBoundLogger
from yarl import URL

from bot.domain.alert_format import Body
from bot.ports import Clock, utc_now
from integrations.alert_feeds.address import address_of
from integrations.alert_feeds.feed import Deliver, FeedSettings
from integrations.alert_feeds.offering import offer
from integrations.alert_feeds.reconnecting import reconnect
from integrations.alert_feeds.side_by_side import side_by_side
from integrations.alert_formats.dahua_stream import EventStream

PORTS: Final = {"http": 80, "https": 443}
PATH: Final = "/cgi-bin/eventManager.cgi"
QUERY: Final = "action=attach&codes=[All]"
HEARTBEAT_S: Final = 5
PATIENCE: Final = 3
"""Heartbeats that may be missing before the stream counts as dead."""
CONNECT_S: Final = 10.0
MAX_WAITING: Final = 256
"""Events of at most 64 KiB each."""
REFUSALS: Final = 3
REFUSED_S: Final = 300.0
"""Dahua locks an account after five wrong logins: after three in a row we ask this seldom."""

_HEARTBEAT = re.compile(r"\bheartbeat=(\d{1,3})\b", re.ASCII)
_LONGEST_HEARTBEAT_S: Final = 60


class DahuaFeed:
    """One camera's or recorder's stream. A url without a path gets the preset one; every event is one Body."""

    def __init__(self, settings: FeedSettings, deliver: Deliver, *, clock: Clock = utc_now) -> None:
        self._address = address_of(settings, PORTS)
        self._url = _stream_url(self._address.url)
        self._patience_s = PATIENCE * _heartbeat_s(self._url)
        self._deliver = deliver
        self._clock = clock
        self._waiting: asyncio.Queue[Body] = asyncio.Queue(MAX_WAITING)
        self._refusals = 0
        self._log: FilteringBoundLogger = structlog.get_logger(__name__).bind(source=settings.source)
        self.is_connected = False
        self.last_ok_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        await side_by_side(self._hand_on(), reconnect(self._connection, log=self._log))

    async def _hand_on(self) -> None:
        while True:
            await offer(self._deliver, await self._waiting.get(), log=self._log)
            self.last_ok_at = self._clock()

    async def _connection(self) -> float:
        try:
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=_lasting_socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=ClientTimeout(total=None, connect=CONNECT_S),
            ) as session:
                return await self._attach(session)
        finally:
            self.is_connected = False

    async def _attach(self, session: aiohttp.ClientSession) -> float:
        async with asyncio.timeout(CONNECT_S + self._patience_s):
            response = await session.get(
                URL(self._url, encoded=self._url.isascii()),  # cameras expect the brackets as they are
                headers={"Accept-Encoding": "identity"},
                middlewares=self._login(),
                allow_redirects=False,
            )
        async with response:
            if response.status != HTTPStatus.OK:
                return self._refused(response.status)
            self._refusals = 0
            await self._listen(response)
        return 0.0

    def _login(self) -> tuple[DigestAuthMiddleware, ...]:
        """A new one for every connection: no camera is asked with a nonce that it has forgotten."""
        if not self._address.username:
            return ()
        return (DigestAuthMiddleware(self._address.username, self._address.password),)

    def _refused(self, status: int) -> float:
        self._log.warning("alert_feed.refused", status=status)
        if status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return 0.0
        self._refusals += 1
        return REFUSED_S if self._refusals >= REFUSALS else 0.0

    async def _listen(self, response: aiohttp.ClientResponse) -> None:
        stream = EventStream(response.headers.get("Content-Type", ""))
        dropped = 0
        while True:
            events, is_over = await self._next(response.content, stream)
            if events and not self.is_connected:
                self.is_connected = True
                self._log.info("alert_feed.connected")
            for event in events:
                await self._put(event)
            if stream.dropped > dropped:
                dropped = stream.dropped
                self._log.warning("alert_feed.too_big", dropped=dropped)
            if is_over:
                self._log.info("alert_feed.ended")
                return

    async def _next(self, content: aiohttp.StreamReader, stream: EventStream) -> tuple[list[str], bool]:
        """The next events, and whether they are the last. TimeoutError: bytes may come, but no event does."""
        async with asyncio.timeout(self._patience_s):
            while True:
                if not (data := await content.readany()):
                    return stream.close(), True
                if events := stream.feed(data):
                    return events, False

    async def _put(self, event: str) -> None:
        if event.casefold() == "heartbeat" and not self._waiting.empty():
            return  # what waits proves as much, and the mailbox is for alarms
        await self._waiting.put(Body(event.encode(), content_type="text/plain", peer=self._address.host))


def _stream_url(url: str) -> str:
    """With the preset path, codes and heartbeat where the url leaves them out."""
    parts = urlsplit(url)
    if parts.path in ("", "/") and not parts.query:
        parts = parts._replace(path=PATH, query=QUERY)
    if not _HEARTBEAT.search(parts.query):
        parts = parts._replace(query=f"{parts.query}&heartbeat={HEARTBEAT_S}".removeprefix("&"))
    return parts._replace(fragment="").geturl()


def _heartbeat_s(url: str) -> int:
    found = _HEARTBEAT.search(url)
    return min(max(int(found[1]), 1), _LONGEST_HEARTBEAT_S) if found else HEARTBEAT_S


def _lasting_socket(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """With TCP's own keep-alive, so that a switch in between does not forget the connection."""
    family, kind, protocol, *_ = info
    lasting = socket.socket(family, kind, protocol)
    lasting.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return lasting
