"""`/headcount`: the list on which leads tick their pupils. A shell without data, the data, the marks, the search.

Everybody gets the same shell, visitor or not: the phone keeps it for when the line is gone, and a Mini App learns
only in it who has opened it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.domain.headcount import Source
from bot.domain.outcome import Outcome
from bot.domain.page import Page
from bot.errors import Reason, StorageError
from bot.i18n import LOCALES, Languages, sentence
from bot.messages.answers import toast
from bot.services.counting import Mark
from bot.services.entering import Visitor
from bot.services.list_page import MOST, ListPageService, read_mark
from handlers.web.entrance import CLOSED, RETRY_AFTER_S, Entrance
from handlers.web.headcount_words import WORDS
from handlers.web.rendering import PageWords, render

# 200 marks with 300 characters each, as JSON may write them.
BODY_CAP: Final = 512 * 1024
READ_WITHIN_S: Final = 10.0
LONGEST_SEARCH: Final = 40
START: Final = "headcount.js"
# What the start imports, by plain address.
MODULES: Final = (
    "headcount_class.js",
    "headcount_dom.js",
    "headcount_door.js",
    "headcount_home.js",
    "headcount_model.js",
    "headcount_queue.js",
    "headcount_rows.js",
    "headcount_sheets.js",
    "headcount_store.js",
    "headcount_words.js",
)
STYLES: Final = ("page.css", "headcount.css", "headcount_parts.css", "headcount_sheets.css")
# Any other refusal is a conflict with what holds now.
STATUS_OF: Final = {
    Reason.NOT_ALLOWED: 403,
    Reason.NOT_YOUR_CLASS: 403,
    Reason.PAPER_ONLY_OFFICE: 403,
    Reason.STRANGER: 403,
    Reason.NOT_A_COUNT: 400,
    Reason.UNKNOWN_BUTTON: 404,
    Reason.NO_ROLL_CALL: 410,
    Reason.ROLL_CALL_OVER: 410,
    Reason.PURGED: 410,
}
KINDS: Final[dict[int, Callable[..., web.HTTPException]]] = {
    400: web.HTTPBadRequest,
    403: web.HTTPForbidden,
    404: web.HTTPNotFound,
    408: web.HTTPRequestTimeout,
    409: web.HTTPConflict,
    410: web.HTTPGone,
    413: partial(web.HTTPRequestEntityTooLarge, max_size=BODY_CAP, actual_size=BODY_CAP + 1),
    429: web.HTTPTooManyRequests,
    503: web.HTTPServiceUnavailable,
}
UNREADABLE: Final = sentence("Muster cannot read this. Nothing was changed.")
TOO_BIG: Final = sentence("This is too much at once. Nothing was changed.")
LATER: Final = sentence("Not possible just now. Try again in a few seconds.")

SEARCHES_A_MINUTE: Final = 60
MINUTE_S: Final = 60.0

_log = structlog.get_logger(__name__)


class HeadcountRoutes:
    """Who may count what is the service's question, asked at every mark."""

    def __init__(self, pages: ListPageService, entrance: Entrance, languages: Languages) -> None:
        self._pages = pages
        self._entrance = entrance
        self._languages = languages
        # By staff_id: as many entries as there are members of staff.
        self._searches: dict[str, deque[float]] = {}

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.get("/headcount", self.shell),
            web.get("/headcount/sw.js", self.worker),
            web.get("/headcount/data", self.data),
            web.post("/headcount/marks", self.mark),
            web.get("/headcount/search", self.search),
        ]

    async def shell(self, request: web.Request) -> web.Response:
        """The page without a single datum."""
        return web.Response(text=self._shell(request), content_type="text/html")

    def _shell(self, request: web.Request) -> str:
        locales = sorted(LOCALES, key=lambda locale: locale != self._languages.default)
        all_words = [PageWords(self._languages[locale]) for locale in locales]
        return render(
            request,
            "headcount.html",
            all_words[0],
            start=START,
            modules=MODULES,
            styles=STYLES[1:],
            tables={words.lang: words.table(WORDS) for words in all_words},
            notices=[
                {"lang": words.lang, "title": words.say(CLOSED.title), "text": words.say(CLOSED.text)}
                for words in all_words
            ],
        )

    async def worker(self, request: web.Request) -> web.Response:
        """The service worker: another one whenever a file of the shell is another."""
        asset = aiohttp_jinja2.get_env(request.app).globals["asset"]
        named = [asset(name) for name in (START, *STYLES)]  # type: ignore[operator]
        hashes = [asset(name) for name in MODULES]  # type: ignore[operator]
        version = hashlib.sha256("\n".join([self._shell(request), *hashes]).encode()).hexdigest()[:16]
        files = ["/headcount", *named, *(f"/static/{name}" for name in MODULES)]
        text = aiohttp_jinja2.render_string("headcount_sw.js", request, {"version": version, "files": files})
        return web.Response(
            text=text,
            content_type="text/javascript",
            # Its own address is below the page's.
            headers={"Service-Worker-Allowed": "/headcount"},
        )

    async def data(self, request: web.Request) -> web.Response:
        """`page_data` of the list page's service, and `lang`."""
        visitor = await self._entrance.visitor(request, Page.HEADCOUNT)
        class_id = _number(request.query.get("class_id", ""))
        outcome = await self._outcome(visitor, self._pages.read(visitor.person.staff_id, class_id))
        page = {**outcome.params["page"], "lang": self._entrance.words(visitor).lang}
        answer = web.json_response(page)
        answer.enable_compression()
        return answer

    async def mark(self, request: web.Request) -> web.Response:
        """`{class_id, marks: […], paper?, staff_id?, counted_from?}` → `{class}`.

        Each mark (`read_mark`) counts once by its key. `counted_from`: the page's `opened_at` when the marks
        were made. `staff_id`: who made the marks; who holds the phone by now must not say them again: 409.
        """
        visitor = await self._entrance.visitor(request, Page.HEADCOUNT)
        class_id, marks, source, counted_from = await self._read(request, visitor)
        outcome = await self._outcome(
            visitor, self._pages.mark(visitor.person.staff_id, class_id, marks, source, counted_from)
        )
        return web.json_response({"class": outcome.params["class"]})

    async def search(self, request: web.Request) -> web.Response:
        """`{hits}`: a few pupils of other classes."""
        visitor = await self._entrance.visitor(request, Page.HEADCOUNT)
        if self._is_too_fast(visitor.person.staff_id):
            raise self._problem(visitor, 429, "too many searches", LATER)
        class_id = _number(request.query.get("class_id", ""))
        word = request.query.get("q", "").strip()[:LONGEST_SEARCH]
        if class_id is None or not _is_text(word):
            raise self._problem(visitor, 400, "unreadable", UNREADABLE)
        outcome = await self._outcome(visitor, self._pages.search(visitor.person.staff_id, class_id, word))
        return web.json_response({"hits": outcome.params["hits"]})

    def _is_too_fast(self, staff_id: str) -> bool:
        """Who looks for one pupil asks a few times; who reads the whole school is held up."""
        now = time.monotonic()
        times = self._searches.setdefault(staff_id, deque(maxlen=SEARCHES_A_MINUTE))
        is_full = len(times) == SEARCHES_A_MINUTE and now - times[0] < MINUTE_S
        if not is_full:
            times.append(now)
        return is_full

    async def _read(
        self, request: web.Request, visitor: Visitor
    ) -> tuple[int, list[Mark], Source, datetime | None]:
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                await request.content.readexactly(BODY_CAP + 1)
            raise self._problem(visitor, 413, "too big", TOO_BIG)
        except asyncio.IncompleteReadError as whole:
            data = whole.partial
        except (TimeoutError, web.RequestPayloadError):
            raise self._problem(visitor, 408, "too slow", LATER) from None
        try:
            said = json.loads(data)
            class_id, marks = said["class_id"], [read_mark(mark) for mark in said["marks"]]
            is_paper = said.get("paper", False)
            counted_from = datetime.fromisoformat(said["counted_from"]) if "counted_from" in said else None
            made_by = said.get("staff_id", visitor.person.staff_id)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise self._problem(visitor, 400, "unreadable", UNREADABLE) from None
        if type(class_id) is not int or not 0 < class_id <= MOST or not isinstance(is_paper, bool):
            raise self._problem(visitor, 400, "unreadable", UNREADABLE)
        if made_by != visitor.person.staff_id:
            # Without words for the page: nothing is wrong with the marks, they wait for who made them.
            raise _refused(409, {"error": "another reader"})
        return class_id, marks, Source.PAPER if is_paper else Source.PAGE, counted_from

    async def _outcome(self, visitor: Visitor, asked: Awaitable[Outcome]) -> Outcome:
        """What the service did; its refusal as an answer."""
        try:
            outcome = await asked
        except StorageError as error:
            _log.error("list_page_not_answered", error=str(error))
            raise self._problem(visitor, 503, "not possible now, ask again", LATER) from None
        if outcome.refusal is None:
            return outcome
        text = toast(outcome, self._languages)
        reason = outcome.refusal.reason
        raise _refused(STATUS_OF.get(reason, 409), {"error": reason.value, "text": text})

    def _problem(self, visitor: Visitor, status: int, error: str, text: str) -> web.HTTPException:
        return _refused(status, {"error": error, "text": self._entrance.words(visitor).say(text)})


def _refused(status: int, said: dict[str, Any]) -> web.HTTPException:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == web.HTTPServiceUnavailable.status_code else {}
    text = json.dumps(said, ensure_ascii=False)
    return KINDS[status](text=text, content_type="application/json", headers=headers)


def _number(text: str) -> int | None:
    """A row's id; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) - 1 else None


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in word
