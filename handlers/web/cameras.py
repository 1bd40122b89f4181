"""`/cameras-view`: pictures of where something goes on, for who may see them; each one is in the register."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiohttp import web

from bot.domain.look import Shot
from bot.domain.outcome import Outcome
from bot.domain.page import Page
from bot.errors import MusterError, StorageError
from bot.i18n import Languages, sentence
from bot.messages.answers import toast
from bot.messages.camera import barrier_text, problem_text
from bot.messages.labels import kind_label
from bot.messages.overview import mark
from bot.services.entering import Visitor
from bot.services.viewing_page import ViewingPageService
from handlers.web.entrance import RETRY_AFTER_S, Entrance
from handlers.web.rendering import render

BODY_CAP: Final = 4 * 1024
MOST_LOOKS: Final = 10**15
READ_WITHIN_S: Final = 10.0
NOT_NOW: Final = sentence("Not possible just now. Try again in a few seconds.")
UNREADABLE: Final = sentence("This page is out of date. Please load it again.")
WORDS: Final = {
    "show": sentence("Show"),
    "refresh": sentence("Refresh"),
    "loading": sentence("Asking the camera …"),
    "failed": NOT_NOW,
    "alt": sentence("Picture of {camera}, {time}"),
    "closed": sentence("Your time on this page is over. Send the bot /snapshot for a new link."),
}

Wanted = tuple[str, str] | int
"""A camera and why, or the look at a recording."""
Show = Callable[[int, str], Awaitable[Shot]]

_log = structlog.get_logger(__name__)


class CameraRoutes:
    """`show` takes one picture for a look and notes it, in the language of a locale."""

    def __init__(
        self, page: ViewingPageService, show: Show, entrance: Entrance, languages: Languages
    ) -> None:
        self._page = page
        self._show = show
        self._entrance = entrance
        self._languages = languages

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [web.get("/cameras-view", self.page), web.post("/cameras-view/picture", self.picture)]

    async def page(self, request: web.Request) -> web.Response:
        """Which cameras there are; its script asks for the pictures of the place where something goes on."""
        visitor = await self._entrance.visitor(request, Page.CAMERAS)
        words, language = self._entrance.words(visitor), self._languages[visitor.locale]
        try:
            outcome = await self._page.read(visitor.person.staff_id)
        except StorageError as error:
            _log.error("cameras_not_read", error=str(error))
            raise _refused(503, "not now", words.say(NOT_NOW)) from None
        nothing = {"incidents": [], "cameras": [], "recorded": [], "needs_reason": True}
        data = outcome.params.get("page", nothing)
        recorded = [one | {"time": language.to_second(one["at"])} for one in data["recorded"]]
        titles = [
            f"{mark(one, language)}{one['number']} {kind_label(one['kind'], language)}"
            + (f" · {words.name(one['zone'])}" if one["zone"] else "")
            for one in data["incidents"]
        ]
        text = render(
            request, "cameras.html", words, script_words=WORDS, titles=titles, **data | {"recorded": recorded}
        )
        return web.Response(text=text, content_type="text/html")

    async def picture(self, request: web.Request) -> web.Response:
        """`{"camera", "reason"}` or `{"look"}` → `{"picture": base64 JPEG, "time"}`; 403 and 502 say why not."""
        visitor = await self._entrance.visitor(request, Page.CAMERAS)
        wanted = await self._asked(request, visitor)
        try:
            outcome = await self._begin(visitor.person.staff_id, wanted)
            if outcome.refusal is not None:
                raise _refused(403, outcome.refusal.reason.value, toast(outcome, self._languages))
            shot = await self._show(int(outcome.params["look"]), visitor.locale)
        except MusterError as error:
            _log.error("camera_page_not_answered", error=str(error))
            raise _refused(503, "not now", self._entrance.words(visitor).say(NOT_NOW)) from None
        return self._answer(shot, visitor)

    def _answer(self, shot: Shot, visitor: Visitor) -> web.Response:
        language = self._languages[visitor.locale]
        if shot.is_refused:
            raise _refused(403, shot.params["barrier"], barrier_text(shot.params, language))
        if shot.picture is None:
            raise _refused(502, shot.params["problem"], problem_text(shot.params, language))
        picture = base64.b64encode(shot.picture).decode("ascii")
        return web.json_response({"picture": picture, "time": language.second(shot.params["captured_at"])})

    async def _begin(self, staff_id: str, wanted: Wanted) -> Outcome:
        if isinstance(wanted, int):
            return await self._page.begin_recorded(staff_id, wanted)
        return await self._page.begin(staff_id, *wanted)

    async def _asked(self, request: web.Request, visitor: Visitor) -> Wanted:
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                await request.content.readexactly(BODY_CAP + 1)
        except asyncio.IncompleteReadError as whole:
            data = whole.partial
        except (TimeoutError, web.RequestPayloadError):
            data = b""
        else:
            data = b""
        try:
            said: dict[str, Any] = json.loads(data)
            if type(said.get("look")) is int and 0 < said["look"] < MOST_LOOKS:
                return int(said["look"])
            camera_id, reason = said["camera"], said.get("reason", "")
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            camera_id = reason = None
        if not isinstance(camera_id, str) or not isinstance(reason, str):
            raise _refused(400, "unreadable", self._entrance.words(visitor).say(UNREADABLE))
        return camera_id, reason


_KINDS: Final[dict[int, type[web.HTTPException]]] = {
    400: web.HTTPBadRequest,
    403: web.HTTPForbidden,
    502: web.HTTPBadGateway,
    503: web.HTTPServiceUnavailable,
}


def _refused(status: int, error: str, text: str) -> web.HTTPException:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == web.HTTPServiceUnavailable.status_code else {}
    body = json.dumps({"error": error, "text": text}, ensure_ascii=False)
    return _KINDS[status](text=body, content_type="application/json", headers=headers)
