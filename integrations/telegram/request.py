"""The HTTP client under python-telegram-bot: aiohttp in the place that PTB offers for one (`BaseRequest`).

Why not PTB's own: less than a third of the CPU per message, no pool that stalls, and "never left" told from
"no answer".
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp import ClientTimeout, FormData, TCPConnector
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from aiohttp_socks import ProxyConnector
from multidict import CIMultiDict, CIMultiDictProxy
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from integrations.telegram.errors import BadAnswerError, FloodError, HungUpError, NoAnswerError, NotSentError

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

CONNECTIONS: Final = 64
CONNECT_S: Final = 5.0
READ_S: Final = 10.0
WRITE_S: Final = 10.0
POOL_S: Final = 5.0
MEDIA_WRITE_S: Final = 30.0
KEEPALIVE_S: Final = 30.0
UNKNOWN_RETRY_S: Final = 5.0
"""For a 429 that does not say how long."""
FOREIGN_RETRY_S: Final = 60.0
"""A page that is no Bot API's answer silences an alarm no longer, whatever it asks for."""

_DNS_CACHE_S: Final = 300
_KNOWN_URLS: Final = 256
_SUCCESS: Final = range(200, 300)
_PROXY = re.compile(r"(?:http|socks5)://(?:[^@/]*@)?(?:[^@/:]+|\[[0-9a-fA-F:]+\]):\d{1,5}/?")
_JSON_HEADERS: Final = CIMultiDict({"Content-Type": "application/json"})

_Seconds = float | None


class AiohttpRequest(BaseRequest):
    """One aiohttp session for one bot. Timeouts in seconds, None for none.

    `proxy`: empty, `http://[user:password@]host:port` or `socks5://…`; names are resolved by the proxy, since
    the school's own resolver may lie about Telegram.
    """

    __slots__ = ("_connections", "_defaults", "_media_write_s", "_proxy", "_session", "_timeout", "_urls")

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        proxy: str = "",
        connect_s: _Seconds = CONNECT_S,
        read_s: _Seconds = READ_S,
        write_s: _Seconds = WRITE_S,
        pool_s: _Seconds = POOL_S,
        media_write_s: _Seconds = MEDIA_WRITE_S,
    ) -> None:
        if proxy and not _PROXY.fullmatch(proxy):
            raise ValueError("a proxy is http:// or socks5://, with host and port")
        self._connections = connections
        self._proxy = proxy
        self._defaults = (connect_s, read_s, write_s, pool_s)
        self._media_write_s = media_write_s
        self._timeout = _timeout(*self._defaults)
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> _Seconds:
        """The default read timeout, as PTB wants to know it."""
        return self._defaults[1]

    async def initialize(self) -> None:
        """Open the session; again after `shutdown` is fine."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
                timeout=self._timeout,
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _connector(self) -> TCPConnector:
        options: dict[str, Any] = {"limit": self._connections, "keepalive_timeout": KEEPALIVE_S}
        if self._proxy:
            return _ProxyConnector.from_url(self._proxy, rdns=True, **options)
        return _Connector(ttl_dns_cache=_DNS_CACHE_S, **options)

    async def do_request(  # noqa: PLR0917 - PTB's own order
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request; only a 2xx answer returns, every other one is raised as what it means."""
        if self._session is None:
            raise NotSentError("the HTTP session is not open")
        body, headers = _body(request_data)
        asked = (connect_timeout, read_timeout, write_timeout, pool_timeout)
        limits = self._timeout_for(asked, is_upload=isinstance(body, FormData), is_download=method == "GET")
        status, payload, told = await _exchange(
            self._session, method, self._url(url, method), body=body, headers=headers, limits=limits
        )
        if status not in _SUCCESS:
            raise _refusal(status, payload, told)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The Bot API's answer; BadAnswerError when it is none. (PTB's own would log the whole payload.)"""
        answer = _parse(payload)
        if answer is None or "result" not in answer:
            raise BadAnswerError(f"no Bot API answer: {payload[:80]!r}")
        return answer

    def _url(self, url: str, method: str) -> URL:
        if method != "POST":
            return URL(url)
        known = self._urls.get(url)
        if known is None:
            if len(self._urls) >= _KNOWN_URLS:
                self._urls.clear()
            known = self._urls[url] = URL(url)
        return known

    def _timeout_for(
        self, asked: tuple[ODVInput[float], ...], *, is_upload: bool, is_download: bool
    ) -> ClientTimeout:
        unset = BaseRequest.DEFAULT_NONE
        if not is_upload and not is_download and all(one is unset for one in asked):
            return self._timeout
        connect, read, write, pool = self._defaults
        presets = (connect, read, self._media_write_s if is_upload else write, pool)
        chosen = [
            one if one is None or isinstance(one, int | float) else preset
            for one, preset in zip(asked, presets, strict=True)
        ]
        return _timeout(*chosen, is_download=is_download)


def _timeout(
    connect: _Seconds, read: _Seconds, write: _Seconds, pool: _Seconds, *, is_download: bool = False
) -> ClientTimeout:
    """No write timeout in aiohttp: the sum of all four bounds the whole call, except a download's."""
    return ClientTimeout(
        total=None if is_download else _sum(connect, read, write, pool),
        connect=_sum(connect, pool),
        sock_connect=connect,
        sock_read=read,
    )


