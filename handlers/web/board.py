"""`/board`: the command centre's wall. The page itself, its state once, and its state live (server-sent events)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp_sse import EventSourceResponse

from bot.domain.page import Page
from bot.errors import StorageError
from bot.i18n import Languages
from bot.ports import Clock
from bot.services.board import BoardService
from handlers.web.board_words import WORDS, view
from handlers.web.entrance import RETRY_AFTER_S, Entrance
from handlers.web.live import BEAT_S, FullError, Live, Viewer
from handlers.web.rendering import render

# What browsers wait before they come back.
RETRY_MS: Final = 1000
# A screen that takes nothing for so long is cut off; it comes back by itself.
SEND_TIMEOUT_S: Final = 10.0
# The beats keep the line open; aiohttp-sse's own pings need not.
_NO_PINGS_S: Final = 24 * 3600.0

_log = structlog.get_logger(__name__)


class BoardRoutes:
    """Rights are the entrance's to check: at every request, and again before everything that a stream sends."""

    def __init__(self, board: BoardService, entrance: Entrance, languages: Languages, clock: Clock) -> None:
        self._board = board
        self._entrance = entrance
        self._languages = languages
        self._clock = clock
        self._live = Live(self._read, lambda data, locale: view(data, languages[locale]))

    def install(self, site: web.Application, listen: Callable[[str, Callable[[], None]], None]) -> None:
        """Routes; the feed begins and ends with the site. `listen` calls back after changes of a topic."""
        site.add_routes(
            [
                web.get("/board", self.page),
                web.get("/board/state", self.state),
                web.get("/board/events", self.events, allow_head=False),
            ]
        )
        # Nearly every change of an incident sends something to somebody.
        for topic in ("roll_call", "outbox"):
            listen(topic, self._live.wake)
        site.on_startup.append(self._start)
        site.on_shutdown.append(self._stop)

    async def _start(self, _: web.Application) -> None:
        self._live.start()

    async def _stop(self, _: web.Application) -> None:
        await self._live.stop()

    async def page(self, request: web.Request) -> web.Response:
        """The shell; everything in it comes by the other two."""
        visitor = await self._entrance.visitor(request, Page.BOARD)
        language = self._languages[visitor.locale]
        text = render(
            request,
            "board.html",
            self._entrance.words(visitor),
            script_words=WORDS,
            timezone=language.timezone.key,
            beat_ms=int(BEAT_S * 1000),
        )
        return web.Response(text=text, content_type="text/html")

    async def state(self, request: web.Request) -> web.Response:
        """`{"now": …, "board": …}` for browsers whose stream does not come through."""
        visitor = await self._entrance.visitor(request, Page.BOARD)
        try:
            data = await self._read(visitor.person.staff_id)
        except StorageError as error:
            _log.error("board_not_read", error=str(error))
            return _later("not possible now, ask again")
        if data is None:
            # Revoked since the line above: the next look says so, in the entrance's words.
            return _later("not possible now, ask again")
        return web.json_response({"now": self._now(), "board": view(data, self._languages[visitor.locale])})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Events `state` (`{"now", "board"}`, with an id) after changes and `beat` (`{"now"}`) at least each 3 s.

        First `hello` (`{"now"}`), which says nothing of what a screen shows.
        """
        visitor = await self._entrance.visitor(request, Page.BOARD)
        try:
            with self._live.watch(visitor.person.staff_id, _abort(request)) as viewer:
                return await self._stream(request, viewer)
        except FullError:
            return _later("too many screens")

    async def _stream(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        stream = EventSourceResponse(ping_interval=_NO_PINGS_S, send_timeout=SEND_TIMEOUT_S)
        await stream.prepare(request)
        async with stream:
            try:
                await self._send_all(request, viewer, stream)
            except (ConnectionError, TimeoutError):
                _log.debug("board_viewer_gone", staff=viewer.staff_id)
        return stream

    async def _send_all(self, request: web.Request, viewer: Viewer, stream: EventSourceResponse) -> None:
        # Who comes back with the newest state has it already.
        seen = request.headers.get(EventSourceResponse.DEFAULT_LAST_EVENT_HEADER, "")
        # No beat: nobody has looked yet.
        await stream.send(json.dumps({"now": self._now()}), event="hello", retry=RETRY_MS)
        while await viewer.rung():
            try:
                visitor = await self._entrance.visitor(request, Page.BOARD)
            except web.HTTPUnauthorized:
                return
            except web.HTTPServiceUnavailable:
                continue
            state = self._live.state(visitor.locale)
            if state is None or state.id == seen:
                await stream.send(json.dumps({"now": self._now()}), event="beat")
            else:
                text = f'{{"now":"{self._now()}","board":{state.text}}}'
                await stream.send(text, event="state", id=state.id)
                seen = state.id

    async def _read(self, staff_id: str) -> dict[str, Any] | None:
        outcome = await self._board.read(staff_id)
        if outcome.refusal is not None:
            return None
        data: dict[str, Any] = outcome.params["board"]
        # The time is told with each event; in the state it would make every look a change.
        return {key: value for key, value in data.items() if key != "now"}

    def _now(self) -> str:
        return self._clock().isoformat()


def _abort(request: web.Request) -> Callable[[], None]:
    def abort() -> None:
        if request.transport is not None:
            request.transport.abort()

    return abort


def _later(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
