"""Fakes for the engine's tests: a Bot API that does as it is told, and a loop whose time costs nothing."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from bot.delivery.limiter import Limiter
from bot.delivery.outbox import Courier
from bot.delivery.pictures import Photographer
from bot.domain.incident import Incident, Mode, Severity, Status
from bot.domain.message import CENTRE, CHANNEL, Address, Delivery, Draft, Lane, MessageKind, Rendered
from bot.domain.place import Name
from bot.domain.roster import Person, Role
from bot.storage.claim import Addresses
from bot.storage.database import Database
from bot.storage.tables import deliveries
from bot.storage.transaction import Transaction
from tests.support.databases import place

T = TypeVar("T")

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CENTRE_ID, CHANNEL_ID = -1001, -1002
ADDRESSES = Addresses(CENTRE_ID, CHANNEL_ID, "zh_Hans")


class _Selector(selectors.DefaultSelector):
    """Instead of sleeping it moves the clock, except while a thread is at work for the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.busy or timeout is None:
            return super().select(0.05)
        self.now += timeout
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0 and jumps to whatever is awaited next."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


def simulate(story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a story in simulated time; the database works in real time, which costs it none."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(story())


def simulated_clock() -> datetime:
    """START and the loop's time."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())


class SimulatedDatabase(Database):
    """Holds the simulated time while its threads work."""

    async def _hold(self, work: Awaitable[T]) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        loop.selector.busy += 1
        try:
            return await work
        finally:
            loop.selector.busy -= 1

    async def open(self) -> None:
        await self._hold(super().open())

    async def close(self) -> None:
        await self._hold(super().close())

    async def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._hold(super().write(fn, *args, **kwargs))

    async def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._hold(super().read(fn, *args, **kwargs))


@dataclass
class Call:
    """One call of the fake Bot API."""

    at: float
    method: str
    delivery: Delivery
    text: str = ""
    message_id: int = 0


Answer = Callable[[Call], Awaitable[None] | None]


@dataclass
class FakeTransport:
    """Notes every call. `answer` may raise or await before the call succeeds."""

    answer: Answer | None = None
    latency_s: float = 0.0
    calls: list[Call] = field(default_factory=list)
    delivered: list[Call] = field(default_factory=list)
    _next_id: int = 100

    async def send(self, delivery: Delivery, message: Rendered) -> int:
        method = "send" if delivery.edit_of is None else "edit"
        return await self._called(method, delivery, message.text)

    async def create_topic(self, delivery: Delivery, title: str, icon: str) -> int:
        return await self._called("create_topic", delivery, icon + title)

    async def rename_topic(self, delivery: Delivery, title: str, icon: str) -> None:
        await self._called("rename_topic", delivery, icon + title)

    async def pin(self, delivery: Delivery, message_id: int) -> None:
        await self._called("pin", delivery, str(message_id))

    async def delete(self, delivery: Delivery, message_id: int) -> None:
        await self._called("delete", delivery, str(message_id))

    async def announce_picture(self, delivery: Delivery) -> None:
        await self._called("announce", delivery, "")

    async def _called(self, method: str, delivery: Delivery, text: str) -> int:
        self._next_id += 1
        call = Call(asyncio.get_running_loop().time(), method, delivery, text, self._next_id)
        self.calls.append(call)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if self.answer is not None:
            outcome = self.answer(call)
            if outcome is not None:
                await outcome
        self.delivered.append(call)
        return call.message_id if delivery.edit_of is None or method != "edit" else delivery.edit_of

    def texts(self) -> list[str]:
        """What arrived, in order."""
        return [call.text for call in self.delivered]

    def methods(self) -> list[str]:
        """Which calls succeeded, in order."""
        return [call.method for call in self.delivered]


def scripted(*errors: Exception | None) -> Answer:
    """Fail with each of these in turn (None: succeed), then succeed."""
    left = list(errors)

    def answer(_: Call) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return answer


def render(delivery: Delivery) -> Rendered:
    """The words are in the params."""
    return Rendered(str(delivery.params["text"]), icon=str(delivery.params.get("icon", "")))


@dataclass
class Engine:
    """A database with a courier on it, in simulated time."""

    database: SimulatedDatabase
    transport: FakeTransport
    courier: Courier

    async def add(self, *drafts: Draft) -> list[int]:
        """Queue drafts in one commit; their rows."""
        now = simulated_clock()
        return await self.database.write(lambda tx: [tx.outbox.add(draft, now) for draft in drafts])

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        return await self.database.write(fn)

    async def rows(self) -> list[Any]:
        """Every delivery, oldest first."""
        return await self.database.read(
            lambda tx: list(tx.connection.execute(select(deliveries).order_by(deliveries.c.id)))
        )

    async def states(self) -> list[str]:
        """Their states."""
        return [row.state for row in await self.rows()]

    async def calm(self, seconds: float = 10.0) -> None:
        """Let that much time pass."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def engine(
    path: Path,
    *,
    transport: FakeTransport | None = None,
    answer: Answer | None = None,
    claimed_by: str = "first",
    words: Callable[[Delivery], Rendered] = render,
    clock: Callable[[], datetime] = simulated_clock,
    limiter: Limiter | None = None,
    elsewhere: frozenset[str] = frozenset(),
    photographer: Photographer | None = None,
) -> AsyncIterator[Engine]:
    """A running courier on the database file; the same file again is a restart."""
    database = SimulatedDatabase(place(path / "muster.db"))
    await database.open()
    transport = transport or FakeTransport()
    transport.answer = answer or transport.answer
    courier = Courier(
        database,
        transport,
        words,
        limiter=limiter or Limiter((CENTRE, CHANNEL)),
        addresses=replace(ADDRESSES, elsewhere=elsewhere),
        claimed_by=claimed_by,
        photographer=photographer,
        clock=clock,
        monotonic=asyncio.get_running_loop().time,
    )
    try:
        await database.write(_enrol)
        await courier.start()
        yield Engine(database, transport, courier)
    finally:
        await courier.stop()
        await database.close()


