"""The report of an incident with 5,000 entries, and the weekly digest over 100,000 old incidents beside none."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bot.delivery.documents import DocumentDesk
from bot.domain.after_action import AfterAction, Stage
from bot.domain.digest import DigestKind
from bot.domain.message import Address, Delivery, Lane, MessageKind, Rendered
from bot.i18n import Languages
from bot.ports import utc_now
from bot.services.digesting import read_digest
from bot.services.turn import Turn
from bot.storage import tables
from bot.storage.transaction import Transaction
from integrations.documents.printer import Printer
from tests.benchmarks.bench_history import _grow
from tests.benchmarks.big_school import COMMANDER, BigSchool, big_school
from tests.benchmarks.table import Row, at_most, percentile

ENTRIES = 5_000
OLD = 100_000
CLASSES = 200
TIMES = 60
HOLD_S = 3.0
HOLD_MB = 300
HOLD_LATE_MS = 50
HOLD_RATIO = 1.5
SAMPLE_S = 0.005


async def run(*, quick: bool = False) -> list[Row]:
    entries, old, times = (500, 1_000, 10) if quick else (ENTRIES, OLD, TIMES)
    async with big_school(CLASSES) as school:
        rows = await _report(school, entries)
        empty = await _digest(school, times)
        await asyncio.to_thread(school.database.write_now, _grow, old)
        full = await _digest(school, times)
    ratio = at_most(
        f"weekly digest with {old:,} old incidents ÷ empty",
        full / empty,
        HOLD_RATIO,
        "×",
        beside=f"{full * 1000:.2f} ms of CPU, empty {empty * 1000:.2f} ms",
    )
    return [*rows, ratio]


async def _report(school: BigSchool, entries: int) -> list[Row]:
    """From "due" to the PDF in hand; the loop goes on meanwhile, and so it has to."""
    await school.database.write(_fill, school.incident, entries)
    desk = DocumentDesk(
        school.database, Printer(), Languages(school.turns.school.timezone, "zh_Hans"), "reader"
    )
    late: list[float] = []
    sampling = asyncio.create_task(_sample(late))
    begun = time.perf_counter()
    await school.services.after_actions.tick()
    message = await desk.attach(_delivery(), Rendered("", document=1))
    took = time.perf_counter() - begun
    sampling.cancel()
    assert message.attachment is not None
    # Linux: kilobytes, of the largest child that has ended.
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory, cpu = child.ru_maxrss / 1024, child.ru_utime + child.ru_stime
    size = len(message.attachment.content) / 1e6
    return [
        at_most(
            f"report of {entries:,} entries, record → PDF",
            took,
            HOLD_S,
            "s",
            beside=f"{size:.1f} MB; {cpu:.1f} s of CPU",
        ),
        at_most("memory of the printing process, most", memory, HOLD_MB, "MB", digits=0),
        at_most("event loop late meanwhile, p99", percentile(late, 0.99) * 1000, HOLD_LATE_MS, "ms"),
    ]


async def _sample(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + SAMPLE_S
        await asyncio.sleep(SAMPLE_S)
        late.append(max(time.perf_counter() - due, 0.0))


def _fill(tx: Transaction, incident_id: int, entries: int) -> None:
    now = utc_now()
    line = {"incident_id": incident_id, "event": "noted", "actor_id": COMMANDER.staff_id}
    params = {"actor": COMMANDER.name.to_params(), "words": "三楼东侧走廊有烟，已派人查看并切断电源。"}
    tx.connection.execute(
        insert(tables.timeline),
        [{**line, "at": now + timedelta(seconds=n), "params": params} for n in range(entries)],
    )
    tx.after_actions.save(
        AfterAction(incident_id, Stage.DRAFT, 0, is_short=False, begun_at=now, build_at=now)
    )


def _delivery() -> Delivery:
    return Delivery(
        id=1,
        to=Address.person(COMMANDER.staff_id),
        kind=MessageKind.AFTER_ACTION,
        params={},
        lane=Lane.DIGEST,
        incident_id=None,
        is_silent=False,
        edit_of=None,
        locale="zh_Hans",
        chat_id=1,
        thread_id=None,
        attempts=1,
        is_repeat=False,
        created_at=utc_now(),
    )


async def _digest(school: BigSchool, times: int) -> float:
    """Median CPU seconds of reading a week's figures, with the trend; the first ones only warm up.

    CPU, as both are a few milliseconds, which others on the machine would drown.
    """

    def once(tx: Transaction) -> float:
        now = school.turns.clock()
        turn: Any = Turn(tx, school.turns.school, now)
        begun = time.thread_time()
        read_digest(turn, DigestKind.WEEKLY, school.turns.school.day(now))
        return time.thread_time() - begun

    took = [await school.database.write(once) for _ in range(times)]
    return statistics.median(took[times // 10 :])
