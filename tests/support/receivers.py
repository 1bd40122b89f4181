"""What stands at the far end of a channel: a group robot's or loudspeaker's server, and a mail relay, on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP

Answer = Callable[[web.Request], web.StreamResponse]


@dataclass
class Request:
    """One that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Robot:
    """Answers 200 and `says`, or with what `answers` holds, one after the other."""

    says: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "code": 0})
    answers: list[web.StreamResponse] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    hangs: bool = False
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(Request(request.path, dict(request.query), dict(request.headers), body))
        if self.hangs:
            await asyncio.sleep(30)
        return self.answers.pop(0) if self.answers else web.json_response(self.says)


@asynccontextmanager
async def robot(**how: Any) -> AsyncIterator[Robot]:
    """A server on a free port; `url` has a key in it, as the robots' addresses do."""
    one = Robot(**how)
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", one.handle)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    one.url = f"http://{host}:{port}/send?key=the-robots-own-key"
    try:
        yield one
    finally:
        await runner.cleanup()


@dataclass
class Relay:
    """A mail relay. `refuses`: recipients and the answer they get; `greets`: what RCPT is answered otherwise."""

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    at_data: str = ""
    hangs_at_data: bool = False
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.hangs_at_data:
            await asyncio.sleep(30)
        if self.at_data:
            return self.at_data
        message = message_from_bytes(envelope.content, policy=default)
        self.mails.append((list(envelope.rcpt_tos), message))
        return "250 taken"


@asynccontextmanager
async def relay(**how: Any) -> AsyncIterator[Relay]:
    """A real SMTP server in this loop."""
    one = Relay(**how)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(one, hostname="relay.test", loop=loop, enable_SMTPUTF8=False), "127.0.0.1", 0
    )
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        await server.wait_closed()