STAFF = 40


def _enrol(tx: Transaction) -> None:
    """T001 … T040 with Telegram ids 1 … 40; T001 is a commander, T002 in the safety office; T999 has no account."""
    if tx.people.get("T001") is not None:
        return
    roles = {1: Role.COMMANDER, 2: Role.SAFETY_OFFICE}
    staff = [
        Person(
            f"T{n:03}",
            Name(f"老师{n}"),
            roles=frozenset({Role.STAFF, roles.get(n, Role.STAFF)}),
            telegram_id=n,
        )
        for n in range(1, STAFF + 1)
    ]
    tx.people.save([*staff, Person("T999", Name("未连接"))])


def open_incident(tx: Transaction, mode: Mode = Mode.REAL) -> int:
    """A new incident's id."""
    incident = Incident(0, "", mode, Status.REPORTED, Severity.SEVERE, START)
    return tx.incidents.add(incident, year=2026).id


def note(
    text: str,
    to: Address | int = 1,
    lane: Lane = Lane.COMMAND,
    kind: MessageKind = MessageKind.DONE,
    **more: Any,
) -> Draft:
    """A message with these words; a number means that member of staff."""
    address = Address.person(f"T{to:03}") if isinstance(to, int) else to
    return Draft(address, kind, {"text": text}, lane=lane, **more)


def opening(incident: int, number: str = "") -> tuple[Draft, ...]:
    """How an incident begins: a line, its card, its topic."""
    to = Address.topic(incident)
    return (
        note(f"line{number}", to, Lane.THREAD, MessageKind.LINE),
        note(
            f"card{number}",
            to,
            Lane.COMMAND,
            MessageKind.CARD,
            incident_id=incident,
            coalesce=f"card:{incident}",
        ),
        note(
            f"topic{number}",
            to,
            Lane.ALARM,
            MessageKind.TOPIC,
            incident_id=incident,
            coalesce=f"topic:{incident}",
        ),
    )


def as_list(delivery):
    return Rendered(
        " ".join([delivery.params["problem"], *(name["zh"] for name in delivery.params["subjects"])])
    )
