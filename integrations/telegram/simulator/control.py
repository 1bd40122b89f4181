"""The page, its live events, and /control/: everything a test or a person at the browser steers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from integrations.telegram.simulator.methods_bot import commands_for
from integrations.telegram.simulator.world import describe_topics
from integrations.telegram.simulator.world_file import add_to_world

if TYPE_CHECKING:
    from integrations.telegram.simulator.chats import Chat, Json
    from integrations.telegram.simulator.server import Simulator

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
HEARTBEAT_S = 10.0
SHOWN_MESSAGES = 100
STATIC = resources.files("integrations.telegram.simulator") / "static"
PAGE_FILES = {
    "/": ("index.html", "text/html"),
    "/static/style.css": ("style.css", "text/css"),
    "/static/main.js": ("main.js", "text/javascript"),
    "/static/model.js": ("model.js", "text/javascript"),
    "/static/phone.js": ("phone.js", "text/javascript"),
    "/static/bubble.js": ("bubble.js", "text/javascript"),
    "/static/web_app.js": ("web_app.js", "text/javascript"),
    "/static/network.js": ("network.js", "text/javascript"),
    "/static/icons.js": ("icons.js", "text/javascript"),
    "/static/words.js": ("words.js", "text/javascript"),
}
POLICY = "default-src 'self'; img-src 'self' data:; frame-src https: http://127.0.0.1:* http://localhost:*"
"""Frames are Mini Apps, and may be what a button may open."""
Answer = Callable[[web.BaseRequest], Awaitable[object]]


class Control:
    """Answers everything that is not the Bot API. Only to this machine: the Host header must be loopback."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._world = simulator.world
        self._streams: set[asyncio.Queue[Json]] = set()
        self._routes: dict[tuple[str, str], Answer] = {
            ("GET", "/control/state"): self._state,
            ("GET", "/control/calls"): self._calls,
            ("GET", "/control/stats"): self._stats,
            ("GET", "/control/updates"): self._updates,
            ("GET", "/control/commands"): self._commands,
            ("GET", "/control/file"): self._file,
            ("POST", "/control/faults"): self._set_faults,
            ("POST", "/control/send"): self._send,
            ("POST", "/control/send_file"): self._send_file,
            ("POST", "/control/send_location"): self._send_location,
            ("POST", "/control/press"): self._press,
            ("POST", "/control/open_web_app"): self._open_web_app,
            ("POST", "/control/block"): self._block,
            ("POST", "/control/inject"): self._inject,
            ("POST", "/control/redeliver"): self._redeliver,
            ("POST", "/control/world"): self._add_to_world,
            ("POST", "/control/migrate"): self._migrate,
            ("POST", "/control/delete_topic"): self._delete_topic,
            ("POST", "/control/clear_calls"): self._clear_calls,
            ("POST", "/control/ring"): self._ring,
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if (request.host or "").rsplit(":", 1)[0] not in LOOPBACK:
            return _problem(403, "the simulator answers on loopback only")
        path = request.path
        if path == "/events":
            return await self._events(request)
        if request.method == "GET" and path in PAGE_FILES:
            return _page_file(*PAGE_FILES[path])
        if request.method == "POST" and request.content_type != "application/json":
            return _problem(415, "POST application/json")
        return await _run(self._routes.get((request.method, path), _unknown), request)

    def close_streams(self) -> None:
        for stream in self._streams:
            if not stream.full():
                stream.put_nowait({"event": "end"})

    # Looking

    async def _state(self, request: web.BaseRequest) -> object:
        most = int(request.query.get("messages", SHOWN_MESSAGES))
        return {
            "number": self._world.feed.number,
            "bot": self._world.bot,
            "users": list(self._world.users.values()),
            "phones": self._simulator.phones,
            "machines": [label for label, _ in self._simulator.machines],
            "chats": [_describe(chat, most) for chat in self._world.chats.values()],
            "faults": self._simulator.faults.as_dict(),
            "stats": self._simulator.stats.as_dict(),
        }

    async def _calls(self, request: web.BaseRequest) -> object:
        since = int(request.query.get("since", 0))
        return [asdict(call) for call in self._simulator.log.since(since)]

    async def _stats(self, _: web.BaseRequest) -> object:
        return self._simulator.stats.as_dict() | {"updates_pending": len(self._world.updates)}

    async def _updates(self, _: web.BaseRequest) -> object:
        return self._world.updates.list_all()

    async def _commands(self, request: web.BaseRequest) -> object:
        user = self._world.users[int(request.query["user"])]
        return commands_for(self._world, user, int(request.query.get("chat") or user["id"]))

    async def _file(self, request: web.BaseRequest) -> object:
        stored = self._world.files.get(request.query.get("id", ""))
        if stored is None:
            return _problem(404, "no such file")
        kind = stored.mime_type if stored.mime_type.startswith("image/") else "application/octet-stream"
        headers = {"Cache-Control": "max-age=3600"}
        if not kind.startswith("image/"):
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.filename, safe='')}"
        return web.Response(body=stored.content, content_type=kind, headers=headers)

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        """Each change once, in order; `reload` when this browser lagged too far behind."""
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        stream = self._world.feed.watch()
        self._streams.add(stream)
        try:
            await response.write(b": connected\n\n")
            await _pour(stream, response)
        except ConnectionError:
            pass
        finally:
            self._streams.discard(stream)
            self._world.feed.leave(stream)
        return response

    # Doing

    async def _send(self, request: web.BaseRequest) -> object:
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        return await phone.send(
            wanted["text"], wanted.get("chat"), wanted.get("thread"), wanted.get("reply_to")
        )

    async def _send_file(self, request: web.BaseRequest) -> object:
        """`content` is base64; it goes as a photo with `as_photo`, as a voice note with `as_voice`."""
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        content = base64.b64decode(wanted["content"])
        chat, thread, caption = wanted.get("chat"), wanted.get("thread"), wanted.get("caption")
        if wanted.get("as_photo"):
            return await phone.send_photo(content, caption, chat, thread)
        if wanted.get("as_voice"):
            return await phone.send_voice(content, caption, chat)
        return await phone.send_document(wanted["filename"], content, caption, chat, thread)

    async def _send_location(self, request: web.BaseRequest) -> object:
        """A place; live with `live_period`. With `message_id` it is where the one shared there is now."""
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        latitude, longitude = float(wanted["latitude"]), float(wanted["longitude"])
        chat = wanted.get("chat")
        if "message_id" in wanted:
            shared = {"message_id": wanted["message_id"], "chat": {"id": chat or wanted["user"]}}
            return await phone.move(shared, latitude, longitude, is_over=bool(wanted.get("is_over")))
        return await phone.send_location(latitude, longitude, chat, int(wanted.get("live_period", 0)))

    async def _press(self, request: web.BaseRequest) -> object:
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        return {"query_id": await phone.press(wanted["message_id"], wanted["data"], wanted.get("chat"))}

    async def _open_web_app(self, request: web.BaseRequest) -> object:
        """{"url": …}: the page that the button opens, with what the phone hands it in the fragment."""
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        is_dark = bool(wanted.get("is_dark"))
        url = await phone.open_web_app(
            wanted["message_id"], wanted["button"], wanted.get("chat"), is_dark=is_dark
        )
        return {"url": url}

    async def _block(self, request: web.BaseRequest) -> object:
        wanted = await request.json()
        phone = self._simulator.phone(wanted["user"])
        (phone.block if wanted.get("blocked", True) else phone.unblock)()
        return True

    async def _set_faults(self, request: web.BaseRequest) -> object:
        """Switches by name; `retry_after`: {"seconds", "chat_id"}; `clear`: true first sets all right."""
        wanted = await request.json()
        if wanted.pop("clear", False):
            self._simulator.faults.clear()
        pause = wanted.pop("retry_after", None)
        if pause:
            self._simulator.faults.retry_after(pause["seconds"], pause.get("chat_id"))
        self._simulator.faults.change(wanted)
        return self._simulator.faults.as_dict()

    async def _inject(self, request: web.BaseRequest) -> object:
        self._simulator.inject_raw(await request.json())
        return True

    async def _redeliver(self, request: web.BaseRequest) -> object:
        return self._simulator.redeliver((await request.json())["count"])

    async def _add_to_world(self, request: web.BaseRequest) -> object:
        add_to_world(self._simulator, await request.json())
        return True

    async def _migrate(self, request: web.BaseRequest) -> object:
        wanted = await request.json()
        self._simulator.migrate(wanted["old_id"], wanted["new_id"])
        return True

    async def _delete_topic(self, request: web.BaseRequest) -> object:
        wanted = await request.json()
        self._simulator.delete_topic(wanted["chat"], wanted["thread"])
        return True

    async def _clear_calls(self, _: web.BaseRequest) -> object:
        self._simulator.clear_calls()
        return True

    async def _ring(self, request: web.BaseRequest) -> object:
        """Press one of the machines in the drawer; what came of it, in words."""
        _, ring = self._simulator.machines[(await request.json())["machine"]]
        return {"answer": await ring()}


