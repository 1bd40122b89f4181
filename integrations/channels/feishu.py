r"""Feishu (飞书) group robot, signed: a post in each language, of which everybody sees their own.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot : 100 messages a minute, a body of at most 20 KB.
Signature: HMAC-SHA256 of nothing, with `{seconds}\n{secret}` as the key. Not the type `text`: there `<at …>` in
somebody's words would call people; a post's text is taken as it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, Final

from bot.domain.bulletin import Bulletin, Wording
from bot.errors import DeliveryError, RejectedError, RetryAfterError, ServerFaultError
from bot.ports import Clock
from integrations.channels.http import Post, read_json
from integrations.channels.parts import split
from integrations.channels.settings import ChannelSettings

MAX_BYTES: Final = 4000
"""Of text in one language: with both of them, escaped as JSON, the body stays below 20 KB."""
PER_MINUTE: Final = 60
LANGUAGES: Final = {"zh_Hans": "zh_cn", "en": "en_us"}
_TOO_OFTEN: Final = frozenset({9499, 11232, 11233})
_BUSY: Final = frozenset({-1, 11236})
_PAUSE_S: Final = 30.0


class Feishu:
    """One group's robot. Without a secret nothing is signed."""

    per_minute = PER_MINUTE
    knows_repeats = False

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self._post = Post(settings.url, clock)
        self._secret = next(iter(settings.secrets), "")
        self._clock = clock

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """One body for each message that the longer text needs; a language that has ended earlier is left out."""
        columns = [_columns(bulletin, wording) for wording in bulletin.wordings]
        rows = zip_longest(*columns)
        return [_body([part for part in row if part is not None]) for row in rows]

    async def post(self, payload: bytes, *, key: str) -> int:  # noqa: ARG002 - it knows no repeats
        """DeliveryError when the group did not get it."""
        answer = read_json(await self._post(self._signed(payload)))
        if answer.get("code", answer.get("StatusCode")) != 0:
            raise _refusal(answer)
        return 0

    async def close(self) -> None:
        """End the connections."""
        await self._post.close()

    def _signed(self, payload: bytes) -> bytes:
        if not self._secret:
            return payload
        timestamp = str(int(self._clock().timestamp()))
        signed = {"timestamp": timestamp, "sign": sign(timestamp, self._secret), **json.loads(payload)}
        return json.dumps(signed, ensure_ascii=False).encode()


def sign(timestamp: str, secret: str) -> str:
    """Base64; `timestamp` in seconds, within an hour of Feishu's own clock."""
    return base64.b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)).decode()


_Part = tuple[str, str, str]


def _columns(bulletin: Bulletin, wording: Wording) -> list[_Part]:
    parts = split(wording.body(bulletin.link), MAX_BYTES, mark=wording.mark)
    return [(LANGUAGES.get(wording.locale, "zh_cn"), wording.headline, part) for part in parts]


def _body(row: list[_Part]) -> bytes:
    post: dict[str, Any] = {
        language: {"title": title, "content": [[{"tag": "text", "text": text, "un_escape": False}]]}
        for language, title, text in row
    }
    return json.dumps({"msg_type": "post", "content": {"post": post}}, ensure_ascii=False).encode()


def _refusal(answer: Mapping[str, object]) -> DeliveryError:
    code = answer.get("code", answer.get("StatusCode"))
    if code in _TOO_OFTEN:
        return RetryAfterError(_PAUSE_S)
    return ServerFaultError("busy") if code in _BUSY else RejectedError(f"code {code!r}"[:80])
