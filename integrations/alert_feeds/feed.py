"""What every feed has in common: its settings, what it promises, and where its bodies go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.alert_format import Body

Deliver = Callable[[Body], Awaitable[None]]
"""Returns once the body is kept, or refused for good. StorageError: nothing was kept, it will be offered again."""


@dataclass(frozen=True)
class FeedSettings:
    """One source as school.toml describes it; a login given beside the url wins over one inside it.

    `topic` and `client_id` are MQTT's; `every_s` is the pause between two polls. The url is no less a secret than
    the password: weather services take their key in it.
    """

    source: str
    url: str = field(repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    topic: str = ""
    every_s: int = 300
    client_id: str = ""


class Feed(Protocol):
    """One source that Muster fetches from."""

    @property
    def is_connected(self) -> bool:
        """Whether the source answers as it should, at this moment or when it was last asked."""

    @property
    def last_ok_at(self) -> datetime | None:
        """When something of it was last kept, or the last poll found nothing new."""

    async def run(self) -> None:
        """Fetch until cancelled. No error of network, payload or storage ends it."""
