"""`/liaison/{code}` and `/liaison`: facts of one incident for somebody outside. No script.

A link is spent by the button on its first page and not by opening it: chats and mail programs fetch links by
themselves to show a preview.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final, NoReturn

import structlog
from aiohttp import web

from bot.errors import StorageError
from bot.i18n import LOCALES, Languages, sentence
from bot.messages.liaison import page_lines, page_rows
from bot.messages.overview import mark
from bot.services.liaison import LiaisonService
from handlers.web.attempts import Attempts
from handlers.web.entrance import LATER, RETRY_AFTER_S, Notice
from handlers.web.rendering import PageWords, render
from handlers.web.shield import LIAISON

COOKIE: Final = "muster_liaison"
_TAGS: Final = re.compile(r"</?b>")
_CLOSED: Final = Notice(
    sentence("This link opens nothing any more"),
    sentence("It was opened already, is over, or was taken back. Ask the school for a new one."),
)
_DOOR: Final = Notice(
    sentence("For the liaison officer"),
    sentence("This link works once, on this phone. The school sees when it is opened."),
)
_OPEN: Final = sentence("Open the page")
_WAIT: Final = Notice(sentence("Too many attempts"), sentence("Try again in a minute."))

_log = structlog.get_logger(__name__)


class LiaisonRoutes:
    """Whoever has the secret is in; who they are, the school knows from whom it gave the link to."""

    def __init__(
        self,
        liaison: LiaisonService,
        languages: Languages,
        *,
        is_https: bool,
        attempts: Attempts | None = None,
    ) -> None:
        self._liaison = liaison
        self._languages = languages
        self._is_https = is_https
        self._attempts = Attempts() if attempts is None else attempts

    def routes(self) -> list[web.RouteDef]:
        """For the site."""
        return [
            web.get(f"/{LIAISON}", self.page),
            web.get(f"/{LIAISON}/{{code}}", self.door),
            web.post(f"/{LIAISON}/{{code}}", self.enter),
        ]

    async def door(self, request: web.Request) -> web.Response:
        """A page with one button; 410 when the link is spent."""
        try:
            is_fresh = await self._liaison.is_fresh(request.match_info["code"])
        except StorageError as error:
            self._fail(request, error)
        if not is_fresh:
            self._refuse(request)
        all_words = self._all_words(request)
        doors = [
            {
                "lang": words.lang,
                "title": words.say(_DOOR.title),
                "text": words.say(_DOOR.text),
                "open": words.say(_OPEN),
            }
            for words in all_words
        ]
        text = render(request, "liaison_door.html", all_words[0], doors=doors)
        return web.Response(text=text, content_type="text/html")

    async def enter(self, request: web.Request) -> web.Response:
        """303 with the cookie, once; afterwards 410."""
        try:
            opened = await self._liaison.enter(request.match_info["code"])
        except StorageError as error:
            self._fail(request, error)
        if opened is None:
            self._refuse(request)
        answer = web.Response(status=303, headers={"Location": f"/{LIAISON}"})
        answer.set_cookie(
            COOKIE,
            opened.token,
            path=f"/{LIAISON}",
            # No moment: the clock out there need not be the school's.
            max_age=int(opened.lasts.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self._is_https,
        )
        return answer

    async def page(self, request: web.Request) -> web.Response:
        """How it stands now; 401 without a session, after its time, and when it was taken back."""
        token = request.cookies.get(COOKIE, "")
        try:
            told = await self._liaison.read(token) if token else None
        except StorageError as error:
            self._fail(request, error)
        if told is None:
            self._refuse(request, web.HTTPUnauthorized)
        words = self._all_words(request)[0]
        language = self._languages[words.lang.replace("-", "_")]
        text = render(
            request,
            "liaison.html",
            words,
            told=told,
            mark=_plain(mark(told, language)).strip(),
            rows=[(_plain(label), _plain(said)) for label, said in page_rows(told, language)],
            lines=[_plain(line) for line in page_lines(told, language)],
            other={"zh-Hans": "en"}.get(words.lang, "zh_Hans"),
        )
        return web.Response(text=text, content_type="text/html")

    def _all_words(self, request: web.Request) -> list[PageWords]:
        """Each language, first the one asked for, else the school's."""
        first = request.query.get("lang", "")
        first = first if first in LOCALES else self._languages.default
        return [PageWords(self._languages[one]) for one in sorted(LOCALES, key=lambda one: one != first)]

    def _fail(self, request: web.Request, error: StorageError) -> NoReturn:
        _log.error("liaison_not_read", error=str(error))
        raise self._notice(
            request, LATER, web.HTTPServiceUnavailable, {"Retry-After": str(RETRY_AFTER_S)}
        ) from None

    def _refuse(self, request: web.Request, kind: type[web.HTTPException] = web.HTTPGone) -> NoReturn:
        peer = request.remote or ""
        if wait_s := self._attempts.wait_s(peer):
            raise self._notice(request, _WAIT, web.HTTPTooManyRequests, {"Retry-After": str(wait_s)})
        self._attempts.failed(peer)
        _log.warning("liaison_refused", peer=peer)
        raise self._notice(request, _CLOSED, kind, {})

    def _notice(
        self, request: web.Request, notice: Notice, kind: type[web.HTTPException], headers: dict[str, str]
    ) -> web.HTTPException:
        all_words = self._all_words(request)
        notices = [
            {"lang": words.lang, "title": words.say(notice.title), "text": words.say(notice.text)}
            for words in all_words
        ]
        text = render(request, "notice.html", all_words[0], notices=notices)
        return kind(text=text, content_type="text/html", headers=headers)


def _plain(line: Any) -> str:
    """A sentence for Telegram as plain text; the template escapes it."""
    return html.unescape(_TAGS.sub("", line))
