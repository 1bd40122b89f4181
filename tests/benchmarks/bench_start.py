"""From the start of the process to its first getUpdates, and its memory once it is at rest."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta

import psutil
from sqlalchemy import insert

from bot.ports import utc_now
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.benchmarks.stand import Stand, stand
from tests.benchmarks.table import Row, at_most

OLD_ROWS = 100_000
STARTS = 5
START_HOLD_S = 2.0
REST_S = 20.0
MEMORY_HOLD_MB = 150.0
_MB = 1024 * 1024


async def run(*, quick: bool = False) -> list[Row]:
    starts, rest_s = (1, 1.0) if quick else (STARTS, REST_S)
    old_rows = OLD_ROWS // 50 if quick else OLD_ROWS
    fresh: list[float] = []
    for _ in range(starts):
        async with stand(10, is_enrolled=False) as school:
            seconds, _ = await _start(school, rest_s=0)
            fresh.append(seconds)
    async with stand(100) as school:
        known, small = await _starts(school, starts, rest_s)
        await asyncio.to_thread(
            _grow_old, Database(f"sqlite:///{school.folder / 'var' / 'muster.db'}"), old_rows
        )
        old, large = await _starts(school, starts, rest_s)
    return [
        _row("start → first poll, no database yet", fresh),
        _row("start → first poll, 101 staff", known),
        _row(f"start → first poll, {old_rows:,} old updates, messages and lines each", old),
        at_most(f"memory (RSS) after {rest_s:.0f} s at rest", small, MEMORY_HOLD_MB, "MB", digits=0),
        at_most("… with the old rows", large, MEMORY_HOLD_MB, "MB", digits=0),
    ]


def _row(what: str, seconds: list[float]) -> Row:
    spread = f"{min(seconds):.2f} – {max(seconds):.2f} s in {len(seconds)} starts"
    return at_most(what, statistics.median(seconds), START_HOLD_S, "s", beside=spread)


async def _starts(school: Stand, starts: int, rest_s: float) -> tuple[list[float], float]:
    """Seconds of each start, and the memory of the last one in MB."""
    found = [await _start(school, rest_s=rest_s if number == starts - 1 else 0) for number in range(starts)]
    return [seconds for seconds, _ in found], found[-1][1]


async def _start(school: Stand, *, rest_s: float) -> tuple[float, float]:
    await school.telegram.tell("clear_calls")
    process = school.begin()
    limit = time.monotonic() + 30
    while not (polls := await school.telegram.calls("getUpdates")):
        if time.monotonic() > limit:
            raise AssertionError(f"it never polled:\n{process.tail()}")
        await asyncio.sleep(0.02)
    await asyncio.sleep(rest_s)
    memory = psutil.Process(process.pid).memory_info().rss / _MB
    await process.terminate()
    return polls[0]["at"] - process.started_at, memory


def _grow_old(database: Database, rows: int) -> None:
    """Years of work, all of it done."""
    then = utc_now() - timedelta(days=1)
    payload = '{"update_id":1,"message":{"text":"' + "x" * 250 + '"}}'

    def fill(tx: Transaction) -> None:
        incident = {
            "year": 2025,
            "mode": "REAL",
            "status": "CLOSED",
            "severity": 2,
            "action_zones": [],
            "opened_at": then,
            "ended_at": then,
        }
        incidents = range(1, max(rows // 100, 1) + 1)
        tx.connection.execute(insert(tables.incidents), [{**incident, "seq": seq} for seq in incidents])
        update = {
            "source": "telegram",
            "sender": "tg:1",
            "payload": payload,
            "received_at": then,
            "state": "done",
        }
        tx.connection.execute(insert(tables.inbox), [{**update, "external_id": str(n)} for n in range(rows)])
        line = {"event": "noted", "at": then, "params": {"words": "x" * 100}}
        tx.connection.execute(
            insert(tables.timeline), [{**line, "incident_id": 1 + n % len(incidents)} for n in range(rows)]
        )
        message = {
            "chat": "person:X00001",
            "queue": "person:X00001//1",
            "lane": 1,
            "kind": "whoami",
            "params": {"words": "x" * 200},
            "is_silent": False,
            "state": "sent",
            "created_at": then,
            "settled_at": then,
        }
        tx.connection.execute(insert(tables.deliveries), [message] * rows)

    database.write_now(fill)
