"""A Dahua camera that plays scripts: each connection gets the next one, the last is played for all that follow."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

BOUNDARY = b"--myboundary\r\n"
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')

Write = Callable[[bytes], Awaitable[None]]
Script = Callable[[Write], Awaitable[None]]


class Hangup(Exception):  # noqa: N818 - what the camera does, not what is wrong
    """The camera resets the connection."""


def part(event: str | bytes) -> bytes:
    data = event.encode() if isinstance(event, str) else event
    return BOUNDARY + b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(data), data)


async def silence(write: Write) -> None:
    await asyncio.sleep(60)


def says(*pieces: bytes, then: Script = silence) -> Script:
    async def play(write: Write) -> None:
        for piece in pieces:
            await write(piece)
            await asyncio.sleep(0.01)
        await then(write)

    return play


async def hangs_up(write: Write) -> None:
    raise Hangup


async def ends(write: Write) -> None:
    return


class Camera:
    def __init__(self, *scripts: Script, login: tuple[str, str] | None = ("admin", "p:ss wörd")) -> None:
        self.scripts = list(scripts)
        self.login = login
        self.requests: list[web.Request] = []
        self.attached = 0
        self.status = 200
        self._playing: set[asyncio.Task[object]] = set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.port}"

    @asynccontextmanager
    async def on(self) -> AsyncIterator[Camera]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._server = TestServer(app)
        await self._server.start_server()
        try:
            yield self
        finally:
            for task in list(self._playing):
                task.cancel()
            await self._server.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": "/elsewhere"}, text="no")
        if self.login is not None and not self._is_known(request):
            nonce = f"nonce-{len(self.requests)}"
            challenge = f'Digest realm="Login to 7F0", qop="auth", nonce="{nonce}", opaque="5ccc"'
            return web.Response(
                status=401, headers={"WWW-Authenticate": challenge}, text="Invalid Authority!"
            )
        return await self._play(request)

    def _is_known(self, request: web.Request) -> bool:
        """RFC 7616, section 3.4.1, with MD5 and qop=auth, as cameras do."""
        given = {
            name: quoted or plain
            for name, quoted, plain in _PAIR.findall(request.headers.get("Authorization", ""))
        }
        if not given or self.login is None:
            return False
        user, password = self.login
        ours = _md5(f"{user}:{given['realm']}:{password}")
        asked = _md5(f"{request.method}:{request.raw_path}")
        answer = ":".join((ours, given["nonce"], given["nc"], given["cnonce"], given["qop"], asked))
        return (
            given["username"] == user
            and given["uri"] == request.raw_path
            and given["response"] == _md5(answer)
        )

    async def _play(self, request: web.Request) -> web.StreamResponse:
        script = self.scripts[min(self.attached, len(self.scripts) - 1)]
        self.attached += 1
        response = web.StreamResponse(
            headers={"Content-Type": "multipart/x-mixed-replace; boundary=myboundary"}
        )
        response.force_close()
        await response.prepare(request)
        task = asyncio.current_task()
        assert task is not None
        self._playing.add(task)
        try:
            await script(response.write)
        except Hangup:
            assert request.transport is not None
            request.transport.abort()
        except ConnectionError:
            pass
        finally:
            self._playing.discard(task)
        return response


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
