"""100,000 old incidents with 1,000,000 lines beside none, for what is asked about one open fire; both databases."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bot.domain.digest import DigestKind
from bot.ports import utc_now
from bot.services.board import board_data
from bot.services.digesting import read_digest
from bot.services.overview import status
from bot.services.tallying import tally_message
from bot.services.turn import Turn
from bot.storage import tables
from bot.storage.transaction import Transaction
from tests.benchmarks.big_school import COMMANDER, BigSchool, big_school
from tests.benchmarks.table import Row, at_most
from tests.support import databases

INCIDENTS = 100_000
LINES_EACH = 10
TIMES = 200
CLASSES = 200
HOLD = 1.5
_PORTION = 10_000

Query = Callable[[Turn], Any]


def _status(turn: Turn) -> object:
    """`/status`, which answers by a row of the outbox."""
    turn.asker = COMMANDER
    vars(turn)["reply"] = lambda *_, **__: None
    return status(turn)


def _card(turn: Turn) -> object:
    incident = turn.tx.incidents.list_open()[0]
    return turn.brief(incident)


def _tally(turn: Turn) -> object:
    """The card of the headcount."""
    roll_call = turn.tx.roll_calls.list_running()[0]
    return tally_message(turn, roll_call, turn.tx.headcounts.classes(roll_call.id))


def _digest(turn: Turn) -> object:
    """The week's, with its trend."""
    return read_digest(turn, DigestKind.WEEKLY, turn.school.day(turn.now))


QUERIES: dict[str, Query] = {
    "/status": _status,
    "status card": _card,
    "board_data": board_data,
    "tally": _tally,
    "weekly digest": _digest,
}


async def run(*, quick: bool = False) -> list[Row]:
    rows = []
    for kind in (databases.SQLITE, databases.POSTGRES):
        rows += await _run(kind, *((INCIDENTS // 100, 20) if quick else (INCIDENTS, TIMES)))
    return rows


async def _run(kind: str, old: int, times: int) -> list[Row]:
    async with big_school(CLASSES, kind) as school:
        empty = _measure(school, times)
        await asyncio.to_thread(school.database.write_now, _grow, old)
        full = _measure(school, times)
    return [
        at_most(
            f"{kind}: {name} with {old:,} incidents, {old * LINES_EACH:,} lines ÷ empty",
            full[name] / empty[name],
            HOLD,
            "×",
            beside=f"{full[name] * 1000:.2f} ms, empty {empty[name] * 1000:.2f} ms",
        )
        for name in QUERIES
    ]


def _measure(school: BigSchool, times: int) -> dict[str, float]:
    """Median seconds of each query in a transaction of its own; the first ones only warm up."""

    def once(tx: Transaction, query: Query) -> float:
        turn = Turn(tx, school.turns.school, school.turns.clock())
        begun = time.perf_counter()
        query(turn)
        return time.perf_counter() - begun

    return {
        name: statistics.median([school.database.write_now(once, query) for _ in range(times)][times // 10 :])
        for name, query in QUERIES.items()
    }


def _grow(tx: Transaction, count: int) -> None:
    """Years of work, all of it done; half of the lines are as long as a sentence."""
    then = utc_now() - timedelta(days=400)
    first = 1_000_000
    for begin in range(0, count, _PORTION):
        numbers = range(begin, min(begin + _PORTION, count))
        incident = {
            "mode": "REAL",
            "status": "CLOSED",
            "severity": 2,
            "kind": "fire",
            "zone": "A3",
            "commander_id": COMMANDER.staff_id,
            "action_zones": [],
            "opened_at": then,
            "ended_at": then,
        }
        tx.connection.execute(
            insert(tables.incidents),
            [{**incident, "id": first + n, "year": 1990 + n // 9999, "seq": 1 + n % 9999} for n in numbers],
        )
        line = {"event": "noted", "at": then, "params": {"words": "x" * 80}}
        tx.connection.execute(
            insert(tables.timeline),
            [{**line, "incident_id": first + n} for n in numbers for _ in range(LINES_EACH)],
        )
