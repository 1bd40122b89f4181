"""WeCom (企业微信) group robot: plain text, so that no sign in it becomes markup. The key is part of the address.

https://developer.work.weixin.qq.com/document/path/91770 : `text.content` at most 2048 bytes, 20 messages a minute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from bot.domain.bulletin import Bulletin
from bot.errors import DeliveryError, RejectedError, RetryAfterError, ServerFaultError
from bot.ports import Clock
from integrations.channels.http import Post, read_json
from integrations.channels.parts import in_one, mark_of, split
from integrations.channels.settings import ChannelSettings

MAX_BYTES: Final = 2048
PER_MINUTE: Final = 20
_TOO_OFTEN: Final = 45009
_BUSY: Final = -1
_PAUSE_S: Final = 60.0


class WeCom:
    """One group's robot."""

    per_minute = PER_MINUTE
    knows_repeats = False

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self._post = Post(settings.url, clock)

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """One body for each message that the text needs."""
        return [_body(part) for part in split(in_one(bulletin), MAX_BYTES, mark=mark_of(bulletin))]

    async def post(self, payload: bytes, *, key: str) -> int:  # noqa: ARG002 - it knows no repeats
        """DeliveryError when the group did not get it."""
        answer = read_json(await self._post(payload))
        if answer.get("errcode") != 0:
            raise _refusal(answer)
        return 0

    async def close(self) -> None:
        """End the connections."""
        await self._post.close()


def _body(text: str) -> bytes:
    return json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()


def _refusal(answer: Mapping[str, object]) -> DeliveryError:
    code = answer.get("errcode")
    if code == _TOO_OFTEN:
        return RetryAfterError(_PAUSE_S)
    return ServerFaultError("busy") if code == _BUSY else RejectedError(f"errcode {code!r}"[:80])