async def _unknown(request: web.BaseRequest) -> object:
    return _problem(404, f"no {request.method} {request.path} here")


async def _run(route: Answer, request: web.BaseRequest) -> web.Response:
    try:
        found = await route(request)
    except (LookupError, TypeError, ValueError) as problem:
        return _problem(400, f"{type(problem).__name__}: {problem}")
    except PermissionError as problem:
        return _problem(403, str(problem))
    return found if isinstance(found, web.Response) else web.json_response(found)


async def _pour(stream: asyncio.Queue[Json], response: web.StreamResponse) -> None:
    while True:
        try:
            told = await asyncio.wait_for(stream.get(), HEARTBEAT_S)
        except TimeoutError:
            await response.write(b"event: beat\ndata: {}\n\n")
            continue
        if told["event"] == "end":
            return
        await response.write(f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode())


def _page_file(name: str, kind: str) -> web.Response:
    body = (STATIC / name).read_bytes()
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
    }
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def _problem(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)


def _describe(chat: Chat, most: int) -> dict[str, Any]:
    messages = list(chat.messages.values())
    return {
        **chat.face,
        "members": sorted(chat.members),
        "admins": sorted(chat.admins),
        "bot_status": chat.bot_status,
        "is_started": chat.is_started,
        "topics": describe_topics(chat),
        "messages": messages[-most:] if most else [],
        "silent": sorted(chat.silent),
        "pinned": chat.pinned,
        "keyboard": chat.keyboard,
    }
