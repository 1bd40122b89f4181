"""Machines' alerts, Muster beside Alertmanager: in turns, each with a fresh fake Bot API of the same kind.

Muster stores an alert durably before it answers; Alertmanager keeps it in memory.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from tests.benchmarks.alertmanager import CONTESTANTS, Contestant, cabled, cpu_s, memory_mb, running
from tests.benchmarks.table import Row, at_most, percentile

ROUNDS = 3
A_SECOND = 100
SECONDS = 10.0
P50_HOLD, P99_HOLD = 3.0, 2.0
SENDERS = 32
RATE_SECONDS = 5.0
RATE_HOLD = 0.6
MANY = 64
FLOOD = 20_000
FLOOD_WITHIN_S = 240.0
KEPT = 200
SILENT_S = 20.0
WAITING = 500
PENALTY_S = 10.0
WARM_UP = 100
OK = 200
_TITLE = re.compile("Sensor alarm ([0-9]{6})")

Switch = Callable[[], Awaitable[Any]]
Measure = Callable[[Contestant, aiohttp.ClientSession], Awaitable[Any]]


@dataclass
class Results:
    """What each round gave, by contestant."""

    muster: list[Any] = field(default_factory=list)
    peer: list[Any] = field(default_factory=list)

    def add(self, one: Contestant, found: Any) -> None:
        """One round of one of them."""
        (self.muster if one.name == "Muster" else self.peer).append(found)

    def median(self, of: Callable[[Any], float]) -> tuple[float, float]:
        """Muster's and the peer's, each over its rounds."""
        return statistics.median(map(of, self.muster)), statistics.median(map(of, self.peer))


async def _in_turns(rounds: int, measure: Measure) -> Results:
    results = Results()
    for _ in range(rounds):
        for kind in CONTESTANTS:
            connector = aiohttp.TCPConnector(limit=0)
            async with running(kind) as one, aiohttp.ClientSession(connector=connector) as session:
                results.add(one, await measure(one, session))
    return results


async def _post(one: Contestant, session: aiohttp.ClientSession, numbers: Iterable[int]) -> bool:
    """Whether they were accepted."""
    body = one.body(numbers)
    async with session.post(one.url, data=body, headers=one.headers) as answer:
        await answer.read()
        return 200 <= answer.status < 300


async def _post_each(
    one: Contestant, session: aiohttp.ClientSession, numbers: range, *, many: int = 1
) -> None:
    """All of them, by a few senders; AssertionError when one is not accepted."""
    left = iter(numbers)

    async def sender() -> None:
        while part := list(itertools.islice(left, many)):
            assert await _post(one, session, part), "an alert was not accepted"

    await asyncio.gather(*(sender() for _ in range(8)))


async def _told(one: Contestant) -> dict[int, list[float]]:
    """Alert's number → when sendMessage came with its title and was answered well."""
    found: dict[int, list[float]] = {}
    for call in await one.telegram.calls("sendMessage"):
        if call["status"] == OK:
            for number in map(int, _TITLE.findall(call["params"]["text"])):
                found.setdefault(number, []).append(call["at"])
    return found


async def _sent(one: Contestant) -> int:
    return int((await one.telegram.ask("stats"))["sent"])


async def _warm_up(one: Contestant, session: aiohttp.ClientSession, count: int) -> None:
    """Caches are filled, connections stand; afterwards nothing of it is under way."""
    await _post_each(one, session, range(900_000, 900_000 + count))
    limit = time.monotonic() + 30
    while await _sent(one) < count and time.monotonic() < limit:
        await asyncio.sleep(0.1)
    await one.telegram.tell("clear_calls")


# ── from the door to Telegram ──────────────────────────────────────────────────────────────────────────────────
async def latency(*, quick: bool = False) -> list[Row]:
    """100 a second, each timed from its POST to its first sendMessage."""
    rounds, seconds = (1, 2.0) if quick else (ROUNDS, SECONDS)
    count = int(A_SECOND * seconds)

    async def measure(one: Contestant, session: aiohttp.ClientSession) -> list[float]:
        await _warm_up(one, session, WARM_UP)
        posted = await _post_evenly(one, session, count)
        limit = time.monotonic() + 20
        while len(told := await _told(one)) < count and time.monotonic() < limit:
            await asyncio.sleep(0.5)
        assert len(told) >= count, f"{one.name} told only {len(told)} of {count}"
        return [min(told[number]) - at for number, at in posted.items()]

    results = await _in_turns(rounds, measure)
    rows = []
    for name, share, hold in (("p50", 0.5, P50_HOLD), ("p99", 0.99, P99_HOLD)):
        ours, theirs = results.median(lambda waits, share=share: percentile(waits, share) * 1000)
        told = f"Muster {ours:.2f} ms, Alertmanager {theirs:.2f} ms"
        rows.append(
            at_most(
                f"POST → sendMessage at {A_SECOND}/s, {name} ÷ peer", ours / theirs, hold, "×", beside=told
            )
        )
    ours, theirs = results.median(lambda waits: max(waits) * 1000)
    rows.append(Row("the slowest of a round", f"{ours:.0f} ms", f"Alertmanager {theirs:.0f} ms"))
    return rows


