"""Units of work a second through the single writer, beside raw sqlite3 with one row a commit, both FULL."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bot.ports import utc_now
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.benchmarks.table import Row, percentile

CALLERS = (1, 8, 32, 128)
ROUNDS = 3
SECONDS = 1.5
QUICK_SECONDS = 0.2
_PAYLOAD = "x" * 300
_RAW = (
    "INSERT INTO inbox (source, external_id, sender, payload, received_at, state) VALUES (?, ?, ?, ?, ?, ?)"
)

Round = tuple[float, list[float]]


async def run(*, quick: bool = False) -> list[Row]:
    seconds, rounds = (QUICK_SECONDS, 1) if quick else (SECONDS, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        database = Database(f"sqlite:///{Path(name) / 'muster.db'}")
        database.migrate()
        other = Database(f"sqlite:///{Path(name) / 'raw.db'}")
        other.migrate()
        await database.open()
        raw: list[Round] = []
        ours: dict[int, list[Round]] = {callers: [] for callers in CALLERS}
        keys = itertools.count()
        for _ in range(rounds):
            raw.append(await asyncio.to_thread(_raw, other.path, seconds, keys))
            for callers, found in ours.items():
                found.append(await _through_the_writer(database, callers, seconds, keys))
        await database.close()
    base = statistics.median(rate for rate, _ in raw)
    rows = [Row("sqlite3 itself, FULL, 1 row a commit", _rate(raw), _waits(raw))]
    for callers, found in ours.items():
        rate = statistics.median(rate for rate, _ in found)
        rows.append(
            Row(
                f"the writer, {callers} callers",
                _rate(found),
                f"{rate / base:.2f} × sqlite3, {_waits(found)}",
            )
        )
    return rows


def _rate(rounds: list[Round]) -> str:
    return f"{statistics.median(rate for rate, _ in rounds):,.0f} units/s"


def _waits(rounds: list[Round]) -> str:
    waits = [wait for _, found in rounds for wait in found]
    return f"p50 {statistics.median(waits) * 1000:.2f}, p99 {percentile(waits, 0.99) * 1000:.2f} ms"


async def _through_the_writer(
    database: Database, callers: int, seconds: float, keys: itertools.count[int]
) -> Round:
    waits: list[float] = []
    begun = time.perf_counter()
    until = begun + seconds

    async def caller() -> None:
        while (started := time.perf_counter()) < until:
            await database.write(_unit, str(next(keys)))
            waits.append(time.perf_counter() - started)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return len(waits) / (time.perf_counter() - begun), waits


def _unit(tx: Transaction, key: str) -> None:
    tx.inbox.add_many("bench", [(key, "tg:1", _PAYLOAD)], utc_now())


def _raw(path: Path, seconds: float, keys: itertools.count[int]) -> Round:
    waits: list[float] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        begun = time.perf_counter()
        while (started := time.perf_counter()) < begun + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                _RAW, ("bench", str(next(keys)), "tg:1", _PAYLOAD, time.time_ns() // 1000, "new")
            )
            connection.execute("COMMIT")
            waits.append(time.perf_counter() - started)
        return len(waits) / (time.perf_counter() - begun), waits
