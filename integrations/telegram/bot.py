"""PTB's `Bot` and `Application` with the two overrides that Muster needs.

The bot knows who it is without asking, so that Muster starts during an outage; the application does not
swallow a handler's error, so that the inbox keeps the update.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NoReturn, cast

import structlog
from telegram import User
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackContext, ExtBot

from integrations.telegram.errors import BadAnswerError
from integrations.telegram.request import AiohttpRequest

Identity = dict[str, Any]
"""A `User` of the Bot API, as JSON."""
Remember = Callable[[Identity], Awaitable[None]]

IDENTITY_WAIT_S: Final = 2.0
"""How long the start waits for getMe when the identity is known from earlier."""
_POLL_CONNECTIONS: Final = 2

_log = structlog.get_logger(__name__)


class MusterBot(ExtBot[None]):
    """The school's bot. `remembered` is what `remember` was given in an earlier run; None at first."""

    def __init__(
        self,
        token: str,
        *,
        api_url: str = "https://api.telegram.org",
        proxy: str = "",
        remembered: Identity | None = None,
        remember: Remember | None = None,
    ) -> None:
        super().__init__(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            request=AiohttpRequest(proxy=proxy),
            get_updates_request=AiohttpRequest(proxy=proxy, connections=_POLL_CONNECTIONS),
        )
        self._remembered = remembered if _is_of_token(remembered, token) else None
        self._remember = remember

    def __repr__(self) -> str:
        """PTB's would print the token."""
        return f"MusterBot({self._bot_user.id if self._bot_user else 'unknown'})"

    async def initialize(self) -> None:
        """Ask who the bot is; without an answer, trust what is remembered. A refused token always fails."""
        try:
            async with asyncio.timeout(IDENTITY_WAIT_S if self._remembered else None):
                await super().initialize()
        except InvalidToken:
            raise InvalidToken("Telegram refuses the bot's token") from None
        except (TelegramError, TimeoutError) as error:
            if self._remembered is None:
                raise
            _log.warning("telegram_silent_at_start", error=str(error) or type(error).__name__)
            self._bot_user = User.de_json(self._remembered, self)
            self._bot_initialized = True
        else:
            await self._keep_identity()

    async def _keep_identity(self) -> None:
        identity = self.bot.to_dict()
        if self._remember is None or identity == self._remembered:
            return
        try:
            await self._remember(identity)
            self._remembered = identity
        except Exception:  # noqa: BLE001 - what a later start would like to have must not stop this one
            _log.exception("identity_not_kept")

    async def fetch_updates(
        self, offset: int, *, timeout_s: int, allowed: Sequence[str], read_timeout_s: float
    ) -> list[Any]:
        """The result of getUpdates, its values unread. `offset` 0: from the first unconfirmed one."""
        asked: dict[str, Any] = {
            "timeout": timeout_s,
            "allowed_updates": list(allowed),
            "offset": offset or None,
        }
        updates = await self._post("getUpdates", asked, read_timeout=read_timeout_s)
        if not isinstance(updates, list):
            raise BadAnswerError("getUpdates: the result is no list")
        return updates

    async def leave_webhook(self) -> None:
        """Poll again; updates that wait are kept."""
        await self._post("deleteWebhook", {"drop_pending_updates": False})

    async def set_own_webhook(
        self, url: str, *, secret: str, allowed: tuple[str, ...], connections: int
    ) -> None:
        """Have updates brought there; those that wait are kept."""
        asked: dict[str, Any] = {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(allowed),
            "max_connections": connections,
            "drop_pending_updates": False,
        }
        await self._post("setWebhook", asked)

    async def webhook_info(self) -> dict[str, Any]:
        """The result of getWebhookInfo."""
        info = await self._post("getWebhookInfo")
        if not isinstance(info, dict):
            raise BadAnswerError("getWebhookInfo: the result is no object")
        return info


def _is_of_token(identity: Identity | None, token: str) -> bool:
    """Whether the identity is of this token's bot: the part before the colon is the bot's id."""
    return identity is not None and str(identity.get("id")) == token.partition(":")[0]


MusterContext = CallbackContext[MusterBot, dict[Any, Any], dict[Any, Any], dict[Any, Any]]
_Application = Application[MusterBot, MusterContext, dict[Any, Any], dict[Any, Any], dict[Any, Any], None]


class InboxApplication(_Application):
    """Handlers' errors go to whoever feeds the updates in, which is the inbox."""

    async def process_error(
        self,
        update: object,
        error: Exception,
        job: object = None,
        coroutine: object = None,
    ) -> NoReturn:
        """Raise it again."""
        del update, job, coroutine
        raise error


def build_application(bot: MusterBot) -> InboxApplication:
    """PTB's dispatcher alone: no updater, no job queue, no persistence, one update at a time a caller."""
    built = (
        ApplicationBuilder()
        .application_class(InboxApplication)
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(False)
        .build()
    )
    return cast("InboxApplication", built)
