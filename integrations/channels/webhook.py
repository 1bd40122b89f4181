"""Signed webhook (Standard Webhooks): public-address systems, screens, SMS gateways.

Body: `{"type": "action.ordered", "timestamp": …, "data": {…}}`; `webhook-id` stays the same when it is sent again.
"""

from __future__ import annotations

import json
from typing import Final

from standardwebhooks.webhooks import Webhook as Signer

from bot.domain.bulletin import Bulletin
from bot.ports import Clock
from integrations.channels.http import Post
from integrations.channels.settings import ChannelSettings

PER_MINUTE: Final = 120


class Webhook:
    """One address. `secrets`: while the key is changed, the request has a signature with each of them."""

    per_minute = PER_MINUTE
    knows_repeats = True

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self._post = Post(settings.url, clock)
        self._signers = [Signer(secret) for secret in settings.secrets]
        self._clock = clock

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """One body: a machine takes a text of any length, and cuts it itself where it must."""
        body = {
            "type": bulletin.topic,
            "timestamp": bulletin.issued_at.isoformat(),
            "data": {
                "id": bulletin.id,
                "mode": bulletin.mode,
                "is_repeat": bulletin.is_repeat,
                "is_silent": bulletin.is_silent,
                "title": {wording.locale: wording.headline for wording in bulletin.wordings},
                "text": {wording.locale: wording.text for wording in bulletin.wordings},
                "link": bulletin.link,
                **({"cap": bulletin.cap} if bulletin.cap else {}),
                **bulletin.facts,
            },
        }
        return [json.dumps(body, ensure_ascii=False).encode()]

    async def post(self, payload: bytes, *, key: str) -> int:
        """DeliveryError when the answer is not 2xx. `key` becomes the `webhook-id`."""
        now = self._clock()
        signatures = [signer.sign(key, now, payload.decode()) for signer in self._signers]
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        await self._post(payload, headers=headers)
        return 0

    async def close(self) -> None:
        """End the connections."""
        await self._post.close()
