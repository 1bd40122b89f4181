"""The simulator as a test or the demo holds it: its life, its world, what happened."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from integrations.telegram.simulator.bot_api import BotApi
from integrations.telegram.simulator.calls import Call, CallLog, Stats
from integrations.telegram.simulator.chats import CHANNEL_RIGHTS, GROUP_RIGHTS, Chat, Json
from integrations.telegram.simulator.control import Control
from integrations.telegram.simulator.faults import Faults
from integrations.telegram.simulator.limits import Limits, Meter
from integrations.telegram.simulator.phone import Phone
from integrations.telegram.simulator.webhook import WebhookSender
from integrations.telegram.simulator.world import World

MOST_BYTES = 64 * 1024 * 1024


class Simulator:
    """One bot's Telegram on loopback. Keeps the newest `keep_calls` calls and `keep_messages` messages."""

    def __init__(
        self,
        token: str = "1000001:TEST",  # noqa: S107 - nobody's token
        bot_username: str = "muster_bot",
        limits: Limits | None = None,
        forum_chat: int | None = None,
        *,
        keep_calls: int = 20_000,
        keep_messages: int = 20_000,
    ) -> None:
        """`limits` None is the published ones; `forum_chat` makes that forum group at once."""
        self.token = token
        self.world = World(token, bot_username, keep_messages)
        self.log = CallLog(keep_calls)
        self.meter = Meter(limits or Limits.published())
        self.faults = Faults(self.meter, self.world.updates, self._on_faults)
        self.phones: list[Json] = []
        self.machines: list[tuple[str, Callable[[], Awaitable[str]]]] = []
        self.port = 0
        self.webhook = WebhookSender(self.world)
        self.world.on_webhook_change = self._on_webhook_change
        self._bot_api = BotApi(token, self.world, self.log, self.meter, self.faults)
        self._control = Control(self)
        self._runner: web.ServerRunner | None = None
        if forum_chat is not None:
            self.add_group(forum_chat, "Command centre")

    # Life

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listens on 127.0.0.1; port 0 takes a free one. May start again after stop, with all it knew."""
        server = web.Server(self._handle, request_factory=self._make_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.webhook.follow_setting()

    async def stop(self) -> None:
        """Closes the socket and every connection; a long poll ends without an answer."""
        await self.webhook.stop()
        self._bot_api.cut_connections()
        self._control.close_streams()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # The world

    def add_user(
        self,
        id: int,  # noqa: A002 - the Bot API's own word
        first_name: str,
        username: str | None = None,
        language_code: str = "zh-hans",
        last_name: str | None = None,
        *,
        started: bool = False,
    ) -> Json:
        """The Bot API's User. `started`: has written to the bot before, so that it may write back."""
        user: Json = {"id": id, "is_bot": False, "first_name": first_name, "language_code": language_code}
        user |= {"username": username} if username else {}
        user |= {"last_name": last_name} if last_name else {}
        return self.world.add_user(user, is_started=started)

    def add_group(
        self,
        id: int,  # noqa: A002
        title: str,
        members: list[int] | None = None,
        is_forum: bool = True,  # noqa: FBT001, FBT002 - part of the agreed signature
        admins: list[int] | None = None,
        *,
        rights: set[str] | None = None,
    ) -> Chat:
        """A supergroup; the bot is an administrator with `rights` (None: the usual ones, topics included)."""
        chat = self.world.add_group(id, title, members or [], admins or [])
        if is_forum:
            chat.face["is_forum"] = True
        chat.rights = GROUP_RIGHTS if rights is None else frozenset(rights)
        return chat

    def add_channel(
        self,
        id: int,  # noqa: A002
        title: str,
        members: list[int] | None = None,
        *,
        username: str | None = None,
        admins: list[int] | None = None,
        rights: set[str] | None = None,
    ) -> Chat:
        """A channel where the bot may post; of the people only `admins` may."""
        chat = self.world.add_channel(id, title, members or [], admins or [])
        if username:
            chat.face["username"] = username
        chat.rights = CHANNEL_RIGHTS if rights is None else frozenset(rights)
        return chat

    def chat(self, chat_id: int) -> Chat:
        return self.world.chats[chat_id]

    def phone(self, user_id: int) -> Phone:
        """Raises KeyError for an unknown person."""
        return Phone(self.world, self.world.users[user_id])

    def show_phone(self, user_id: int, chat_id: int | None = None, label: str = "") -> None:
        """Puts one phone on the page; chat None is the private chat."""
        self.phones.append({"user": user_id, "chat": chat_id, "label": label})
        self.world.feed.publish("world")

    def add_machine(self, label: str, ring: Callable[[], Awaitable[str]]) -> None:
        """Puts a button into the page's drawer for something on the school's side that is no phone.

        `ring` is called when it is pressed; what it answers is shown for a moment.
        """
        self.machines.append((label, ring))

    def migrate(self, old_id: int, new_id: int) -> Chat:
        return self.world.migrate(self.world.chats[old_id], new_id)

    def delete_topic(self, chat_id: int, thread_id: int) -> None:
        """As a person who deletes it by hand: no update tells the bot."""
        self.world.remove_topic(self.world.chats[chat_id], thread_id)

    def kick_bot(self, chat_id: int) -> None:
        self.world.change_bot_status(self.world.chats[chat_id], self.world.bot, "kicked")

    def let_bot_in(self, chat_id: int) -> None:
        """As an administrator with the usual rights."""
        chat = self.world.chats[chat_id]
        chat.rights = GROUP_RIGHTS
        self.world.change_bot_status(chat, self.world.bot, "administrator")

    # What happened

    @property
    def calls(self) -> list[Call]:
        return self.log.since(0)

    @property
    def stats(self) -> Stats:
        self.log.stats.violations = self.meter.violations
        return self.log.stats

    def clear_calls(self) -> None:
        self.log.clear()
        self.meter.violations = 0

    def updates_pending(self) -> list[Any]:
        return self.world.updates.list_all()

    def inject_raw(self, update: object) -> None:
        self.world.updates.inject(update)

    def redeliver(self, count: int) -> int:
        return self.world.updates.redeliver(count)

    # Requests

    def _make_request(self, *parts: Any) -> web.BaseRequest:
        message, payload, protocol, writer, task = parts
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MOST_BYTES)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            return await self._bot_api.answer(request, path)
        if path.startswith("/file/bot"):
            return self._bot_api.serve_file(request, path)
        return await self._control.answer(request)

    # Faults

    def _on_faults(self) -> None:
        self.world.feed.publish("faults", faults=self.faults.as_dict())
        if self.faults.outage and self.faults.only_methods is None:
            self._bot_api.cut_connections()
        elif self.faults.hang or self.faults.status_code:
            self.world.updates.interrupt()

    def _on_webhook_change(self) -> None:
        self.webhook.follow_setting()
        if self.world.webhook:
            self.world.updates.interrupt()
