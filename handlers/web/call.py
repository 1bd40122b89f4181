"""`/call`: the number to tap, with what to say. Telegram's buttons take no `tel:` links, a page does."""

from __future__ import annotations

import html
import re
from typing import Any

import structlog
from aiohttp import web

from bot.domain.page import Page
from bot.errors import StorageError
from bot.i18n import Language, Languages
from bot.messages.call import facts
from bot.services.calling_out import CallService
from handlers.web.entrance import LATER, RETRY_AFTER_S, Entrance
from handlers.web.rendering import PageWords, render

_log = structlog.get_logger(__name__)
_TAGS = re.compile(r"</?b>")


class CallRoutes:
    """One page; each reader sees the calls that are theirs to make."""

    def __init__(self, calls: CallService, entrance: Entrance, languages: Languages) -> None:
        self._calls = calls
        self._entrance = entrance
        self._languages = languages

    def routes(self) -> list[web.RouteDef]:
        """For the site."""
        return [web.get("/call", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        """All open calls, the newest first."""
        visitor = await self._entrance.visitor(request, Page.CALL)
        language, words = self._languages[visitor.locale], self._entrance.words(visitor)
        try:
            outcome = await self._calls.read(visitor.person.staff_id)
        except StorageError as error:
            _log.error("calls_not_read", error=str(error))
            return _later(request, words)
        calls = [_card(one, words, language) for one in outcome.params.get("calls", ())]
        text = render(request, "call.html", words, calls=calls)
        return web.Response(text=text, content_type="text/html")


def _later(request: web.Request, words: PageWords) -> web.Response:
    notice = {"lang": words.lang, "title": words.say(LATER.title), "text": words.say(LATER.text)}
    text = render(request, "notice.html", words, notices=[notice])
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return web.Response(text=text, content_type="text/html", status=503, headers=headers)


def _card(one: dict[str, Any], words: PageWords, language: Language) -> dict[str, Any]:
    return {
        "name": words.name(one["name"]),
        "dial": one["dial"],
        # Only what a telephone takes: a setting is typed by people.
        "tel": re.sub(r"[^0-9+*#,]", "", one["dial"]),
        "number": one["number"],
        "is_drill": one["mode"] != "REAL",
        "facts": [plain(line) for line in facts({**one, "mode": "REAL"}, language)],
        "needs": words.name(one["needs"]),
        "state": one["state"],
    }


def plain(line: str) -> str:
    """A sentence for Telegram as plain text; the template escapes it."""
    return html.unescape(_TAGS.sub("", line))
