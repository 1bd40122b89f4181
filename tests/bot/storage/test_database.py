"""The writer keeps exactly what it acknowledged, whatever fails."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import asynccontextmanager

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError, StorageBusyError, StorageError
from bot.storage import driver as drivers
from bot.storage import sqlite
from bot.storage.database import Database, driver_of
from bot.storage.process_lock import ProcessLock
from tests.support.databases import database_url, is_postgres

pytestmark = pytest.mark.both_databases


@asynccontextmanager
async def _database(path):
    database = Database(database_url(path / "muster.db"))
    database.migrate()
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def _keep(tx, key, value=1):
    tx.facts.set(key, value)
    return key


def _keys(tx):
    return set(tx.connection.exec_driver_sql("SELECT key FROM facts").scalars())


def _raise(tx, error):
    tx.facts.set("never kept", 1)
    raise error


def _fill_up(tx):
    pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def _make_room(tx):
    tx.connection.exec_driver_sql("PRAGMA max_page_count=1000000")


async def test_a_write_returns_what_its_unit_returned_and_is_read_back(tmp_path):
    async with _database(tmp_path) as database:
        assert await database.write(_keep, "a") == "a"
        assert await database.read(_keys) == {"a"}


async def test_a_read_sees_every_acknowledged_write(tmp_path):
    async with _database(tmp_path) as database:

        async def write_then_read(n):
            await database.write(_keep, f"{n}")
            assert f"{n}" in await database.read(_keys)

        await asyncio.gather(*(write_then_read(n) for n in range(100)))


async def test_a_unit_that_raises_harms_no_other_of_the_same_commit(tmp_path):
    async with _database(tmp_path) as database:
        writes = [database.write(_keep, f"{n}") for n in range(20)]
        writes.insert(10, database.write(_raise, KeyError("bad unit")))
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(o) for o in outcomes if isinstance(o, Exception)] == [KeyError]
        assert await database.read(_keys) == {f"{n}" for n in range(20)}


async def test_units_that_wait_share_a_commit(tmp_path):
    async with _database(tmp_path) as database:
        is_blocked = threading.Event()
        commits = []
        database.listen("topic", lambda: commits.append(1))

        def block(tx):
            is_blocked.wait(5)

        def touch(tx):
            tx.touched.add("topic")

        first = asyncio.ensure_future(database.write(block))
        rest = [asyncio.ensure_future(database.write(touch)) for _ in range(120)]
        await asyncio.sleep(0.05)
        is_blocked.set()
        await asyncio.gather(first, *rest)
        assert len(commits) in {3, 4}


async def test_listeners_are_called_after_the_commit_only(tmp_path):
    async with _database(tmp_path) as database:
        seen = []
        database.listen("outbox", lambda: seen.append("outbox"))

        def touch(tx, is_bad):
            tx.touched.add("outbox")
            if is_bad:
                raise ValueError("bad unit")

        with pytest.raises(ValueError, match="bad unit"):
            await database.write(touch, True)
        assert seen == []
        await database.write(touch, False)
        assert seen == ["outbox"]


def _news(tx, key):
    tx.touched.add("outbox")
    return _keep(tx, key)


async def test_what_rides_is_kept_by_the_commit_that_touches_its_topic(tmp_path):
    async with _database(tmp_path) as database:
        ride = database.ride("outbox", lambda tx: sorted(_keys(tx)))
        await database.write(_keep, "no news")
        await database.write(_news, "news")

        assert not ride.take_back()
        assert await ride.result() == ["news", "no news"]
        await database.write(_news, "more")
        assert await ride.result() == ["news", "no news"]


async def test_what_was_taken_back_never_rides(tmp_path):
    async with _database(tmp_path) as database:
        ride = database.ride("outbox", _keep, "rider")

        assert ride.take_back()
        await database.write(_news, "news")

        assert await database.read(_keys) == {"news"}
        assert not ride.take_back()


async def test_a_rider_that_fails_harms_nobody_and_a_unit_that_fails_carries_nobody_away(tmp_path):
    async with _database(tmp_path) as database:
        ride = database.ride("outbox", _raise, ValueError("rider"))
        assert await database.write(_news, "news") == "news"
        with pytest.raises(ValueError, match="rider"):
            await ride.result()

        def fails(tx):
            _news(tx, "never kept")
            raise ValueError("driver")

        ride = database.ride("outbox", _keep, "rider")
        with pytest.raises(ValueError, match="driver"):
            await database.write(fails)
        await database.write(_news, "more news")
        assert await ride.result() == "rider"
        assert await database.read(_keys) == {"news", "rider", "more news"}


async def test_a_unit_whose_caller_gave_up_before_it_began_is_skipped(tmp_path):
    async with _database(tmp_path) as database:
        is_blocked = threading.Event()
        first = asyncio.ensure_future(database.write(lambda tx: is_blocked.wait(5)))
        await asyncio.sleep(0.02)
        given_up = asyncio.ensure_future(database.write(_keep, "given up"))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        is_blocked.set()
        await first
        await database.write(_keep, "later")
        assert await database.read(_keys) == {"later"}


@pytest.mark.sqlite_only("SQLite's own way to limit a file")
async def test_a_full_disk_is_told_keeps_nothing_and_passes(tmp_path):
    async with _database(tmp_path) as database:
        await database.write(_keep, "before")
        await database.write(_fill_up)
        with pytest.raises(StorageBusyError):
            await database.write(_keep, "too big", "x" * 100_000)
        await database.write(_make_room)
        await database.write(_keep, "after")
        assert await database.read(_keys) == {"before", "after"}


@pytest.mark.sqlite_only("SQLite's own way to limit a file")
async def test_a_full_disk_inside_a_savepoint_is_told_as_such(tmp_path):
    async with _database(tmp_path) as database:
        await database.write(_fill_up)

        def nested(tx):
            with tx.connection.begin_nested():
                tx.facts.set("too big", "x" * 100_000)

        with pytest.raises(StorageBusyError):
            await database.write(nested)
        await database.write(_make_room)
        await database.write(_keep, "after")
        assert await database.read(_keys) == {"after"}


async def test_a_reader_cannot_write(tmp_path):
    async with _database(tmp_path) as database:
        with pytest.raises(StorageError):
            await database.read(_keep, "a")


async def test_a_broken_constraint_is_the_units_own_error(tmp_path):
    async with _database(tmp_path) as database:
        with pytest.raises(sqlalchemy.exc.IntegrityError):
            await database.write(
                lambda tx: tx.connection.exec_driver_sql("INSERT INTO facts (key) VALUES (NULL)")
            )


async def test_a_unit_that_stops_an_iteration_answers_all_the_same(tmp_path):
    async with _database(tmp_path) as database:
        with pytest.raises(StorageError):
            await database.write(_raise, StopIteration())


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(tmp_path):
    async with _database(tmp_path) as database:
        writes = [asyncio.ensure_future(database.write(_keep, f"{n}")) for n in range(500)]
        await asyncio.sleep(0)
        await database.close()
        await asyncio.gather(*writes)
        with pytest.raises(StorageError):
            await database.write(_keep, "late")
        with pytest.raises(StorageError):
            await database.read(_keys)
        assert len(database.read_now(_keys)) == 500


async def test_closing_breaks_off_a_read_that_does_not_end(tmp_path):
    async with _database(tmp_path) as database:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        reading, *rest = [
            asyncio.ensure_future(database.read(lambda tx: tx.connection.exec_driver_sql(endless).scalar()))
            for _ in range(10)
        ]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(30):
            await database.close()
        with pytest.raises(Exception, match=r"interrupted|cancel"):
            await reading
        outcomes = await asyncio.gather(*rest, return_exceptions=True)
        assert not any(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)


async def test_a_shell_command_gets_in_while_the_writer_is_busy(tmp_path):
    async with _database(tmp_path) as database:
        is_over = False

        async def caller(n):
            count = 0
            while not is_over:
                await database.write(_keep, f"{n}-{count}")
                count += 1

        callers = [asyncio.ensure_future(caller(n)) for n in range(20)]
        shell = Database(database_url(tmp_path / "muster.db"))
        for n in range(10):
            await asyncio.to_thread(shell.write_now, _keep, f"shell {n}")
        is_over = True
        await asyncio.gather(*callers)
        assert {f"shell {n}" for n in range(10)} <= await database.read(_keys)


@pytest.mark.sqlite_only("its lock; test_postgres.py has the server's")
async def test_the_writer_waits_for_a_shell_command_to_finish(tmp_path):
    async with _database(tmp_path) as database:
        other = sqlite3.connect(tmp_path / "muster.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(database.write(_keep, "waited"))
        await asyncio.sleep(0.2)
        assert not writing.done()
        other.execute("COMMIT")
        other.close()
        assert await writing == "waited"


@pytest.mark.sqlite_only("its lock; test_postgres.py has the server's")
async def test_a_lock_that_stays_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(drivers, "WRITER_PATIENCE_S", 0.1)
    async with _database(tmp_path) as database:
        other = sqlite3.connect(tmp_path / "muster.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusyError):
            await database.write(_keep, "a")
        other.execute("ROLLBACK")
        other.close()
        await database.write(_keep, "b")
        assert await database.read(_keys) == {"b"}


@pytest.mark.sqlite_only("its log")
async def test_only_the_writer_checkpoints_and_closing_leaves_a_small_log(tmp_path):
    async with _database(tmp_path) as database:
        for n in range(20):
            await database.write(_keep, f"{n}", "x" * 100_000)
        assert (
            await database.read(
                lambda tx: tx.connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()
            )
            == 0
        )
    log = tmp_path / "muster.db-wal"
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.sqlite_only("its file")
async def test_the_file_is_its_owners_alone(tmp_path):
    async with _database(tmp_path):
        assert (tmp_path / "muster.db").stat().st_mode & 0o077 == 0
        assert (tmp_path / "muster.db-wal").stat().st_mode & 0o077 == 0


@pytest.mark.sqlite_only("its file")
async def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "muster.db").write_bytes(b"this is not a database, but it is long enough to look at" * 100)
    database = Database(database_url(tmp_path / "muster.db"))
    with pytest.raises(StorageError):
        database.migrate()
    with pytest.raises(StorageError):
        await database.open()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "no url"])
def test_anything_but_a_sqlite_file_and_a_postgres_server_is_refused(url):
    with pytest.raises(ConfigError):
        driver_of(url)


@pytest.mark.sqlite_only("its lock file")
def test_a_second_instance_is_refused_by_name(tmp_path):
    with ProcessLock(tmp_path / "lock"), pytest.raises(StorageBusyError, match=str(os.getpid())):
        ProcessLock(tmp_path / "lock").acquire()
    with ProcessLock(tmp_path / "lock"):
        pass


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_sqlite_versions_with_the_wal_reset_bug_are_known(version, is_affected):
    assert sqlite._has_wal_reset_bug(version) is is_affected


# ── everything at once ─────────────────────────────────────────────────────────────────────────────────────
_ACTS = st.lists(
    st.sampled_from(
        ["write", "write", "write", "same key", "raise", "cancel", "big", "fill up", "make room", "pause"]
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.sqlite_only("a disk is filled; test_postgres.py breaks what a server breaks")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
def test_the_writer_keeps_exactly_what_it_acknowledged(tmp_path_factory, acts):  # noqa: C901 - a table of acts
    path = tmp_path_factory.mktemp("writer")

    async def story():
        kept, maybe, pending = set(), set(), []

        async def write(key, value=1):
            maybe.add(key)
            await database.write(_keep, key, value)
            kept.add(key)

        async with _database(path) as database:
            for n, act in enumerate(acts):
                match act:
                    case "write":
                        pending.append(asyncio.ensure_future(write(f"{n}")))
                    case "same key":
                        pending.append(asyncio.ensure_future(write("same")))
                    case "big":
                        pending.append(asyncio.ensure_future(write(f"big {n}", "x" * 50_000)))
                    case "raise":
                        pending.append(asyncio.ensure_future(database.write(_raise, ValueError(n))))
                    case "cancel" if pending:
                        pending[-1].cancel()
                    case "fill up":
                        pending.append(asyncio.ensure_future(database.write(_fill_up)))
                    case "make room":
                        pending.append(asyncio.ensure_future(database.write(_make_room)))
                    case _:
                        await asyncio.sleep(0.001)
            outcomes = await asyncio.gather(*pending, return_exceptions=True)
            cancelled = any(isinstance(o, asyncio.CancelledError) for o in outcomes)
            found = await database.read(_keys)
            assert kept <= found
            assert found <= (maybe if cancelled else kept)
        assert Database(database_url(path / "muster.db")).read_now(_keys) == found

    asyncio.run(story())


_VICTIM = """
import asyncio, sys
from bot.storage.database import Database

