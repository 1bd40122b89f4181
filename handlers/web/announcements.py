"""What anybody may read: `/announcements`, each by its number as page, JSON and CAP, and the Atom feed.

The same for everybody, so that it may be kept by whoever passes it on; nothing on it needs a script. What is for
staff has the same pages at `/announcements/{id}-{code}`, which no list, feed or search engine shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import segno
from aiohttp import ETag, web

from bot.errors import StorageError
from bot.i18n import LOCALES, Language, Languages, normalise_locale
from bot.ports import Clock
from bot.services.public_page import Posted, PublicPage, Standing
from bot.services.signing import fingerprint
from handlers.web.announcement_words import shown
from handlers.web.announcement_xml import ATOM_TYPE, CAP_TYPE, Site, cap_of, feed_of
from handlers.web.rendering import PageWords, render
from handlers.web.shelf import Shelf

# A correction is read by everybody half a minute later at the latest.
KEPT: Final = "public, max-age=30"
# What only its readers know the address of is kept by nobody on the way.
KEPT_UNLISTED: Final = "private, max-age=30"
RETRY_AFTER_S: Final = 5
HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, the same for all who ask for it. `is_listed`: whether anybody may come upon it."""

    body: bytes = field(repr=False)
    content_type: str
    status: int = 200
    is_listed: bool = True

    @property
    def version(self) -> str:
        """For the ETag."""
        return hashlib.sha256(self.body).hexdigest()[:16]


