"""So many connections and no more: strangers who only hold the line must not take the files that an SOS needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import ip_network
from typing import Final, cast

from aiohttp import web

from handlers.web.forwarded import Network, is_ours

MOST_CONNECTIONS: Final = 256
MOST_OF_ONE: Final = 128
"""Of one address; a whole office may be behind it, but never so that nobody else gets in."""
QUIET_S: Final = 12.0
"""For a request's head to be whole, and between two requests. Off the usual intervals, at which a machine that keeps
its connection would meet the end of it."""
# A proxy keeps its connections for a minute or two, and one that ends under its hands is a lost request.
_PROXY_QUIET_S: Final = 300.0
_HERE: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1"))


class Crowd:
    """The server's protocol factory, with limits. Behind `proxies` and this machine all may come by one address."""

    def __init__(
        self,
        server: web.Server,
        proxies: tuple[Network, ...] = (),
        *,
        most: int = MOST_CONNECTIONS,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        self._server = server
        self._trusted = (*_HERE, *proxies)
        self._most = most
        self._most_of_one = most_of_one

    def __call__(self) -> asyncio.BaseProtocol:
        """One protocol for one new connection."""
        return _Door(self._admit)

    def _admit(self, peer: str) -> asyncio.Protocol | None:
        here = self._server.connections
        if len(here) >= self._most:
            return None
        handler = self._server()
        if is_ours(peer, self._trusted):
            handler._keepalive_timeout = _PROXY_QUIET_S  # noqa: SLF001 - aiohttp has one number for all
        elif sum(_host(one.peername) == peer for one in here) >= self._most_of_one:
            return None
        return handler


class _Door(asyncio.Protocol):
    """Who comes is known only when the connection stands: handed on then, or hung up on."""

    def __init__(self, admit: Callable[[str], asyncio.Protocol | None]) -> None:
        self._admit = admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """At once."""
        protocol = self._admit(_host(transport.get_extra_info("peername")))
        if protocol is None:
            transport.close()
            return
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


def _host(peername: object) -> str:
    return str(cast("tuple[object, ...]", peername)[0]) if isinstance(peername, tuple) else ""
