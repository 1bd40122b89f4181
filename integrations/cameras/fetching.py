"""HTTP towards cameras: allowed hosts only, no redirects, no cookies, digest or basic login, a cap on bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DigestAuthMiddleware
from yarl import URL

from bot.domain.camera import Camera
from bot.errors import (
    CameraBusyError,
    CameraError,
    CameraForbiddenError,
    CameraRefusedError,
    CameraUnreachableError,
    NoPictureError,
)
from integrations.cameras.access import HTTP, Access, Target
from integrations.cameras.picture import MAX_BYTES

CONNECT_S: Final = 3.0
_CHUNK: Final = 64 * 1024
_BUSY = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_SOAP: Final = "application/soap+xml; charset=utf-8"
_XML: Final = "application/xml"
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "Muster"}


class Fetcher:
    """One session for all cameras. The deadline of an attempt is the caller's."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: ClientSession | None = None
        # A camera's nonce is used again, which saves every second request.
        self._digests: dict[Target, DigestAuthMiddleware] = {}

    @asynccontextmanager
    async def answer(
        self, camera: Camera, url: str, *, soap: bytes | None = None, xml: bytes | None = None
    ) -> AsyncIterator[ClientResponse]:
        """A GET answered with 200, its body unread. All that goes wrong, also while reading, is a `CameraError`.

        `soap`, `xml`: a POST of this SOAP 1.2 message, or of this document, instead. Both only ask for something.
        """
        post = (_SOAP, soap) if soap is not None else (_XML, xml) if xml is not None else None
        target = self._access.target(camera, url, HTTP)
        try:
            async with self._ask(target, post) as first:
                if not _asks_for_basic(first, target):
                    _raise_for_status(camera, first)
                    yield first
                    return
            async with self._ask(target, post, is_basic=True) as second:
                _raise_for_status(camera, second)
                yield second
        except (aiohttp.ClientError, OSError, ValueError):
            # No cause: aiohttp's words may hold the url.
            raise CameraUnreachableError(camera.id, "the connection failed or broke off") from None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def _ask(
        self, target: Target, post: tuple[str, bytes] | None, *, is_basic: bool = False
    ) -> aiohttp.client._RequestContextManager:
        digest = self._digest(target) if target.username and not is_basic else None
        login = aiohttp.encode_basic_auth(target.username, target.password) if is_basic else None
        return self._open_session().request(
            "GET" if post is None else "POST",
            URL(target.url, encoded=True),
            middlewares=(digest,) if digest else (),
            allow_redirects=False,
            headers=_HEADERS
            | ({"Authorization": login} if login else {})
            | ({"Content-Type": post[0]} if post else {}),
            data=post[1] if post else None,
        )

    def _digest(self, target: Target) -> DigestAuthMiddleware:
        if target not in self._digests:
            self._digests[target] = DigestAuthMiddleware(target.username, target.password)
        return self._digests[target]

    def _open_session(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=ClientTimeout(total=None, sock_connect=CONNECT_S),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


async def read_all(camera: Camera, answer: ClientResponse) -> bytes:
    """The body, as long as it is not above the cap."""
    if (answer.content_length or 0) > MAX_BYTES:
        raise NoPictureError(camera.id, f"more than {MAX_BYTES} bytes")
    data = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > MAX_BYTES:
            raise NoPictureError(camera.id, f"more than {MAX_BYTES} bytes")
    return bytes(data)


def _asks_for_basic(answer: ClientResponse, target: Target) -> bool:
    asked = answer.headers.getall("WWW-Authenticate", [])
    is_basic = any(line.lower().startswith("basic") for line in asked)
    has_digest = any(line.lower().startswith("digest") for line in asked)
    return bool(target.username) and answer.status == HTTPStatus.UNAUTHORIZED and is_basic and not has_digest


def _raise_for_status(camera: Camera, answer: ClientResponse) -> None:
    if answer.status == HTTPStatus.OK:
        return
    raise _error(camera, answer.status)


def _error(camera: Camera, status: int) -> CameraError:
    if status in _REFUSED:
        return CameraRefusedError(camera.id, f"HTTP {status}: wrong user or password, or no right")
    if status in _BUSY:
        return CameraBusyError(camera.id, f"HTTP {status}: busy")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return CameraForbiddenError(camera.id, f"HTTP {status}: redirects are not followed")
    return NoPictureError(camera.id, f"HTTP {status}")
