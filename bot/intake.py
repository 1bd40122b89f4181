"""How updates come in: fetched by long poll, or brought to the webhook; either way into the same inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import web
from sqlalchemy import make_url

from bot.config import Settings
from bot.delivery import metrics
from bot.delivery.inbox import Inbox
from bot.ports import Clock
from bot.storage.database import Database
from handlers.chat.edge import SOURCE
from handlers.web.telegram import UpdateRoutes
from integrations.telegram.bot import MusterBot
from integrations.telegram.poller import Poller, RawUpdate, raw_update
from integrations.telegram.webhook import Webhook

OFFSET_FACT = "poll:offset"


class _Source(Protocol):
    @property
    def is_stuck(self) -> bool: ...

    def age_s(self) -> float: ...

    def stop(self) -> None: ...

    async def run(self) -> None: ...


class Intake:
    """`routes` before the web server starts, `start` after it, `stop` before it ends.

    Going over from one way to the other loses nothing: what Telegram still has it hands out the other way, and what
    it hands out twice the inbox knows by its id.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._inbox = Inbox(database, clock)
        self._source: _Source | None = None
        self._running: asyncio.Task[None] | None = None
        secret = settings.telegram.webhook_secret
        self._secret = secret.get_secret_value() if secret else ""

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to be healthy."""
        return self._source is not None

    @property
    def is_stuck(self) -> bool:
        """Whether nothing came for too long."""
        return self._source is not None and self._source.is_stuck

    @property
    def problem(self) -> str:
        """What Telegram says is wrong with the way here."""
        told = self._source.problem if isinstance(self._source, Webhook) else ""
        return f"Telegram cannot bring updates: {told}" if told else ""

    @property
    def is_webhook(self) -> bool:
        """Whether Telegram brings the updates."""
        return bool(self._secret)

    def age_s(self) -> float | None:
        """Seconds since Telegram was last heard; None before the start."""
        return None if self._source is None else self._source.age_s()

    def routes(self) -> list[web.RouteDef]:
        """`POST /telegram` when updates are brought."""
        return UpdateRoutes(self._take, self._secret).routes() if self._secret else []

    def redact(self, strike: Callable[[str], None]) -> None:
        """Have the settings' other secrets struck out of logs."""
        password = make_url(self._settings.database.url).password
        for secret in (self._secret, str(password or ""), self._settings.heartbeat.url):
            if secret:
                strike(secret)

    def start(self, bot: MusterBot) -> None:
        """Begin; whatever Telegram answers or not."""
        self._source = self._webhook(bot) if self._secret else self._poller(bot)
        metrics.INTAKE_AGE_SECONDS.set_function(self._source.age_s)
        self._running = asyncio.create_task(self._source.run(), name="intake")

    async def stop(self) -> None:
        """What was not kept yet stays with Telegram."""
        if self._source is not None and self._running is not None:
            self._source.stop()
            await self._running

    def _webhook(self, bot: MusterBot) -> Webhook:
        return Webhook(bot, f"{self._settings.web.base_url}/telegram", self._secret)

    def _poller(self, bot: MusterBot) -> Poller:
        async def load_offset() -> int:
            return int(await self._database.read(lambda tx: tx.facts.get(OFFSET_FACT)) or 0)

        async def save_offset(offset: int) -> None:
            await self._database.write(lambda tx: tx.facts.set(OFFSET_FACT, offset))

        return Poller(bot, self._store, load_offset=load_offset, save_offset=save_offset)

    async def _store(self, updates: list[RawUpdate]) -> None:
        await self._inbox.store(SOURCE, [(u.external_id, u.sender, u.payload) for u in updates])

    async def _take(self, update: dict[str, Any]) -> None:
        await self._store([raw_update(update)])
        if isinstance(self._source, Webhook):
            self._source.heard()
