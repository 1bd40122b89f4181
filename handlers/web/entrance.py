"""The way into the pages: `/enter/{code}` by a one-time link, `/enter/telegram/{page}` from a Mini App; who is there.

A browser that came by a link has a cookie for its page. Telegram's web client shows a Mini App in a frame of another
site, where cookies are not sent: the page's script trades its init data for a token and sends that as Bearer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.domain.page import SESSION_LIFE, InitDataError, InitDataFlaw, Page
from bot.errors import StorageError
from bot.i18n import LOCALES, Languages, sentence
from bot.services.entering import Entry, EntryService, Visitor
from handlers.web.assets import Assets
from handlers.web.attempts import Attempts
from handlers.web.doors import bearer
from handlers.web.rendering import PageWords, render, set_up_templates
from handlers.web.shield import Shield

# Init data is at most 4 KiB, which JSON may write in six times as many bytes.
BODY_CAP: Final = 32 * 1024
READ_WITHIN_S: Final = 10.0
RETRY_AFTER_S: Final = 5
OWN_HEADER: Final = "X-Muster"
_SAFE: Final = frozenset({"GET", "HEAD"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Notice:
    """A small page instead of the one asked for."""

    title: str
    text: str


SPENT: Final = Notice(
    sentence("This link opens nothing any more"),
    sentence(
        "Each link works once, and only for a few minutes. Ask the bot for a new one: /headcount, /board, /snapshot."
    ),
)
CLOSED: Final = Notice(
    sentence("This page opens by a link from the bot"),
    sentence("Send the bot /headcount, /board or /snapshot, and open the link in its answer."),
)
LATER: Final = Notice(sentence("Not possible just now"), sentence("Try again in a few seconds."))


def cookie_of(page: Page) -> str:
    """The cookie's name."""
    return f"muster_{page.value}"


