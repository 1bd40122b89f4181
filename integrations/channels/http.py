"""One request to one address: no redirects, bounded in bytes and time, every failure a `DeliveryError`.

No error and no log line repeats the address: the key of a group robot is part of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from yarl import URL

from bot.errors import (
    BrokenOffError,
    DeliveryError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    UncertainError,
    UnreachableError,
)
from bot.ports import Clock

CONNECT_S: Final = 5.0
ANSWER_S: Final = 15.0
MAX_ANSWER: Final = 64 * 1024
LONGEST_RETRY_AFTER_S: Final = 3600.0
"""A channel is asked again after an hour at the latest, whatever it says."""
JSON: Final = "application/json; charset=utf-8"

_TRY_LATER: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.LOCKED}
_MAY_SAY_WHEN: Final = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_PAUSE_S: Final = 5.0
_SUCCESS: Final = 2


class Post:
    """Posts to the address that the settings name."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = URL(url)
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def __call__(
        self, data: bytes, *, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> bytes:
        """The answer's body when it is 2xx. DeliveryError in all other cases."""
        url = self._url.update_query(query) if query else self._url
        try:
            async with self._open().post(
                url, data=data, headers={"Content-Type": JSON, **(headers or {})}, allow_redirects=False
            ) as answer:
                body = await answer.content.read(MAX_ANSWER)
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnreachableError(_told(error)) from None
        except TimeoutError:
            raise UncertainError(f"no answer in {ANSWER_S:.0f} s") from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise BrokenOffError(_told(error)) from None
        except aiohttp.ClientError as error:
            raise ServerFaultError(_told(error)) from None
        if status // 100 != _SUCCESS:
            raise self._refusal(status, after)
        return body

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=ANSWER_S, connect=CONNECT_S),
                headers={"Accept-Encoding": "identity", "User-Agent": "Muster"},
            )
        return self._session

    def _refusal(self, status: int, after: str) -> DeliveryError:
        if status in _MAY_SAY_WHEN:
            seconds = retry_after(after, self._clock())
            if seconds is not None or status == HTTPStatus.TOO_MANY_REQUESTS:
                return RetryAfterError(_PAUSE_S if seconds is None else seconds)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_LATER:
            return ServerFaultError(f"answered {status}")
        return RejectedError(f"answered {status}")


def read_json(body: bytes) -> dict[str, Any]:
    """A robot's answer. ServerFaultError when it is none: something else sits in front of it."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ServerFaultError("the answer is no JSON") from None
    if not isinstance(answer, dict):
        raise ServerFaultError("the answer is no JSON object")
    return answer


def retry_after(stated: str, now: datetime) -> float | None:
    """Seconds, capped; from a number or a date (RFC 9110, section 10.2.3). None for what is neither."""
    if stated.isascii() and stated.strip().isdigit():
        return min(float(stated[:9]), LONGEST_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


def _told(error: Exception) -> str:
    """The kind of failure alone: aiohttp's own words hold the address."""
    cause = getattr(error, "os_error", None)
    number = getattr(cause, "errno", None)
    return type(error).__name__ if number is None else f"{type(error).__name__}, errno {number}"
