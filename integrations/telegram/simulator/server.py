"""The server: requests in, Bot API answers out."""

import asyncio
import contextlib
import json
import mimetypes
from typing import Any, Self

from aiohttp import web

from integrations.telegram.simulator.calls import METERED, Call, CallLog, Stats
from integrations.telegram.simulator.chats import CHANNEL_RIGHTS, GROUP_RIGHTS, Chat, Json
from integrations.telegram.simulator.control import Control
from integrations.telegram.simulator.errors import ApiError, conflict
from integrations.telegram.simulator.faults import Faults
from integrations.telegram.simulator.limits import Limits, Meter
from integrations.telegram.simulator.methods import CANONICAL, GET_UPDATES, METHODS
from integrations.telegram.simulator.params import Params, read_params
from integrations.telegram.simulator.phone import Phone
from integrations.telegram.simulator.webhook import WebhookSender
from integrations.telegram.simulator.world import World

MOST_BYTES = 64 * 1024 * 1024
OK, SERVER_ERROR = 200, 500
UNAUTHORIZED = ApiError(401, "Unauthorized")
NOT_FOUND = ApiError(404, "Not Found")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
        self.world = World(int(token.partition(":")[0]), bot_username, keep_messages)
        self.log = CallLog(keep_calls)
        self.meter = Meter(limits or Limits.published())
        self.faults = Faults(self.meter, self.world.updates, self._on_faults)
        self.phones: list[Json] = []
        self.port = 0
        self.webhook = WebhookSender(self.world)
        self.world.on_webhook_change = self._on_webhook_change
        self._control = Control(self)
        self._runner: web.ServerRunner | None = None
        self._open: set[asyncio.Transport] = set()
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
        self._cut_connections()
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
        rights: set[str] | None = None,
    ) -> Chat:
        chat = self.world.add_channel(id, title, members or [])
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

    def migrate(self, old_id: int, new_id: int) -> Chat:
        return self.world.migrate(self.world.chats[old_id], new_id)

    def delete_topic(self, chat_id: int, thread_id: int) -> None:
        """As a person who deletes it by hand: no update tells the bot."""
        self.world.remove_topic(self.world.chats[chat_id], thread_id)

    def kick_bot(self, chat_id: int) -> None:
        self.world.change_bot_status(self.world.chats[chat_id], self.world.bot, "kicked")

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
            transport = request.transport
            if transport is None:
                return HungUp()
            self._open.add(transport)
            try:
                return await self._answer_bot(request, path)
            finally:
                self._open.discard(transport)
        if path.startswith("/file/bot"):
            return self._serve_file(request, path)
        return await self._control.answer(request)

    async def _answer_bot(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        token, _, name = path.removeprefix("/bot").partition("/")
        method = CANONICAL.get(name.lower())
        if self.faults.outage and self.faults.concern(method or name):
            self.log.close(self.log.open(method or name, {}, None), 0)
            return self._hang_up(request)
        if token != self.token or self.faults.token_revoked:
            return _refusal(UNAUTHORIZED)
        if method is None:
            return _refusal(NOT_FOUND)
        return await self._answer_call(request, method)

    async def _answer_call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except ApiError as problem:
            return _refusal(problem)
        call = self.log.open(method, params.values, self._chat_id(params))
        try:
            result = await self._perform(request, call, params)
        except ApiError as problem:
            self.log.close(call, problem.code, problem.description)
            return _refusal(problem)
        if isinstance(result, web.Response):
            self.log.close(call, 0 if isinstance(result, HungUp) else result.status)
            return result
        self.log.close(call, OK)
        return result_response(result[0])

    async def _perform(
        self, request: web.BaseRequest, call: Call, params: Params
    ) -> tuple[Any] | web.Response:
        """The result in a tuple, or a ready response instead of it."""
        is_faulty = self.faults.concern(call.method)
        if is_faulty and (trouble := await self._trouble(request)):
            return trouble
        if call.method == GET_UPDATES:
            result = await self._poll(params)
            if is_faulty and (trouble := await self._trouble(request)):
                return trouble
        else:
            if call.chat_id is not None and call.method in METERED:
                self.meter.admit(call.chat_id)
            result = METHODS[call.method](self.world, params)
        if is_faulty:
            await self.faults.wait_after_effect()
        return (result,)

    async def _trouble(self, request: web.BaseRequest) -> web.Response | None:
        """The answer that a fault puts in the place of the real one."""
        faults = self.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        await faults.wait_while_hanging()
        if faults.status_code:
            return _broken(faults.status_code)
        if request.transport is None or faults.outage:
            return self._hang_up(request)
        return None

    async def _poll(self, params: Params) -> list[Any]:
        if self.world.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        updates = self.world.updates
        updates.set_allowed(params.structure("allowed_updates"))
        offset, limit = params.integer("offset") or 0, params.integer("limit") or 100
        return await updates.poll(offset, limit, params.integer("timeout") or 0)

    def _chat_id(self, params: Params) -> int | None:
        value = params.values.get("chat_id")
        if isinstance(value, int):
            return value
        if value is None:
            return None
        with contextlib.suppress(ApiError):
            return self.world.chat(params).id
        return None

    def _serve_file(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if self.faults.outage:
            return self._hang_up(request)
        token, _, file_path = path.removeprefix("/file/bot").partition("/")
        stored = self.world.files.at_path(file_path)
        if token != self.token or stored is None:
            return _refusal(UNAUTHORIZED if token != self.token else NOT_FOUND)
        kind = mimetypes.guess_type(stored.path)[0] or "application/octet-stream"
        return web.Response(body=stored.content, content_type=kind)

    # Faults

    def _on_faults(self) -> None:
        self.world.feed.publish("faults", faults=self.faults.as_dict())
        if self.faults.outage and self.faults.only_methods is None:
            self._cut_connections()
        elif self.faults.hang or self.faults.status_code:
            self.world.updates.interrupt()

    def _cut_connections(self) -> None:
        for transport in self._open:
            transport.close()
        self.world.updates.interrupt()

    def _hang_up(self, request: web.BaseRequest) -> web.Response:
        self.log.stats.unanswered += 1
        if request.transport is not None:
            request.transport.close()
        return HungUp()

    def _on_webhook_change(self) -> None:
        self.webhook.follow_setting()
        if self.world.webhook:
            self.world.updates.interrupt()


class HungUp(web.Response):
    """Stands for an answer that nobody gets."""


def result_response(result: object) -> web.Response:
    return web.Response(
        body=_encode({"ok": True, "result": result}).encode(), content_type="application/json"
    )


def _refusal(problem: ApiError) -> web.Response:
    return web.Response(
        status=problem.code, body=_encode(problem.body()).encode(), content_type="application/json"
    )


def _broken(status: int) -> web.Response:
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>\r\n"
    return web.Response(status=status, text=page, content_type="text/html")