class Entrance:
    """Lets people in, and tells the pages who they are.

    `read_init_data`: validated init data to a Telegram id, or InitDataError. `base_url`: what links start with; over
    https the cookies are for https only. `framed_by`: further origins that may show the headcount in a frame.
    """

    def __init__(
        self,
        entry: EntryService,
        languages: Languages,
        read_init_data: Callable[[str], int],
        *,
        base_url: str,
        framed_by: Iterable[str] = (),
        attempts: Attempts | None = None,
    ) -> None:
        self._entry = entry
        self._languages = languages
        self._read_init_data = read_init_data
        url = urlsplit(base_url)
        self._is_https = url.scheme == "https"
        self._origin = f"{url.scheme}://{url.netloc}"
        self._shield = Shield(framed_by)
        self._assets = Assets()
        self._attempts = Attempts() if attempts is None else attempts

    def install(self, site: web.Application) -> None:
        """Routes, templates, static files, and the headers of all pages, whoever adds them."""
        set_up_templates(site, self._assets)
        site.on_response_prepare.append(self._shield.prepare)
        site.add_routes(self._assets.routes())
        site.add_routes(
            [
                web.get("/enter/{code}", self.enter),
                web.post(f"/enter/telegram/{{page:{'|'.join(Page)}}}", self.enter_by_telegram),
            ]
        )

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """303 with the cookie, once; afterwards 410. Who only looks (HEAD, a browser's prefetch) spends nothing."""
        if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return web.Response(status=204)
        try:
            entry = await self._entry.enter_by_link(request.match_info["code"])
        except StorageError as error:
            _log.error("entry_not_kept", error=str(error))
            raise self._notice(request, LATER, web.HTTPServiceUnavailable) from None
        if entry is None:
            raise self._notice(request, SPENT, web.HTTPGone)
        # Tells the page that it may be somebody else's from here on.
        answer = web.Response(status=303, headers={"Location": f"/{entry.page.value}#new"})
        answer.set_cookie(
            cookie_of(entry.page),
            entry.token,
            path=f"/{entry.page.value}",
            max_age=int(SESSION_LIFE[entry.page].total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self._is_https,
        )
        return answer

    async def enter_by_telegram(self, request: web.Request) -> web.Response:
        """`{"init_data": …}` → 200 `{"token": …}`; 401 not believed, not enrolled or no right; 429, 503."""
        page, peer = Page(request.match_info["page"]), request.remote or ""
        try:
            entry = await self._trade(request, page)
        except InitDataError as error:
            return self._refuse(peer, page, error.flaw.value)
        except StorageError as error:
            _log.error("entry_not_kept", error=str(error))
            return _problem(503, "not possible now, ask again", retry_after_s=RETRY_AFTER_S)
        if entry is None:
            return self._refuse(peer, page, "no right")
        return web.json_response({"token": entry.token})

    async def _trade(self, request: web.Request, page: Page) -> Entry | None:
        telegram_id = self._read_init_data(await _init_data(request))
        return await self._entry.enter_by_telegram(telegram_id, page)

    def _refuse(self, peer: str, page: Page, reason: str) -> web.Response:
        """Only failures wait: behind one address there may be a whole school that does nothing wrong."""
        if wait_s := self._attempts.wait_s(peer):
            return _problem(429, "failed too often", retry_after_s=wait_s)
        self._attempts.failed(peer)
        _log.warning("mini_app_refused", page=page.value, peer=peer, reason=reason)
        return _problem(401, "unauthorised")

    async def visitor(self, request: web.Request, page: Page) -> Visitor:
        """Who asks, by Bearer or cookie, looked up anew. Raises 401, 503, and 403 for other sites' writes.

        At `/{page}` itself the refusal is a page in both languages, below it JSON.
        """
        token = bearer(request.headers)
        if not token:
            token = request.cookies.get(cookie_of(page), "")
            if token and request.method not in _SAFE:
                self._check_is_own_script(request)
        try:
            visitor = await self._entry.whoami(token, page) if token else None
        except StorageError as error:
            _log.error("visitor_not_read", error=str(error))
            self._turn_away(request, page, LATER, web.HTTPServiceUnavailable)
        if visitor is None:
            self._turn_away(request, page, CLOSED, web.HTTPUnauthorized)
        return visitor

    def words(self, visitor: Visitor) -> PageWords:
        """The visitor's language."""
        return PageWords(self._languages[visitor.locale])

    def _check_is_own_script(self, request: web.Request) -> None:
        """A cookie goes along with what other sites make the browser send (CSRF); these do not.

        A form of another site cannot set a header of its own, and a script of another site only after a CORS
        preflight, which Muster never grants. What browsers say of where the request began counts as well.
        """
        fetch_site = request.headers.get("Sec-Fetch-Site", "same-origin")
        own = {self._origin, f"{request.scheme}://{request.host}"}
        is_own = fetch_site == "same-origin" and request.headers.get("Origin", self._origin) in own
        if not is_own or request.headers.get(OWN_HEADER) != "1":
            raise web.HTTPForbidden(
                text=json.dumps({"error": "not from this page"}), content_type="application/json"
            )

    def _turn_away(
        self, request: web.Request, page: Page, notice: Notice, kind: type[web.HTTPException]
    ) -> NoReturn:
        if request.path == f"/{page.value}" and request.method in _SAFE:
            raise self._notice(request, notice, kind)
        said = "unauthorised" if kind is web.HTTPUnauthorized else "not possible now, ask again"
        raise kind(
            text=json.dumps({"error": said}),
            content_type="application/json",
            headers=_hints(kind.status_code),
        )

    def _notice(
        self, request: web.Request, notice: Notice, kind: type[web.HTTPException]
    ) -> web.HTTPException:
        """In both languages, the school's first: nobody knows yet who reads it."""
        locales = sorted(LOCALES, key=lambda locale: locale != self._languages.default)
        all_words = [PageWords(self._languages[locale]) for locale in locales]
        notices = [
            {"lang": words.lang, "title": words.say(notice.title), "text": words.say(notice.text)}
            for words in all_words
        ]
        text = render(request, "notice.html", all_words[0], notices=notices)
        return kind(text=text, content_type="text/html", headers=_hints(kind.status_code))


async def _init_data(request: web.Request) -> str:
    """The one string of the body. InitDataError."""
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            await request.content.readexactly(BODY_CAP + 1)
        raise InitDataError(InitDataFlaw.TOO_BIG)
    except asyncio.IncompleteReadError as whole:
        data = whole.partial
    except (TimeoutError, web.RequestPayloadError):
        raise InitDataError(InitDataFlaw.MALFORMED) from None
    try:
        said = json.loads(data)["init_data"]
    except (ValueError, TypeError, LookupError, RecursionError):
        raise InitDataError(InitDataFlaw.MALFORMED) from None
    if not isinstance(said, str):
        raise InitDataError(InitDataFlaw.MALFORMED)
    return said


def _hints(status: int) -> dict[str, str]:
    """What comes with this status."""
    if status == web.HTTPUnauthorized.status_code:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == web.HTTPServiceUnavailable.status_code else {}


def _problem(status: int, reason: str, *, retry_after_s: int = 0) -> web.Response:
    response = web.json_response({"error": reason}, status=status, headers=_hints(status))
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response
