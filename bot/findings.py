"""What looking at an installation found: one line each, for whoever looks after it."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

ANSWER_WITHIN_S: Final = 10.0
# Telegram's own limit is unknown; signed alerts are refused from five minutes on.
OFFSET_HINT_S: Final = 5.0
OFFSET_WRONG_S: Final = 60.0
CERTIFICATE_HINT_DAYS: Final = 14


class Sign(StrEnum):
    """How bad it is."""

    GOOD = "✓"
    HINT = "!"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """`area` in a word or two, `words` a sentence that says what is so and what to do."""

    area: str
    sign: Sign
    words: str

    def __str__(self) -> str:
        return f"{self.sign} {self.area}: {self.words}"


Look = Callable[[], Awaitable[list[Finding]]]


def good(area: str, words: str) -> Finding:
    """All is well."""
    return Finding(area, Sign.GOOD, words)


def hint(area: str, words: str) -> Finding:
    """Worth knowing; it does not fail."""
    return Finding(area, Sign.HINT, words)


def wrong(area: str, words: str) -> Finding:
    """Somebody has to do something."""
    return Finding(area, Sign.WRONG, words)


async def all_of(looks: Mapping[str, Look]) -> list[Finding]:
    """One look after the other; one that fails is a finding itself and hides no other."""
    found: list[Finding] = []
    for area, look in looks.items():
        try:
            found += await look()
        except TimeoutError:
            found.append(wrong(area, f"no answer within {ANSWER_WITHIN_S:.0f} s"))
        except Exception as error:  # noqa: BLE001 - whoever looks wants to see the rest as well
            found.append(wrong(area, f"could not be looked at: {str(error) or type(error).__name__}"))
    return found


def clock_finding(answer_date: str | None, *, now: float | None = None) -> Finding:
    """This machine's clock beside the `Date` of an answer from outside."""
    try:
        there = parsedate_to_datetime(answer_date or "").timestamp()
    except ValueError:
        return hint("clock", "nobody outside told the time")
    offset = (time.time() if now is None else now) - there
    if abs(offset) >= OFFSET_WRONG_S:
        return wrong("clock", f"this machine is {offset:+.0f} s off: turn on time synchronisation (NTP)")
    if abs(offset) >= OFFSET_HINT_S:
        return hint("clock", f"this machine is {offset:+.0f} s off")
    return good("clock", "right within five seconds")


async def certificate_finding(url: str) -> Finding:
    """How long the certificate of a https address still holds, as a browser sees it."""
    area = "certificate"
    parts = urlsplit(url)
    if parts.scheme != "https":
        return good(area, "none: the pages are served without TLS on the school's own network")
    try:
        left = await _days_left(parts.hostname or "", parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return wrong(area, f"{parts.hostname}: {error.verify_message}")
    except OSError as error:
        return wrong(area, f"{parts.hostname} cannot be reached: {error}")
    told = f"{parts.hostname}: valid for {left} more days"
    return good(area, told) if left > CERTIFICATE_HINT_DAYS else hint(area, f"{told}: renew it")


async def _days_left(host: str, port: int) -> int:
    async with asyncio.timeout(ANSWER_WITHIN_S):
        _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    told = writer.get_extra_info("peercert") or {}
    writer.close()
    ends_at = ssl.cert_time_to_seconds(str(told["notAfter"]))
    return int((ends_at - time.time()) // 86400)
