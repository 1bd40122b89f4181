"""A sign of life to somebody outside, who notices when it stops: the one alarm that a dead Muster can still give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import structlog

EVERY_S: Final = 60.0
ANSWER_WITHIN_S: Final = 20.0
MOVED: Final = 300
"""HTTP: from here on an answer is no yes."""

log = structlog.get_logger(__name__)


class Heartbeat:
    """`beat` asks the url for GET, unless Muster cannot do its work: then silence is the message."""

    def __init__(self, url: str, ailments: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
        self._url = url
        self._ailments = ailments
        self._is_heard: bool | None = None

    async def beat(self) -> None:
        """Once; a failure is told in the log when it begins and when it is over."""
        if not self._url:
            return
        ailments = await self._ailments()
        if ailments:
            log.warning("heartbeat_withheld", reasons=ailments)
            return
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                # The url is a secret: nobody else is told it, and "moved" is not "heard".
                session.get(self._url, allow_redirects=False) as answer,
            ):
                self._note(is_heard=answer.status < MOVED, why=f"answered {answer.status}")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._note(is_heard=False, why=type(error).__name__)

    def _note(self, *, is_heard: bool, why: str) -> None:
        if is_heard != self._is_heard:
            told = log.info if is_heard else log.error
            told(
                "heartbeat_heard" if is_heard else "heartbeat_not_heard", **({} if is_heard else {"why": why})
            )
        self._is_heard = is_heard
