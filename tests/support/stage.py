"""The whole program on a stage: the real Muster, the local Bot API, phones in people's hands, a clock to move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from bot.app import Muster
from bot.config import load
from bot.delivery.limiter import Limits as PacedLimits
from bot.domain.roster import Person
from bot.domain.roster_diff import Roster
from bot.ports import utc_now
from bot.services.importing import apply_roster
from bot.storage.database import Database
from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.phone import PATIENT_S
from tests.support import cast, databases

# The limits have tests of their own; a scenario need not wait a minute for its next line.
UNLIMITED = PacedLimits(
    per_second=10_000, paced_per_second=9_000, private_every_s=0.001, group_per_minute=100_000
)


BEGINNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Tuesday in term, whenever the tests run: none of them may depend on the hour or the year outside."""


class Clock:
    """Goes at the real speed from `BEGINNING`, moved forward by hand."""

    def __init__(self) -> None:
        self.set(BEGINNING)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def set(self, moment: datetime) -> None:
        """It is that time now; `utc_now()` for tests beside programs with clocks of their own."""
        self.ahead = moment - utc_now()


class Stage:
    """`phone(person)` acts; `says` waits for what a phone shows; `after` moves the clock."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.simulator = simulator
        self.clock = Clock()
        self.limits = UNLIMITED
        self.muster: Muster | None = None

    @classmethod
    async def set(cls, folder: Path, limits: Limits | None = None) -> Self:
        """Everybody is there, Muster is not running yet."""
        simulator = Simulator(token=cast.TOKEN, limits=limits or Limits.none())
        for person in cast.CAST:
            language = "en" if person.roster_locale == "en" else "zh-hans"
            simulator.add_user(person.telegram_id, person.name.en, language_code=language, started=True)
        simulator.add_user(cast.STRANGER, "Stranger", language_code="en")
        members = [person.telegram_id for person in (cast.CHEN, cast.LI, cast.ZHAO, cast.SUN)]
        simulator.add_group(cast.CENTRE, "指挥中心", members=members, is_forum=True)
        readers = [person.telegram_id for person in (cast.CHEN, cast.EMILY)]
        simulator.add_channel(cast.CHANNEL, "通知", members=readers)
        await simulator.start()
        stage = cls(folder, simulator)
        text = cast.SETTINGS.format(token=cast.TOKEN, api_url=simulator.url, port=0)
        stage.fill_roster()
        text += databases.section(folder / "var" / "muster.db")
        (folder / "school.toml").write_text(text, encoding="utf-8")
        return stage

    def fill_roster(self) -> None:
        """As `muster roster import` does."""
        databases.place(self.folder / "var" / "muster.db", fill_with_cast)

    async def enrol(self, *people: Person) -> None:
        """More people, on the roster and with a phone."""
        for person in people:
            self.simulator.add_user(person.telegram_id, person.name.en, started=True)
        assert self.muster is not None
        await self.muster.database.write(lambda tx: tx.people.save(people))

    async def start(self) -> None:
        """Start Muster (again)."""
        settings = load(self.folder / "school.toml", {})
        self.muster = Muster(settings, clock=self.clock, limits=self.limits)
        await self.muster.start()

    async def stop(self) -> None:
        """Stop Muster."""
        if self.muster is not None:
            muster, self.muster = self.muster, None
            await muster.stop()

    def phone(self, person: Person | int) -> Any:
        """The person's phone in the simulator."""
        return self.simulator.phone(person if isinstance(person, int) else person.telegram_id)

    async def after(self, **time: float) -> None:
        """So much later."""
        self.clock.ahead += timedelta(**time)
        assert self.muster is not None
        await self.muster.services.chasing.tick()
        await self.muster.services.announcement_clock.tick()

    async def says(
        self, person: Person | int, what: str | Callable[[dict[str, Any]], bool], **where: Any
    ) -> dict[str, Any]:
        """Wait until that person's phone shows it; the message."""
        return await self.phone(person).wait_for(what, **where)

    def heard(self, person: Person | int, words: str, *where: Any, **named: Any) -> list[dict[str, Any]]:
        """What that phone shows now with these words in its text, oldest first; no captions."""
        shown = self.phone(person).messages(*where, **named)
        return [message for message in shown if words in message.get("text", "")]

    def topic(self, title: str) -> int | None:
        """The thread id of the topic whose name contains `title`."""
        found = [t for t in self.phone(cast.CHEN).topics(cast.CENTRE) if title in t.name]
        return found[-1].id if found else None

    def topic_name(self, title: str) -> str:
        """The whole name of that topic."""
        return next(t.name for t in self.phone(cast.CHEN).topics(cast.CENTRE) if title in t.name)

    def topics(self) -> list[str]:
        """The names of all topics."""
        return [topic.name for topic in self.phone(cast.CHEN).topics(cast.CENTRE)]

    async def topic_named(self, title: str, timeout: float = PATIENT_S) -> int:
        """Wait for that topic."""
        async with asyncio.timeout(timeout):
            while (thread := self.topic(title)) is None:
                await asyncio.sleep(0.02)
        return thread

    async def read(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Look into the database."""
        assert self.muster is not None
        return await self.muster.database.read(fn, *args)

    async def quiet(self, timeout: float = 2 * PATIENT_S) -> None:
        """Wait until everything that came in is dealt with and everything has gone out."""
        async with asyncio.timeout(timeout):
            while self.simulator.updates_pending() or await self.read(_is_busy):
                await asyncio.sleep(0.02)


def fill_with_cast(database: Database) -> None:
    """The whole cast with their classes and pupils."""
    roster = Roster(
        people={person.staff_id: person for person in cast.CAST},
        classes={item.name: item for item in cast.CLASSES},
        pupils={item.student_no: item for item in cast.PUPILS},
    )
    database.write_now(apply_roster, roster, by="test", at=utc_now())


def _is_busy(tx: Any) -> bool:
    return bool(tx.inbox.counts().new or sum(lane.queued for lane in tx.outbox.counts(utc_now())))


@asynccontextmanager
async def staged(folder: Path, limits: Limits | None = None) -> AsyncIterator[Stage]:
    """A stage with Muster running; everything is taken down at the end."""
    stage = await Stage.set(folder, limits)
    try:
        await stage.start()
        yield stage
    finally:
        await stage.stop()
        await stage.simulator.stop()
