"""`muster check --online`: what the settings name is really there, and lets Muster do its work."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp_socks import ProxyConnector
from telegram import ChatMember, ChatMemberAdministrator, ChatMemberOwner
from telegram.error import InvalidToken, TelegramError

from bot.config import Settings
from bot.findings import (
    ANSWER_WITHIN_S,
    Finding,
    all_of,
    certificate_finding,
    clock_finding,
    good,
    hint,
    wrong,
)
from bot.storage.database import Database
from bot.storage.migrations import HEAD, require_known
from integrations.telegram.bot import MusterBot

# A year of a large school fits into this.
FREE_BYTES: Final = 1 << 30
_GROUP_RIGHTS: Final = {
    "can_manage_topics": "Manage topics",
    "can_pin_messages": "Pin messages",
    "can_delete_messages": "Delete messages",
}
_CHANNEL_RIGHTS: Final = {"can_post_messages": "Post messages", "can_edit_messages": "Edit messages"}


class OnlineCheck:
    """`run` asks everybody; nothing is sent to any person or group."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        telegram = settings.telegram
        token = telegram.token.get_secret_value()
        self._bot = MusterBot(token, api_url=telegram.api_url, proxy=telegram.proxy)

    async def run(self) -> list[Finding]:
        """Everything, in the order in which it should be mended."""
        looks = {
            "clock": self._clock,
            "Telegram": self._telegram,
            "database": self._storage,
            "public url": self._public_url,
            "fonts": self._fonts,
        }
        try:
            return await all_of(looks)
        finally:
            await self._bot.shutdown()

    async def _clock(self) -> list[Finding]:
        async with (
            _outside(self._settings) as session,
            session.head(self._settings.telegram.api_url) as answer,
        ):
            return [clock_finding(answer.headers.get("Date"))]

    async def _telegram(self) -> list[Finding]:
        telegram = self._settings.telegram
        by = f" through the proxy {urlsplit(telegram.proxy).hostname}" if telegram.proxy else ""
        try:
            await self._bot.initialize()
        except InvalidToken:
            return [wrong("token", "Telegram refuses it: ask @BotFather for the bot's token")]
        except TelegramError as error:
            return [wrong("Telegram", f"{telegram.api_url} does not answer{by}: {error.message}")]
        found = [good("Telegram", f"{telegram.api_url} answers{by}; the bot is @{self._bot.username}")]
        found.append(await self._centre())
        if telegram.channel is not None:
            found.append(await self._channel(telegram.channel))
        found.append(await self._way_in())
        return found

    async def _centre(self) -> Finding:
        area, chat_id = "command centre", self._settings.telegram.command_centre
        try:
            chat = await self._bot.get_chat(chat_id)
            member = await self._bot.get_chat_member(chat_id, self._bot.id)
        except TelegramError as error:
            return wrong(area, f"{chat_id}: {error.message}. Is the bot in the group, and the number right?")
        if not chat.is_forum:
            return wrong(area, f"{chat.title}: has no topics; turn Topics on in the group's settings")
        missing = _missing(member, _GROUP_RIGHTS)
        if missing:
            return wrong(area, f"{chat.title}: make the bot an administrator with {', '.join(missing)}")
        return good(area, f"{chat.title}: a forum, and the bot may do what it needs")

    async def _channel(self, chat_id: int) -> Finding:
        try:
            chat = await self._bot.get_chat(chat_id)
            member = await self._bot.get_chat_member(chat_id, self._bot.id)
        except TelegramError as error:
            return wrong("channel", f"{chat_id}: {error.message}. Is the bot in the channel?")
        missing = _missing(member, _CHANNEL_RIGHTS)
        if missing:
            return wrong("channel", f"{chat.title}: make the bot an administrator with {', '.join(missing)}")
        return good("channel", f"{chat.title}: the bot may post")

    async def _way_in(self) -> Finding:
        info = await self._bot.webhook_info()
        url, wants = str(info.get("url") or ""), bool(self._settings.telegram.webhook_secret)
        waiting = int(info.get("pending_update_count") or 0)
        failure = str(info.get("last_error_message") or "")
        if wants and failure and waiting:
            return wrong("webhook", f"Telegram cannot bring {waiting} updates: {failure}")
        if wants and url != f"{self._settings.web.base_url}/telegram":
            return hint("webhook", "not set yet; muster run does that")
        if url and not wants:
            return hint("webhook", "one is set from before; muster run takes it away and polls")
        return good("updates", "brought by webhook" if wants else "fetched by polling")

    async def _storage(self) -> list[Finding]:
        self._settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._settings.data_folder).free
        found = [_disk(free)]
        database = self._database
        if not database.exists():
            return [*found, good("database", f"{database} can be made; muster run does that")]
        database.driver.warn()
        connection = database.driver.connect()
        try:
            version = database.driver.version(connection)
        finally:
            connection.close()
        require_known(version)
        told = "up to date" if version == HEAD else "of an older version; muster run brings it up to date"
        return [*found, good("database", f"{database} answers; {told}")]

    async def _public_url(self) -> list[Finding]:
        url = self._settings.web.base_url
        found = [await certificate_finding(url)] if urlsplit(url).scheme == "https" else []
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)) as session,
                session.get(f"{url}/healthz") as answer,
            ):
                is_ours = answer.status == 200 and await answer.json() == {"alive": True}  # noqa: PLR2004
        except (aiohttp.ClientError, ValueError, OSError):
            return [*found, hint("pages", f"nobody answers at {url}: start muster run, then look again")]
        if not is_ours:
            return [*found, wrong("pages", f"somebody else answers at {url}: see the reverse proxy")]
        return [*found, good("pages", f"{url} is Muster")]

    async def _fonts(self) -> list[Finding]:
        from integrations.documents.typesetting import has_fonts  # noqa: PLC0415 - 30 MB that only this look needs

        if has_fonts():
            return [good("fonts", "Chinese can be printed")]
        return [wrong("fonts", "the Chinese font is missing: install Muster again with its dependencies")]


def _missing(member: ChatMember, rights: dict[str, str]) -> list[str]:
    if isinstance(member, ChatMemberOwner):
        return []
    if not isinstance(member, ChatMemberAdministrator):
        return list(rights.values())
    return [words for right, words in rights.items() if not getattr(member, right, False)]


def _disk(free: int) -> Finding:
    told = f"{free / 1e9:.1f} GB free"
    return good("disk", told) if free > FREE_BYTES else wrong("disk", f"only {told}")


@asynccontextmanager
async def _outside(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    proxy = settings.telegram.proxy
    how: dict[str, Any] = {"timeout": aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)}
    if proxy:
        how["connector"] = ProxyConnector.from_url(proxy, rdns=True)
    async with aiohttp.ClientSession(**how) as session:
        yield session