async def main():
    database = Database(sys.argv[1])
    database.migrate()
    await database.open()

    async def caller(n):
        for count in range(10**9):
            await database.write(lambda tx: tx.facts.set(f"{n}-{count}", 1))
            print(f"{n}-{count}", flush=True)

    await asyncio.gather(*(caller(n) for n in range(10)))

asyncio.run(main())
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    url = database_url(tmp_path / "muster.db")
    with subprocess.Popen([sys.executable, "-c", _VICTIM, url], stdout=subprocess.PIPE, text=True) as victim:
        acknowledged = [victim.stdout.readline().strip() for _ in range(300)]
        victim.send_signal(signal.SIGKILL)
        acknowledged += [
            line.strip() for line in victim.stdout.read().splitlines(keepends=True) if "\n" in line
        ]
    acknowledged = {line for line in acknowledged if "-" in line and " " not in line}
    database = Database(url)
    database.migrate()
    kept = database.read_now(_keys)
    assert len(acknowledged) >= 250
    assert acknowledged <= kept
    if not is_postgres():
        asked = "PRAGMA integrity_check"
        assert database.read_now(lambda tx: tx.connection.exec_driver_sql(asked).scalar()) == "ok"


def test_facts_hold_any_json(tmp_path):
    database = Database(database_url(tmp_path / "muster.db"))
    database.migrate()
    value = {"list": [1, None, "集合", "\x00", "\ud800"], "deep": {"a": 1.5}}
    database.write_now(lambda tx: tx.facts.set("k", value))
    assert database.read_now(lambda tx: tx.facts.get("k")) == json.loads(json.dumps(value))
    database.write_now(lambda tx: tx.facts.delete("k"))
    assert database.read_now(lambda tx: tx.facts.get("k")) is None
