"""Channels that do as they are told, on the engine's simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.delivery.channels import ChannelCourier, ChannelCouriers
from bot.domain.bulletin import Bulletin, Wording
from bot.domain.message import Delivery
from tests.support.engine import ADDRESSES, START, Engine, simulated_clock


@dataclass
class FakeOutlet:
    """Notes what it takes. `answer` may raise first; `parts`: into how many each bulletin is cut."""

    answer: Callable[[FakeOutlet], None] | None = None
    parts: int = 1
    per_minute: int = 600
    knows_repeats: bool = False
    latency_s: float = 0.0
    refused: int = 0
    tries: list[tuple[float, str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        [wording] = bulletin.wordings
        repeat = "again " if bulletin.is_repeat else ""
        ends = [""] if self.parts == 1 else [f" {n}" for n in range(1, self.parts + 1)]
        return [f"{repeat}{wording.text}{end}".encode() for end in ends]

    async def post(self, payload: bytes, *, key: str) -> int:
        self.tries.append((asyncio.get_running_loop().time(), payload.decode()))
        self.keys.append(key)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if self.answer is not None:
            self.answer(self)
        self.taken.append(payload.decode())
        return self.refused

    async def close(self) -> None:
        """Nothing is open."""


def failing_until(seconds: float, error: Callable[[], Exception]) -> Callable[[FakeOutlet], None]:
    """Down until then."""

    def answer(_: FakeOutlet) -> None:
        if asyncio.get_running_loop().time() < seconds:
            raise error()

    return answer


def failing_with(*errors: Exception | None) -> Callable[[FakeOutlet], None]:
    """Each of these in turn, None is a success; then successes."""
    left = list(errors)

    def answer(_: FakeOutlet) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return answer


def compose(delivery: Delivery) -> Bulletin:
    """The words are in the params."""
    wording = Wording("en", "", str(delivery.params["text"]))
    return Bulletin(f"d-{delivery.id}", "test", (wording,), START, is_repeat=delivery.is_repeat)


@asynccontextmanager
async def channels(
    running: Engine,
    claimed_by: str = "first",
    compose: Callable[[Delivery], Bulletin] = compose,
    **outlets: FakeOutlet,
) -> AsyncIterator[ChannelCouriers]:
    """Their couriers on the engine's database, each at `channel:<name>`."""
    couriers = ChannelCouriers(
        ChannelCourier(
            running.database,
            f"channel:{name}",
            outlet,
            compose,
            addresses=ADDRESSES,
            claimed_by=claimed_by,
            clock=simulated_clock,
            monotonic=asyncio.get_running_loop().time,
        )
        for name, outlet in outlets.items()
    )
    await couriers.start()
    try:
        yield couriers
    finally:
        await couriers.stop()
