"""Telegram is told to bring updates here, and asked again and again whether it can."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from telegram.error import RetryAfter, TelegramError

from integrations.telegram.errors import seconds_of
from integrations.telegram.poller import ALLOWED_UPDATES
from integrations.telegram.stopping import Stopping

CONNECTIONS: Final = 20
"""Of Telegram's server at once. It keeps the order of one chat's updates, whatever the number."""
LOOK_EVERY_S: Final = 30.0
STUCK_AFTER_S: Final = 90.0
# Telegram remembers its last failure for ever; one this old, with nothing waiting, is history.
_FAILURE_COUNTS_S: Final = 90.0
_BACK_OFF_S: Final = 2.0
_BACK_OFF_LIMIT_S: Final = 30.0

_log = structlog.get_logger(__name__)


class WebhookKeeper(Protocol):
    """What this wants of a bot."""

    async def set_own_webhook(
        self, url: str, *, secret: str, allowed: tuple[str, ...], connections: int
    ) -> None:
        """See `MusterBot.set_own_webhook`."""

    async def webhook_info(self) -> Mapping[str, Any]:
        """See `MusterBot.webhook_info`."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What Telegram last said."""

    waiting: int
    failure: str


class Webhook:
    """Runs until `stop`. The webhook stays set afterwards: Telegram keeps what comes meanwhile, for 24 hours."""

    def __init__(
        self,
        bot: WebhookKeeper,
        url: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._bot = bot
        self._url = url
        self._secret = secret
        self._clock = clock
        self._wall_clock = wall_clock
        self._look_every_s = look_every_s
        self._stopping = Stopping()
        self._heard_at = clock()
        self._look: _Look | None = None
        self._is_set = False

    def age_s(self) -> float:
        """Seconds since Telegram last brought something, or said that nothing is waiting."""
        return self._clock() - self._heard_at

    @property
    def is_stuck(self) -> bool:
        """Whether the watchdog should bark."""
        return self.age_s() > STUCK_AFTER_S

    @property
    def problem(self) -> str:
        """What Telegram says is wrong with the way here; empty: nothing."""
        return self._look.failure if self._look else ""

    def heard(self) -> None:
        """An update came and was kept."""
        self._heard_at = self._clock()

    def stop(self) -> None:
        """End `run` at once, whatever Telegram does not answer."""
        self._stopping.tell()

    async def run(self) -> None:
        """Set the webhook, then look after it; no error of network or server ends it."""
        self._heard_at = self._clock()
        back_off_s = _BACK_OFF_S
        while not self._stopping:
            try:
                await self._stopping.unless(self._turn())
                pause_s, back_off_s = self._look_every_s, _BACK_OFF_S
            except RetryAfter as error:
                pause_s = seconds_of(error)
            except (TelegramError, TimeoutError) as error:
                _log.warning("webhook_not_confirmed", error=str(error), pause_s=back_off_s)
                pause_s, back_off_s = back_off_s, min(back_off_s * 2, _BACK_OFF_LIMIT_S)
            await self._stopping.sleep(pause_s)

    async def _turn(self) -> None:
        info = await self._bot.webhook_info()
        if not self._is_set or info.get("url") != self._url:
            # Always once, since the secret cannot be asked for and may have changed.
            await self._bot.set_own_webhook(
                self._url, secret=self._secret, allowed=ALLOWED_UPDATES, connections=CONNECTIONS
            )
            self._is_set = True
            _log.info("webhook_set", url=self._url)
            info = await self._bot.webhook_info()
        self._note(info)

    def _note(self, info: Mapping[str, Any]) -> None:
        waiting = int(info.get("pending_update_count") or 0)
        is_recent = self._wall_clock() - float(info.get("last_error_date") or 0) < _FAILURE_COUNTS_S
        failure = str(info.get("last_error_message") or "") if waiting and is_recent else ""
        if failure:
            _log.error("telegram_cannot_reach_the_webhook", waiting=waiting, error=failure)
        if not waiting:
            self._heard_at = self._clock()
        self._look = _Look(waiting, failure)