def _sum(*seconds: _Seconds) -> _Seconds:
    known = [one for one in seconds if one is not None]
    return sum(known) if len(known) == len(seconds) else None


def _body(data: RequestData | None) -> tuple[bytes | FormData | None, CIMultiDict[str] | None]:
    if data is None:
        return None, None
    if data.contains_files:
        return _form(data), None
    text = json.dumps(data.parameters, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace"), _JSON_HEADERS


def _form(data: RequestData) -> FormData:
    # Telegram takes a file's name as it stands in the part's header: percent signs would be shown to people.
    form = FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=mime_type)
    return form


async def _exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    body: bytes | FormData | None,
    headers: CIMultiDict[str] | None,
    limits: ClientTimeout,
) -> tuple[int, bytes, CIMultiDictProxy[str]]:
    """Errors of aiohttp may quote the URL, which has the token: none of them leaves here as a cause."""
    try:
        async with session.request(
            method, url, data=body, headers=headers, timeout=limits, allow_redirects=False
        ) as response:
            return response.status, await response.read(), response.headers
    except (aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError) as error:
        raise HungUpError(f"no answer ({_reason(error)})") from None
    except (aiohttp.ClientError, OSError, TimeoutError, EOFError) as error:
        raise NoAnswerError(f"no answer ({_reason(error)})") from None


class _MarkingUnsent:
    """Marks what fails before a request is written. Stands before the connector that it is mixed into."""

    way = "no connection"

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        try:
            return await super().connect(req, traces, timeout)  # type: ignore[misc,no-any-return]
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing was sent
            raise NotSentError(f"{self.way} ({_reason(error)})") from None


class _Connector(_MarkingUnsent, TCPConnector):
    """Straight to the server."""


class _ProxyConnector(_MarkingUnsent, ProxyConnector):
    """Through a proxy."""

    way = "no connection through the proxy"


def _reason(error: BaseException) -> str:
    """The kind of error and the system's word for it, never its text: that may quote the URL."""
    word = _system_word(getattr(error, "certificate_error", None) or getattr(error, "os_error", error))
    return f"{type(error).__name__}: {word}" if word else type(error).__name__


def _system_word(error: object) -> str | None:
    if isinstance(error, ssl.SSLError):
        return getattr(error, "verify_message", None) or error.reason
    if not isinstance(error, OSError):
        return None
    number = error.errno
    return os.strerror(number) if number is not None and number in errno.errorcode else error.strerror


def _parse(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(status: int, payload: bytes, headers: CIMultiDictProxy[str]) -> TelegramError:
    answer = _parse(payload)
    if answer is None or answer.get("ok") is not False:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            told_s = _seconds(headers.get("Retry-After"))
            return FloodError(min(told_s, FOREIGN_RETRY_S), is_global=True)
        return BadAnswerError(f"HTTP {status}, not from the Bot API: {payload[:80]!r}")
    description = str(answer.get("description") or f"HTTP {status}")
    parameters = answer.get("parameters")
    if not isinstance(parameters, dict):
        parameters = {}
    if isinstance(new_chat_id := parameters.get("migrate_to_chat_id"), int):
        return ChatMigrated(new_chat_id)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FloodError(_seconds(parameters.get("retry_after")))
    kind = _BY_STATUS.get(
        status, BadAnswerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest
    )
    return kind(description)


def _seconds(told: object) -> float:
    try:
        seconds = float(told) if isinstance(told, (int, float, str)) else UNKNOWN_RETRY_S
    except ValueError:
        seconds = UNKNOWN_RETRY_S
    return seconds if 0 < seconds < float("inf") else UNKNOWN_RETRY_S


_BY_STATUS: dict[int, type[TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: InvalidToken,  # a malformed token, or an unknown method on an old local server
    409: Conflict,
}
