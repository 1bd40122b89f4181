r"""DingTalk (钉钉) group robot, signed: plain text, nobody is called by an @ in it.

https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages : 20 messages a minute, then ten minutes
of silence; a body of at most 20,000 bytes. Signature: HMAC-SHA256 with the secret over `{milliseconds}\n{secret}`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final

from bot.domain.bulletin import Bulletin
from bot.errors import DeliveryError, RejectedError, RetryAfterError, ServerFaultError
from bot.ports import Clock
from integrations.channels.http import Post, read_json
from integrations.channels.parts import in_one, mark_of, split
from integrations.channels.settings import ChannelSettings

MAX_BYTES: Final = 6000
"""Of text; escaped as JSON it may have three times as many and still fits. Longer ones are folded on a phone."""
PER_MINUTE: Final = 20
_TOO_OFTEN: Final = frozenset({130101, 130102, 410100, 90018})
_BUSY: Final = frozenset({-1, 430104})
_PAUSE_S: Final = 600.0


class DingTalk:
    """One group's robot. Without a secret it is protected by keyword or address alone, and nothing is signed."""

    per_minute = PER_MINUTE
    knows_repeats = False

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self._post = Post(settings.url, clock)
        self._secret = next(iter(settings.secrets), "")
        self._clock = clock

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """One body for each message that the text needs."""
        return [_body(part) for part in split(in_one(bulletin), MAX_BYTES, mark=mark_of(bulletin))]

    async def post(self, payload: bytes, *, key: str) -> int:  # noqa: ARG002 - it knows no repeats
        """DeliveryError when the group did not get it."""
        answer = read_json(await self._post(payload, query=self._signature()))
        if answer.get("errcode") != 0:
            raise _refusal(answer)
        return 0

    async def close(self) -> None:
        """End the connections."""
        await self._post.close()

    def _signature(self) -> dict[str, str]:
        if not self._secret:
            return {}
        timestamp = str(round(self._clock().timestamp() * 1000))
        return {"timestamp": timestamp, "sign": sign(timestamp, self._secret)}


def sign(timestamp: str, secret: str) -> str:
    """Base64; `timestamp` in milliseconds, within an hour of DingTalk's own clock."""
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def _body(text: str) -> bytes:
    content = {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}
    return json.dumps(content, ensure_ascii=False).encode()


def _refusal(answer: Mapping[str, object]) -> DeliveryError:
    code = answer.get("errcode")
    if code in _TOO_OFTEN:
        return RetryAfterError(_PAUSE_S)
    return ServerFaultError("busy") if code in _BUSY else RejectedError(f"errcode {code!r}"[:80])
