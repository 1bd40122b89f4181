"""What browsers are told about every answer below the pages' addresses, errors and streams included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from bot.domain.page import Page

STATIC: Final = "static"
ANNOUNCEMENTS: Final = "announcements"
FEED: Final = "announcements.atom"
# What is the same for everybody says itself how long it may be kept.
_FOR_ALL: Final = frozenset({STATIC, ANNOUNCEMENTS, FEED})
ENTER: Final = "enter"
LIAISON: Final = "liaison"
# Telegram's web client shows a Mini App in a frame.
TELEGRAM_WEB: Final = ("https://web.telegram.org", "https://*.telegram.org")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    # The address of a link is its secret.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
NO_STORE: Final = "no-store"


class Shield:
    """For `on_response_prepare`. `framed_by`: origins, besides Telegram's, that may show the headcount in a frame."""

    def __init__(self, framed_by: Iterable[str] = ()) -> None:
        framed = " ".join(("'self'", *TELEGRAM_WEB, *framed_by))
        self._ancestors = dict.fromkeys((*(page.value for page in Page), LIAISON, *_FOR_ALL), "'none'")
        # A spent link must say so inside the frame, too.
        self._ancestors |= {Page.HEADCOUNT.value: framed, ENTER: framed}

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add the headers; answers of other routes stay as they are."""
        place = request.path.removeprefix("/").partition("/")[0]
        ancestors = self._ancestors.get(place)
        if ancestors is None:
            return
        response.headers.update(_ALWAYS)
        response.headers["Content-Security-Policy"] = _POLICY + ancestors
        if place not in _FOR_ALL or "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = NO_STORE
