"""The inbox workers: in order per sender, nobody in anybody's way, nothing lost and nothing doubled."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.delivery.inbox as module
from bot.delivery.inbox import Inbox, InboxWorkers
from bot.errors import StorageBusyError
from bot.storage.database import Database
from tests.support.databases import place
from tests.support.engine import SimulatedDatabase, simulate, simulated_clock

pytestmark = pytest.mark.both_databases

SOURCE = "telegram"


@asynccontextmanager
async def _inbox(path, handle, *, concurrency=32):
    """Workers on the database file; the same file again is a restart."""
    database = SimulatedDatabase(place(path / "muster.db"))
    await database.open()
    workers = InboxWorkers(database, handle, concurrency=concurrency, clock=simulated_clock)
    inbox = Inbox(database, simulated_clock)
    try:
        await workers.start()
        yield inbox, database, workers
    finally:
        await workers.stop()
        await database.close()


def _rows(sender, *ids):
    return [(str(n), sender, "{}") for n in ids]


async def _counts(database):
    return await database.read(lambda tx: tx.inbox.counts())


def test_what_is_stored_is_handled_in_order_per_sender(tmp_path):
    async def story():
        seen = defaultdict(list)

        async def handle(item):
            await asyncio.sleep(0.01 * (int(item.external_id) % 3))
            seen[item.sender].append(int(item.external_id))

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            await inbox.store(SOURCE, [(str(n), f"tg:{n % 7}", "{}") for n in range(200)])
            await asyncio.sleep(10)
            assert all(order == sorted(order) for order in seen.values())
            assert sum(map(len, seen.values())) == 200
            assert (await _counts(database)).new == 0

    simulate(story)


def test_the_same_update_twice_is_handled_once(tmp_path):
    async def story():
        seen = []

        async def handle(item):
            seen.append(item.external_id)

        async with _inbox(tmp_path, handle) as (inbox, _, _):
            assert len(await inbox.store(SOURCE, _rows("tg:1", 1, 2))) == 2
            assert await inbox.store(SOURCE, _rows("tg:1", 1, 2)) == []
            await asyncio.sleep(1)
            await inbox.store(SOURCE, _rows("tg:1", 1))
            await asyncio.sleep(1)
            assert seen == ["1", "2"]

    simulate(story)


def test_five_hundred_messages_from_one_person_hold_up_nobody_and_stay_in_order(tmp_path):
    async def story():
        loop = asyncio.get_running_loop()
        done_at, flood, most = {}, [], 0

        async def handle(item):
            nonlocal most
            most = max(most, workers._held)
            await asyncio.sleep(0.05)
            done_at[item.sender, item.external_id] = loop.time()
            if item.sender == "tg:1":
                flood.append(int(item.external_id))

        async with _inbox(tmp_path, handle) as (inbox, _, workers):
            for start in range(0, 500, 100):
                await inbox.store(SOURCE, _rows("tg:1", *range(start, start + 100)))
            queued_at = loop.time()
            await inbox.store(SOURCE, _rows("tg:2", 1000))
            await asyncio.sleep(60)
            assert done_at["tg:2", "1000"] - queued_at < 0.2
            assert flood == list(range(500))
            assert most <= 60
            assert workers._lanes == {}
            assert workers._held == 0

    simulate(story)


def test_memory_is_bounded_when_everybody_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "IN_MEMORY", 100)

    async def story():
        seen, most = defaultdict(list), 0

        async def handle(item):
            nonlocal most
            most = max(most, workers._held)
            await asyncio.sleep(0.01)
            seen[item.sender].append(int(item.external_id))

        async with _inbox(tmp_path, handle, concurrency=4) as (inbox, _, workers):
            await inbox.store(SOURCE, [(str(n), f"tg:{n % 300}", "{}") for n in range(1500)])
            await asyncio.sleep(60)
            assert most <= 150
            assert sum(map(len, seen.values())) == 1500
            assert all(order == sorted(order) for order in seen.values())

    simulate(story)


def test_one_that_raises_is_tried_three_times_and_then_put_aside(tmp_path):
    async def story():
        loop = asyncio.get_running_loop()
        tries, others = [], []

        async def handle(item):
            if item.external_id == "1":
                tries.append(loop.time())
                raise ValueError("poison")
            others.append((item.external_id, loop.time()))

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            await inbox.store(SOURCE, _rows("tg:1", 1, 2, 3))
            await asyncio.sleep(30)
            assert len(tries) == 3
            assert 1 <= tries[1] - tries[0] < 2.5
            assert 5 <= tries[2] - tries[1] < 6.5
            assert [key for key, _ in others] == ["2", "3"]
            assert others[-1][1] < 0.5
            counts = await _counts(database)
            assert (counts.new, counts.dead) == (0, 1)

    simulate(story)


def test_a_full_disk_burns_no_try_and_keeps_the_order(tmp_path):
    async def story():
        loop = asyncio.get_running_loop()
        seen = []

        async def handle(item):
            if loop.time() < 20:
                raise StorageBusyError("disk full")
            seen.append(item.external_id)

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            await inbox.store(SOURCE, _rows("tg:1", 1, 2, 3))
            await asyncio.sleep(40)
            assert seen == ["1", "2", "3"]
            assert (await _counts(database)).dead == 0

    simulate(story)


def test_a_failure_that_cannot_be_written_down_is_no_try(tmp_path):
    async def story():
        tries = []

        async def handle(item):
            tries.append(item.attempts)
            raise ValueError("poison")

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            write = database.write

            async def full(*args, **kwargs):
                raise StorageBusyError("disk full")

            await inbox.store(SOURCE, _rows("tg:1", 1))
            database.write = full
            await asyncio.sleep(5)
            database.write = write
            assert set(tries) == {0}
            await asyncio.sleep(20)
            assert (await _counts(database)).dead == 1

    simulate(story)


def test_a_handler_that_hangs_counts_as_failed(tmp_path):
    async def story():
        async def handle(item):
            await asyncio.sleep(10_000)

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            await inbox.store(SOURCE, _rows("tg:1", 1))
            await asyncio.sleep(200)
            assert (await _counts(database)).dead == 1

    simulate(story)


def test_a_settled_item_is_not_undone_by_the_workers_mark(tmp_path):
    async def story():
        effects = []

        async def handle(item):
            def unit(tx):
                return tx.inbox.settle(item.source, item.external_id)

            if await database.write(unit):
                effects.append(item.external_id)
            raise ValueError("after the effect was kept")

        async with _inbox(tmp_path, handle) as (inbox, database, _):
            await inbox.store(SOURCE, _rows("tg:1", 1))
            await asyncio.sleep(30)
            counts = await _counts(database)
            assert (effects, counts.new, counts.dead) == (["1"], 0, 0)

    simulate(story)


def test_stopping_finishes_what_is_being_handled_and_leaves_the_rest(tmp_path):
    async def story():
        seen = []

        async def handle(item):
            await asyncio.sleep(1)
            seen.append(item.external_id)

        async with _inbox(tmp_path, handle) as (inbox, _, _):
            await inbox.store(SOURCE, _rows("tg:1", 1, 2, 3))
            await asyncio.sleep(0.5)
        assert seen == ["1"]
        async with _inbox(tmp_path, handle):
            await asyncio.sleep(10)
        assert seen == ["1", "2", "3"]

    simulate(story)


def test_retries_and_their_times_survive_a_restart(tmp_path):
    async def story():
        async def fail(item):
            raise ValueError("not yet")

        async with _inbox(tmp_path, fail) as (inbox, _, _):
            await inbox.store(SOURCE, _rows("tg:1", 1))
            await asyncio.sleep(0.1)
        seen = []

        async def handle(item):
            seen.append((item.external_id, item.attempts))

        async with _inbox(tmp_path, handle):
            await asyncio.sleep(10)
        assert seen == [("1", 1)]

    simulate(story)


def test_done_ones_are_purged(tmp_path):
    async def story():
        async def handle(item):
            return

        async with _inbox(tmp_path, handle) as (inbox, _, _):
            await inbox.store(SOURCE, _rows("tg:1", *range(10)))
            await asyncio.sleep(1)
            assert await inbox.purge(simulated_clock() + timedelta(days=1)) == 9

    simulate(story)


@pytest.mark.sqlite_only("the same story is told once on PostgreSQL below")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrivals=st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 130), st.sampled_from([0.0, 0.003, 0.2])),
        min_size=1,
        max_size=12,
    ),
    crashes=st.lists(st.floats(0.01, 1.5), max_size=3),
    slow=st.sampled_from([0.0, 0.001, 0.02]),
    memory=st.sampled_from([20, 60, 2000]),
)
def test_floods_crashes_and_restarts_lose_nothing_double_nothing_and_keep_the_order(  # noqa: C901, PLR0917
    tmp_path_factory, monkeypatch, arrivals, crashes, slow, memory
):
    monkeypatch.setattr(module, "IN_MEMORY", memory)
    path = tmp_path_factory.mktemp("inbox")
    effects = []

    async def story():  # noqa: C901 - several lives of one program
        stored = []

        def handler(database):
            async def handle(item):
                await asyncio.sleep(slow)

                def unit(tx):
                    is_mine = tx.inbox.settle(item.source, item.external_id)
                    if is_mine:
                        tx.facts.set(f"{len(effects)}", item.external_id)
                    return is_mine

                if await database.write(unit):
                    effects.append((item.sender, int(item.external_id)))

            return handle

        async def run(seconds, feed):
            """One life of the program; it ends without a stop, as in a crash."""
            database = SimulatedDatabase(place(path / "muster.db"))
            await database.open()
            workers = InboxWorkers(database, handler(database), concurrency=5, clock=simulated_clock)
            await workers.start()
            inbox = Inbox(database, simulated_clock)
            for sender, count, pause_s in feed:
                rows = [(str(len(stored) + n), f"tg:{sender}", "{}") for n in range(count)]
                stored.extend((f"tg:{sender}", int(key)) for key, _, _ in rows)
                await inbox.store(SOURCE, rows)
                await asyncio.sleep(pause_s)
            await asyncio.sleep(seconds)
            for task in workers._tasks:
                task.cancel()
            await asyncio.gather(*workers._tasks, return_exceptions=True)
            counts = await _counts(database)
            await database.close()
            return counts

        share = len(arrivals) // (len(crashes) + 1)
        for n, life_s in enumerate(crashes):
            await run(life_s, arrivals[n * share : (n + 1) * share])
        counts = await run(200, arrivals[len(crashes) * share :])
        assert (counts.new, counts.dead) == (0, 0)
        assert Counter(effects) <= Counter(stored)
        for sender in {sender for sender, _ in stored}:
            mine = [key for who, key in effects if who == sender]
            assert mine == sorted(mine)
        return stored

    stored = simulate(story)
    database = Database(place(path / "muster.db"))
    done = database.read_now(
        lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state = 'done'").scalar()
    )
    assert done == len(stored)
    assert len(effects) >= len(stored) - 5 * len(crashes)


@pytest.mark.postgres_only
def test_floods_and_restarts_lose_nothing_on_a_server_either(tmp_path_factory, monkeypatch):
    story = test_floods_crashes_and_restarts_lose_nothing_double_nothing_and_keep_the_order
    arrivals = [(1, 60, 0.0), (2, 90, 0.2), (1, 30, 0.003), (3, 40, 0.0)]
    story.hypothesis.inner_test(
        tmp_path_factory, monkeypatch, arrivals=arrivals, crashes=[0.05, 1.0], slow=0.001, memory=20
    )


def test_items_carry_when_they_came(tmp_path):
    async def story():
        seen = []

        async def handle(item):
            seen.append(item)

        async with _inbox(tmp_path, handle) as (inbox, _, _):
            await inbox.store("fire-panel", [("k", "fire-panel", '{"zone":"A3"}')])
            await asyncio.sleep(1)
        (item,) = seen
        assert item.data() == {"zone": "A3"}
        assert item.received_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        assert item.source == "fire-panel"

    simulate(story)
