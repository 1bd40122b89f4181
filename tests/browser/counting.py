"""The list page as class leads hold it: the real Muster, a roll call begun by an order, their browsers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, ViewportSize

from bot.app import Muster
from bot.domain.headcount import CountedClass, Said
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.page import Page as Place
from bot.domain.response import ResponseAction
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster
from bot.ports import utc_now
from bot.services.calling_roll import close_roll_call
from bot.services.entering import make_link
from bot.services.importing import apply_roster
from bot.services.opening import open_incident
from bot.services.responding import order_action
from bot.services.turn import Turn
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from integrations.telegram.simulator import Limits
from tests.support import cast
from tests.support.cast import CHEN, EMILY, WANG
from tests.support.databases import place
from tests.support.stage import Stage

# Leads 7-3 together with Wang Fang, and reads English.
CARTER = replace(EMILY, roles=EMILY.roles | {Role.CLASS_LEAD}, classes=("7-3",))
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", ("子涵", "浩然", "欣怡", "一诺", "宇轩")
SIZES = {"7-3": 40, "7-4": 38} | {f"{grade}-{n}": 4 for grade in "89" for n in range(1, 13)}
# A page asks again every five seconds.
SOON_MS = 20_000


def roster() -> Roster:
    """Two classes as large as real ones, and twenty-four small ones."""
    classes = {name: SchoolClass(name, name[0], "A3", "field") for name in SIZES}
    names = (f"{surname}{given}" for given in GIVEN * 3 for surname in SURNAMES)
    pupils = [
        Pupil(f"{name.replace('-', '0')}{n:02}", next(names), name)
        for name, size in SIZES.items()
        for n in range(1, size + 1)
    ]
    people = {person.staff_id: person for person in cast.CAST} | {CARTER.staff_id: CARTER}
    return Roster(people, classes, {pupil.student_no: pupil for pupil in pupils})


def _fill(database: Database) -> None:
    database.write_now(apply_roster, roster(), by="test", at=utc_now())


class Counting(Stage):
    """`begin` and `close` a roll call; `enter` opens somebody's page."""

    def fill_roster(self) -> None:
        """More pupils than the cast's school has."""
        place(self.folder / "var" / "muster.db", _fill)

    @property
    def running(self) -> Muster:
        assert self.muster is not None
        return self.muster

    async def begin(self, action: ResponseAction = ResponseAction.EVACUATE, mode: Mode = Mode.DRILL) -> None:
        """The commander orders it."""

        def order(turn: Turn) -> None:
            incident = open_incident(
                turn, mode=mode, severity=Severity.SEVERE, kind=Kind.FIRE, zone="A3", reporter_id=None
            )
            order_action(turn, incident, action, ())

        await self._turn(order)

    async def order(self, action: ResponseAction) -> None:
        """Another action, in the same incident."""
        await self._turn(lambda turn: order_action(turn, turn.tx.incidents.list_open()[0], action, ()))

    async def close(self) -> None:
        """The danger is over."""
        await self._turn(lambda turn: close_roll_call(turn, turn.tx.incidents.list_open()[0], "sight"))

    async def _turn(self, unit: Callable[[Turn], None]) -> None:
        def whole(tx: Transaction) -> None:
            turn = Turn(tx, self.running.school, self.clock(), asker=CHEN)
            unit(turn)
            turn.finish()

        await self.running.database.write(whole)

    async def counted(self, name: str = "7-3") -> CountedClass:
        """The class as it stands."""
        found = await self.read(lambda tx: tx.headcounts.find_class(1, name))
        assert found is not None
        return found

    async def said(self, what: Said) -> int:
        """How often it was said."""
        return len([one for one in await self.read(lambda tx: tx.headcounts.said(1)) if one.said is what])

    async def enter(self, page: Page, person: Person = WANG) -> None:
        """By a fresh link."""
        code = await self.running.database.write(
            lambda tx: make_link(
                Turn(tx, self.running.school, self.clock()), person.staff_id, Place.HEADCOUNT
            )
        )
        await page.goto(f"{self.running.web_url}/enter/{code}")


@asynccontextmanager
async def counting(folder: Path) -> AsyncIterator[Counting]:
    """The school, no roll call yet."""
    stage = await Counting.set(folder, Limits.none())
    try:
        await stage.start()
        yield stage
    finally:
        await stage.stop()
        await stage.simulator.stop()


@asynccontextmanager
async def phone(
    browser: Browser,
    stage: Counting,
    *,
    width: int = 360,
    height: int = 740,
    is_refusal: bool = False,
    **more: Any,
) -> AsyncIterator[Page]:
    """A phone of its own. It must complain of nothing and ask nobody but Muster.

    `is_refusal`: Muster refuses something on purpose, which browsers put into the console by themselves.
    """
    size: ViewportSize = {"width": width, "height": height}
    context = await browser.new_context(viewport=size, timezone_id="Asia/Shanghai", locale="zh-CN", **more)
    page = await context.new_page()
    expected = ("ERR_INTERNET_DISCONNECTED", *(("status of 4",) if is_refusal else ()))
    complaints: list[str] = []
    hosts: set[str] = set()

    def hear(line: ConsoleMessage) -> None:
        if line.type == "error" and not any(words in line.text for words in expected):
            complaints.append(line.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", hear)
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    yield page
    assert hosts == {urlsplit(stage.running.web_url).netloc}
    assert complaints == []
    await context.close()


async def is_kept_offline(page: Page) -> None:
    """Wait until the phone has the shell."""
    await page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def button(page: Page, name: str) -> Locator:
    """By its whole text."""
    return page.get_by_role("button", name=name, exact=True)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so; TimeoutError after `SOON_MS`."""
    async with asyncio.timeout(SOON_MS / 1000):
        while not await is_so():
            await asyncio.sleep(0.05)


def row(page: Page, name: str) -> Locator:
    """One pupil's row."""
    return page.locator(".row", has_text=name)


async def choose(page: Page, name: str, choice: str) -> None:
    """By the dots of the row."""
    await row(page, name).locator(".dots").click()
    await page.get_by_role("dialog").get_by_role("button", name=choice, exact=True).click()


async def is_sent(page: Page) -> None:
    """Nothing waits on this phone any more."""
    async with asyncio.timeout(SOON_MS / 1000):
        while await page.evaluate(
            "() => Object.keys(localStorage).some((one) => one.startsWith('muster.mark'))"
        ):
            await asyncio.sleep(0.05)