async def _post_evenly(one: Contestant, session: aiohttp.ClientSession, count: int) -> dict[int, float]:
    """When each was posted, whatever became of those before."""
    posted: dict[int, float] = {}

    async def post(number: int) -> None:
        posted[number] = time.monotonic()
        assert await _post(one, session, [number]), "an alert was not accepted"

    begun = time.monotonic()
    posting = []
    for number in range(count):
        await asyncio.sleep(max(begun + number / A_SECOND - time.monotonic(), 0))
        posting.append(asyncio.create_task(post(number)))
    await asyncio.gather(*posting)
    return posted


# ── as many as it takes ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Rate:
    accepted: float
    sent: float
    cpu_us: float
    p99_s: float


async def rate(*, quick: bool = False) -> list[Row]:
    """Senders that wait for each answer and post again at once."""
    rounds, seconds = (1, 1.0) if quick else (ROUNDS, RATE_SECONDS)
    rows = []
    for many in (1, MANY):

        async def measure(one: Contestant, session: aiohttp.ClientSession, many: int = many) -> _Rate:
            await _warm_up(one, session, WARM_UP)
            return await _flood(one, session, seconds, many)

        results = await _in_turns(rounds, measure)
        rows += _rate_rows(results, f"{many} a POST, {SENDERS} senders")
    return rows


def _rate_rows(results: Results, how: str) -> list[Row]:
    ours, theirs = results.median(lambda found: found.accepted)
    rows = [
        Row(
            f"accepted, {how} ÷ peer",
            f"{ours / theirs:.2f} ×",
            f"Muster {ours:,.0f}/s, Alertmanager {theirs:,.0f}/s",
            f"≥ {RATE_HOLD:g} ×",
            ours / theirs >= RATE_HOLD,
        )
    ]
    for name, unit, of in (
        ("… sent meanwhile", "/s", lambda found: found.sent),
        ("… CPU for each accepted", " µs", lambda found: found.cpu_us),
        ("… slowest 1 % of the answers", " ms", lambda found: found.p99_s * 1000),
    ):
        ours, theirs = results.median(of)
        rows.append(Row(name, f"{ours:,.0f}{unit}", f"Alertmanager {theirs:,.0f}{unit}"))
    return rows


async def _flood(one: Contestant, session: aiohttp.ClientSession, seconds: float, many: int) -> _Rate:
    numbers = itertools.count()
    waits: list[float] = []
    accepted = 0
    sent, cpu, begun = await _sent(one), cpu_s(one), time.monotonic()
    until = begun + seconds

    async def sender() -> None:
        nonlocal accepted
        while (asked_at := time.monotonic()) < until:
            is_accepted = await _post(one, session, itertools.islice(numbers, many))
            if (now := time.monotonic()) <= until:
                accepted += many * is_accepted
                waits.append(now - asked_at)

    sending = asyncio.gather(*(sender() for _ in range(SENDERS)))
    await asyncio.sleep(until - time.monotonic())
    used = cpu_s(one) - cpu
    await sending
    taken = time.monotonic() - begun
    sent_rate = (await _sent(one) - sent) / taken
    return _Rate(accepted / seconds, sent_rate, used / max(accepted, 1) * 1e6, percentile(waits, 0.99))


# ── memory ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def memory(*, quick: bool = False) -> list[Row]:
    """20,000 different alerts, and everything told that is told within a few minutes."""
    count = FLOOD // 20 if quick else FLOOD

    async def measure(one: Contestant, session: aiohttp.ClientSession) -> tuple[float, float, float, int]:
        before = memory_mb(one)
        peak = before
        posting = asyncio.create_task(_post_each(one, session, range(count), many=MANY))
        limit = time.monotonic() + FLOOD_WITHIN_S
        while time.monotonic() < limit and not (posting.done() and await _sent(one) >= count):
            await asyncio.sleep(0.25)
            peak = max(peak, memory_mb(one))
        await posting
        return before, peak, memory_mb(one), await _sent(one)

    results = await _in_turns(1, measure)
    (ours,), (theirs,) = results.muster, results.peer
    names = ("at rest before", f"highest during {count:,} alerts", f"after {count:,} alerts")
    rows = [
        Row(f"memory {name}", f"{mine:.0f} MB", f"Alertmanager {other:.0f} MB, {mine / other:.2f} ×")
        for name, mine, other in zip(names, ours, theirs, strict=False)
    ]
    return [*rows, Row("told of them", f"{ours[3]:,}", f"Alertmanager {theirs[3]:,}")]


