"""200 leads name each of their 42 pupils on the list page within 10 s, while the wall board is read all the time.

As the page does it: a tick is kept on the phone, one request is under way at a time, and the next one takes what was
ticked meanwhile. A mark's time is from the tick to the commit's answer. The services themselves, no HTTP.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from bot.domain.headcount import Said, Source
from bot.services.counting import Mark
from tests.benchmarks.big_school import COMMANDER, PUPILS, BigSchool, big_school, lead_of
from tests.benchmarks.table import Row, percentile

CLASSES = 200
QUICK = 20
SECONDS = 10.0
ROUNDS = 3
AT_ONCE = 50
# What the board's live feed keeps between two looks.
BOARD_EVERY_S = 0.25

Round = tuple[list[float], list[float], int]


async def run(*, quick: bool = False) -> list[Row]:
    classes, rounds = (QUICK, 1) if quick else (CLASSES, ROUNDS)
    found = [await _round(classes) for _ in range(rounds)]
    marks, boards = [waits for waits, _, _ in found], [reads for _, reads, _ in found]
    requests = statistics.median(count for _, _, count in found)
    told = f"{classes * PUPILS:,} marks in {SECONDS:.0f} s, {requests:,.0f} requests"
    return [
        _row("tick on the list page → kept, p50", marks, 0.5, told),
        _row("… p99", marks, 0.99),
        _row("… slowest", marks, 1.0),
        _row("the board's data meanwhile, p50", boards, 0.5),
        _row("… p99", boards, 0.99),
    ]


def _row(what: str, rounds: list[list[float]], share: float, beside: str = "") -> Row:
    values = [percentile(one, share) for one in rounds]
    worst = f"worst {max(values) * 1000:.0f} ms"
    return Row(what, f"{statistics.median(values) * 1000:.0f} ms", f"{worst}, {beside}" if beside else worst)


async def _round(classes: int) -> Round:
    async with big_school(classes) as school:
        reads: list[float] = []
        reading = asyncio.create_task(_read_board(school, reads))
        pages = [_Page(school, name, at / classes) for at, name in enumerate(school.counted)]
        await asyncio.gather(*(page.run() for page in pages))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        total = await school.database.read(lambda tx: [one.count.tally for one in tx.headcounts.classes(1)])
    assert sum(tally.present for tally in total) == classes * PUPILS, "a mark was lost"
    return [wait for page in pages for wait in page.waits], reads, sum(page.requests for page in pages)


class _Page:
    """One lead's page; `late` spreads the pages over the time between two ticks."""

    def __init__(self, school: BigSchool, name: str, late: float) -> None:
        self._school = school
        self._name = name
        self._late = late
        self.waits: list[float] = []
        self.requests = 0

    async def run(self) -> None:
        class_id, who = self._school.counted[self._name], lead_of(self._name)
        pupils = await self._school.database.read(lambda tx: tx.headcounts.pupils(1, self._name))
        begun, pause = time.monotonic(), SECONDS / PUPILS
        ticked = [begun + (number + self._late) * pause for number in range(len(pupils))]
        sent = 0
        while sent < len(pupils):
            await asyncio.sleep(max(ticked[sent] - time.monotonic(), 0))
            now = time.monotonic()
            upto = min(max(sum(1 for at in ticked if at <= now), sent + 1), sent + AT_ONCE)
            marks = [Mark(Said.WITH_ME, one.id, key=f"{who}-{one.id}") for one in pupils[sent:upto]]
            outcome = await self._school.services.list_page.mark(who, class_id, marks, Source.PAGE)
            assert outcome.refusal is None, outcome
            self.waits += [time.monotonic() - at for at in ticked[sent:upto]]
            self.requests += 1
            sent = upto


async def _read_board(school: BigSchool, reads: list[float]) -> None:
    await _repeat(lambda: school.services.board.read(COMMANDER.staff_id), reads)


async def _repeat(read: Callable[[], Awaitable[object]], reads: list[float]) -> None:
    while True:
        begun = time.monotonic()
        await read()
        reads.append(time.monotonic() - begun)
        await asyncio.sleep(BOARD_EVERY_S)
