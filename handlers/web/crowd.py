"""So many connections and no more: strangers who only hold the line must not take the files that an SOS needs."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

MOST_CONNECTIONS: Final = 256


class _Refused(asyncio.Protocol):
    """Hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """At once."""
        transport.close()


class Crowd:
    """The server's protocol factory, with a limit."""

    def __init__(self, server: web.Server, most: int = MOST_CONNECTIONS) -> None:
        self._server = server
        self._most = most

    def __call__(self) -> asyncio.BaseProtocol:
        """One protocol for one new connection."""
        if len(self._server.connections) >= self._most:
            return _Refused()
        return self._server()