# ── a power cut while Telegram is away ─────────────────────────────────────────────────────────────────────────
async def kill(*, quick: bool = False) -> list[Row]:
    """200 accepted while Telegram is down, SIGKILL, a new start, Telegram is back: how many arrive.

    Down in two ways: nobody takes the connection, or somebody does and hangs up on each request, so that nobody
    knows whether it was heard. By its own rules Muster repeats an alarm then, but not a line that opens nothing.
    """
    rounds, count, silent_s = (1, KEPT // 10, 5.0) if quick else (3, KEPT, SILENT_S)

    async def measure(one: Contestant, away: Switch, back: Switch) -> tuple[int, int]:
        async with aiohttp.ClientSession() as session:
            await away()
            await _post_each(one, session, range(count))
        one.kill()
        await one.start()
        await back()
        told = await _told_in_the_end(one, count, silent_s)
        return len(told), sum(len(times) - 1 for times in told.values())

    gone, deaf = Results(), Results()
    for _ in range(rounds):
        for kind in CONTESTANTS:
            async with cabled(kind) as (one, cable):
                gone.add(one, await measure(one, cable.pull, cable.plug))
            async with running(kind) as one:
                faults = partial(one.telegram.tell, "faults")
                deaf.add(one, await measure(one, partial(faults, outage=True), partial(faults, outage=False)))
    return [
        *_kill_rows(f"of {count} after kill -9, Telegram not connected", gone, count),
        *_kill_rows(f"of {count} after kill -9, Telegram hanging up", deaf, count),
    ]


def _kill_rows(what: str, results: Results, count: int) -> list[Row]:
    ours, theirs = ([told for told, _ in rounds] for rounds in (results.muster, results.peer))
    twice = max(twice for _, twice in results.muster)
    beside = f"Alertmanager {min(theirs)} to {max(theirs)}"
    figure = f"{min(ours)} to {max(ours)}, {twice} twice"
    return [Row(what, figure, beside, f"= {count}", min(ours) == count)]


async def _told_in_the_end(one: Contestant, count: int, silent_s: float) -> dict[int, list[float]]:
    """What was told, once it is everything or nothing more has come for so long."""
    told, since = await _told(one), time.monotonic()
    while len(told) < count and time.monotonic() < since + silent_s:
        await asyncio.sleep(0.25)
        now = await _told(one)
        since = time.monotonic() if len(now) > len(told) else since
        told = now
    return told


# ── Telegram says: wait ────────────────────────────────────────────────────────────────────────────────────────
async def penalty(*, quick: bool = False) -> list[Row]:
    """500 alerts wait while Telegram refuses the chat for 10 s; how often each asks nevertheless."""
    count, seconds = (50, 3.0) if quick else (WAITING, PENALTY_S)

    async def measure(one: Contestant, session: aiohttp.ClientSession) -> tuple[int, int]:
        await _warm_up(one, session, WARM_UP)
        begun = time.monotonic()
        await one.telegram.tell("faults", retry_after={"seconds": seconds})
        await _post_each(one, session, range(count))
        await asyncio.sleep(begun + seconds - time.monotonic())
        asked = [
            call for call in await one.telegram.calls() if call["chat_id"] and call["at"] < begun + seconds
        ]
        limit = time.monotonic() + 60
        while len(told := await _told(one)) < count and time.monotonic() < limit:
            await asyncio.sleep(0.5)
        return max(Counter(call["chat_id"] for call in asked).values(), default=0), len(told)

    results = await _in_turns(1 if quick else 3, measure)
    ours, theirs = max(asked for asked, _ in results.muster), statistics.median(a for a, _ in results.peer)
    told = f"Alertmanager {min(told for _, told in results.peer)}"
    return [
        at_most(
            f"requests to the chat inside a {seconds:.0f} s retry_after, {count} waiting",
            ours,
            1,
            "",
            beside=f"Alertmanager {theirs:,.0f}",
            digits=0,
        ),
        Row(f"told of {count} within a minute after it", str(min(t for _, t in results.muster)), told),
    ]


BENCHMARKS: dict[str, Callable[..., Awaitable[list[Row]]]] = {
    "alerts-latency": latency,
    "alerts-rate": rate,
    "alerts-memory": memory,
    "alerts-kill": kill,
    "alerts-penalty": penalty,
}
