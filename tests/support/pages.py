"""The pages' web server without the rest of Muster: a door's school, and a browser in front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.domain.page import Page
from bot.domain.roster import Person
from bot.services.entering import make_link
from bot.services.turn import Turn
from handlers.web.attempts import Attempts
from handlers.web.entrance import Entrance
from integrations.telegram.web_app import read_init_data
from tests.support import cast
from tests.support.door import Door

Browser = TestClient[web.Request, web.Application]


@asynccontextmanager
async def open_pages(
    door: Door,
    add: Callable[[web.Application, Entrance], Any],
    *,
    base_url: str = "http://127.0.0.1",
    framed_by: tuple[str, ...] = (),
    attempts: Attempts | None = None,
) -> AsyncIterator[Browser]:
    """`add` puts the page's routes into the site; `browser.get("/enter/" + await code(door, …))` lets in."""
    entrance = Entrance(
        door.services.entry,
        door.languages,
        lambda said: read_init_data(said, cast.TOKEN, now=door.now),
        base_url=base_url,
        framed_by=framed_by,
        attempts=attempts,
    )
    site = web.Application()
    entrance.install(site)
    add(site, entrance)
    async with TestClient(TestServer(site)) as browser:
        yield browser


async def code(door: Door, person: Person, page: Page) -> str:
    """A fresh link's code, as a service hands it out."""
    return await door.database.write(
        lambda tx: make_link(Turn(tx, door.school, door.now), person.staff_id, page)
    )