class AnnouncementRoutes:
    """`base_url`: what links start with. `phone`: the school's own, shown to who is in doubt."""

    def __init__(
        self, public: PublicPage, languages: Languages, clock: Clock, *, base_url: str, phone: str = ""
    ) -> None:
        self._public = public
        self._languages = languages
        self._phone = phone
        self._began = clock()
        host = urlsplit(base_url).hostname or "localhost"
        self._site = Site(base_url, host, languages[None].timezone)
        self._shelf: Shelf[Page] = Shelf()

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.get("/announcements", self.listing),
            web.get("/announcements.atom", self.feed),
            web.get("/announcements/{id:[^/.]+}", self.one),
            web.get("/announcements/{id:[^/.]+}.json", self.signed),
            web.get("/announcements/{id:[^/.]+}.cap.xml", self.cap),
        ]

    # ── the addresses ──────────────────────────────────────────────────────────────────────────────────────
    async def listing(self, request: web.Request) -> web.Response:
        """What holds now, and below it what no longer does."""
        language = self._language(request)

        async def make() -> Page:
            found = await self._public.newest()
            return self._page(request, "announcements.html", language, found, page="")

        return await self._answer(request, f"{language.locale}", make)

    async def one(self, request: web.Request) -> web.Response:
        """One number: the text, all its revisions, and how to check it."""
        language, number = self._language(request), request.match_info["id"].upper()

        async def make() -> Page:
            found = await self._public.chain(number)
            if not found:
                return self._unknown(request, language)
            return self._page(request, "announcement.html", language, found, page=found[0].page)

        return await self._answer(request, f"{language.locale}:{number}", make)

    async def signed(self, request: web.Request) -> web.Response:
        """The newest revision, or `?revision=n`, as `muster verify` reads it."""

        def document(posted: Posted) -> Page:
            signed = self._public.signed(posted, self._site.address(posted.page))
            body = json.dumps(signed, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
            return Page(body.encode(), "application/json", is_listed=posted.is_listed)

        return await self._revision(request, "json", document)

    async def cap(self, request: web.Request) -> web.Response:
        """The newest revision, or `?revision=n`, as CAP 1.2."""
        languages = [self._languages[locale] for locale in LOCALES]

        def document(posted: Posted) -> Page:
            body = cap_of(posted.published, languages, self._site)
            return Page(body, CAP_TYPE, is_listed=posted.is_listed)

        return await self._revision(request, "cap", document)

    async def feed(self, request: web.Request) -> web.Response:
        """Atom, in the reader's language."""
        language = self._language(request)

        async def make() -> Page:
            words = PageWords(language)
            title = words.say("{school}: announcements", school=words.name(self._public.school()))
            body = feed_of(await self._public.newest(), language, self._site, title=title, began=self._began)
            return Page(body, ATOM_TYPE)

        return await self._answer(request, f"{language.locale}:atom", make)

    # ── how they are answered ──────────────────────────────────────────────────────────────────────────────
    async def _revision(
        self, request: web.Request, kind: str, document: Callable[[Posted], Page]
    ) -> web.Response:
        number, wanted = request.match_info["id"].upper(), request.query.get("revision", "")
        language = self._language(request)

        async def make() -> Page:
            found = await self._public.chain(number)
            chosen = [one for one in found if wanted in ("", str(one.published.revision))]
            return document(chosen[0]) if chosen else self._unknown(request, language)

        return await self._answer(request, f"{kind}:{number}:{wanted[:9]}:{language.locale}", make)

    async def _answer(
        self, request: web.Request, key: str, make: Callable[[], Awaitable[Page]]
    ) -> web.Response:
        try:
            page = await self._shelf.get(key, make)
        except StorageError:
            return web.Response(
                status=503,
                text="503: try again in a few seconds",
                headers={"Retry-After": str(RETRY_AFTER_S)},
            )
        has_it = any(tag.value in {page.version, "*"} for tag in request.if_none_match or ())
        is_there = page.status == web.HTTPOk.status_code
        answer = web.Response(status=304) if has_it and is_there else _response(page)
        if is_there:
            answer.etag = ETag(page.version)
        answer.headers["Cache-Control"] = KEPT if page.is_listed else KEPT_UNLISTED
        if not page.is_listed:
            answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        answer.headers["Vary"] = "Accept-Language"
        return answer

    def _page(
        self, request: web.Request, template: str, language: Language, found: list[Posted], *, page: str
    ) -> Page:
        words = PageWords(language)
        posts = [shown(one, language) for one in found]
        context: dict[str, Any] = {
            "school": self._public.school(),
            "phone": self._phone,
            "current": [one for one in posts if one.standing == Standing.HOLDS],
            "past": [one for one in posts if one.standing != Standing.HOLDS],
            "other": _other(language.locale),
            "path": f"/announcements/{page}" if page else "/announcements",
        }
        if page:
            address = self._site.address(page)
            signed = self._public.signed(found[0], address)
            context |= {
                "posts": posts,
                "is_listed": found[0].is_listed,
                "address": address,
                "qr": segno.make(address, error="m").svg_data_uri(border=2, scale=4),
                "signature": signed["signature"],
                "key": fingerprint(signed["public_key"]),
            }
        body = render(request, template, words, **context)
        return Page(body.encode(), HTML, is_listed=all(one.is_listed for one in found))

    def _unknown(self, request: web.Request, language: Language) -> Page:
        words = PageWords(language)
        notice = {
            "lang": words.lang,
            "title": words.say("There is no announcement with this number"),
            "text": words.say("If somebody sent you this address: the school has published nothing there."),
        }
        body = render(request, "notice.html", words, notices=[notice])
        return Page(body.encode(), HTML, status=404)

    def _language(self, request: web.Request) -> Language:
        """As the address says, else as the browser does, else the school's."""
        said = [request.query.get("lang", "")]
        said += [one.partition(";")[0] for one in request.headers.get("Accept-Language", "").split(",")[:8]]
        known = (normalise_locale(one) for one in said)
        return self._languages[next((one for one in known if one), None)]


def _response(page: Page) -> web.Response:
    return web.Response(body=page.body, status=page.status, content_type=page.content_type, charset="utf-8")


def _other(locale: str) -> tuple[str, str]:
    """(lang, its own name) of the language that this page is not in."""
    return ("en", "English") if locale.startswith("zh") else ("zh-Hans", "中文")
