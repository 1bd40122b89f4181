"""What only a server can do to the writer: break the connection, lose an answer, be shared, sort by a language."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.errors import StorageBusyError, StorageError
from bot.storage import driver as drivers
from bot.storage import postgres, run_lock
from bot.storage.claim import Wanted
from bot.storage.database import Database
from bot.storage.tables import deliveries, metadata
from tests.support import databases
from tests.support.databases import break_off, database_url, place
from tests.support.engine import ADDRESSES, note

pytestmark = [pytest.mark.both_databases, pytest.mark.postgres_only]


@pytest.fixture
def path(tmp_path):
    place(tmp_path / "muster.db")
    return tmp_path / "muster.db"


@asynccontextmanager
async def opened(path):
    database = Database(database_url(path))
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def keep(tx, key):
    tx.facts.set(key, 1)
    return key


def keys(tx):
    return set(tx.connection.exec_driver_sql("SELECT key FROM facts").scalars())


def other_session(path):
    return psycopg.connect(database_url(path).replace("+psycopg", ""), autocommit=True)


async def test_a_restart_of_the_server_between_two_units_is_not_noticed(path):
    async with opened(path) as database:
        await database.write(keep, "before")
        assert await database.read(keys) == {"before"}
        assert break_off(path) >= 2
        await database.write(keep, "after")
        assert await database.read(keys) == {"before", "after"}


async def test_the_server_is_told_to_look_whether_we_are_still_there(path):
    """It holds the run lock of a machine without power until it notices; by itself after two hours."""
    asked = "SELECT name FROM pg_settings WHERE source = 'client' AND starts_with(name, 'tcp_')"
    async with opened(path) as database:
        told = await database.write(lambda tx: set(tx.connection.exec_driver_sql(asked).scalars()))
    assert told == {
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_keepalives_count",
        "tcp_user_timeout",
    }


async def test_a_unit_whose_connection_breaks_is_refused_and_nothing_of_it_is_kept(path):
    def unit(tx):
        tx.facts.set("half", 1)
        break_off(path)
        tx.facts.set("rest", 1)

    async with opened(path) as database:
        with pytest.raises(StorageBusyError):
            await database.write(unit)
        await database.write(keep, "after")
        assert await database.read(keys) == {"after"}


async def test_a_commit_whose_answer_is_lost_is_looked_up_on_the_server(path, monkeypatch):
    """The connection breaks just after the server has committed: the unit is kept, and must not run again."""
    commit = sqlalchemy.RootTransaction.commit
    broken = []

    def lose_the_answer(self):
        commit(self)
        if not broken:
            broken.append(self.connection)
            error = psycopg.OperationalError("the answer got lost")
            raise OperationalError("COMMIT", {}, error, connection_invalidated=True)

    async with opened(path) as database:
        monkeypatch.setattr(sqlalchemy.RootTransaction, "commit", lose_the_answer)
        assert await database.write(keep, "kept") == "kept"
        assert broken
        assert await database.read(keys) == {"kept"}


async def test_a_commit_that_never_reached_the_server_is_refused(path, monkeypatch):
    commit = sqlalchemy.RootTransaction.commit
    broken = []

    def break_before(self):
        if not broken:
            broken.append(self.connection)
            break_off(path)
        commit(self)

    async with opened(path) as database:
        monkeypatch.setattr(sqlalchemy.RootTransaction, "commit", break_before)
        with pytest.raises(StorageBusyError):
            await database.write(keep, "lost")
        await database.write(keep, "after")
        assert await database.read(keys) == {"after"}


async def test_the_writer_waits_for_whoever_else_writes(path):
    async with opened(path) as database:
        with other_session(path) as other:
            other.execute("BEGIN")
            other.execute("SELECT pg_advisory_xact_lock(%s)", (postgres.WRITE_LOCK,))
            writing = asyncio.ensure_future(database.write(keep, "waited"))
            await asyncio.sleep(0.2)
            assert not writing.done()
            other.execute("COMMIT")
        assert await writing == "waited"


async def test_a_lock_that_stays_is_told_and_passes(path, monkeypatch):
    monkeypatch.setattr(drivers, "WRITER_PATIENCE_S", 0.1)
    async with opened(path) as database:
        with other_session(path) as other:
            other.execute("BEGIN")
            other.execute("SELECT pg_advisory_xact_lock(%s)", (postgres.WRITE_LOCK,))
            with pytest.raises(StorageBusyError):
                await database.write(keep, "a")
        await database.write(keep, "b")
        assert await database.read(keys) == {"b"}


async def test_what_two_programs_count_up_together_has_no_gap_and_no_double(path):
    """Read, add one, write: as an incident's number and the audit's chain are made."""

    def count_up(tx):
        tx.facts.set("count", (tx.facts.get("count") or 0) + 1)
        tx.audit.append("counted", at=database.clock(), actor="test")

    async with opened(path) as database, opened(path) as other:
        units = [asyncio.ensure_future(d.write(count_up)) for _ in range(50) for d in (database, other)]
        shells = [asyncio.to_thread(Database(database_url(path)).write_now, count_up) for _ in range(10)]
        await asyncio.gather(*units, *shells)
        assert await database.read(lambda tx: tx.facts.get("count")) == 110
        assert await database.read(lambda tx: tx.audit.head()[0]) == 110
        assert await database.read(lambda tx: tx.audit.first_broken()) is None


async def test_a_read_cannot_write(path):
    async with opened(path) as database:
        with pytest.raises(StorageError):
            await database.read(keep, "never")


async def test_a_row_that_somebody_holds_at_a_console_stops_no_other_message(path):
    async with opened(path) as database:
        now = database.clock()
        drafts = [note(words, to) for words, to in (("held", 1), ("free", 2))]
        first, second = await database.write(lambda tx: [tx.outbox.add(draft, now) for draft in drafts])
        wanted = Wanted("me", now, now + timedelta(minutes=2), slots=9, alarm_slots=9, groups={})
        with other_session(path) as other:
            other.execute("BEGIN")
            other.execute("SELECT 1 FROM deliveries WHERE id = %s FOR UPDATE", (first,))
            await database.write(lambda tx: tx.outbox.claim(wanted, ADDRESSES))
        rows = await database.read(lambda tx: list(tx.connection.execute(select(deliveries))))
        assert {row.id for row in rows if row.state != "queued"} == {second}


def test_only_one_program_runs_on_a_database_and_the_next_may_begin_after_it(path):
    first, second = Database(database_url(path)), Database(database_url(path))
    with (
        first.process_lock(),
        pytest.raises(StorageBusyError, match="already running"),
        second.process_lock(),
    ):
        pass
    with second.process_lock():
        pass


def test_whoever_ends_lets_the_next_one_in_before_the_server_has_seen_the_connection_close(path):
    database = Database(database_url(path))
    with other_session(path) as other:
        for _ in range(50):
            with database.process_lock():
                pass
            assert other.execute("SELECT pg_try_advisory_lock(%s)", (run_lock.RUN_LOCK,)).fetchone() == (
                True,
            )
            other.execute("SELECT pg_advisory_unlock(%s)", (run_lock.RUN_LOCK,))


async def test_a_program_that_lost_its_place_to_another_writes_no_more(path):
    database, second = Database(database_url(path)), Database(database_url(path))
    with database.process_lock():
        await database.open()
        await database.write(keep, "mine")
        break_off(path)
        with second.process_lock(), pytest.raises(StorageBusyError, match="already running"):
            await database.write(keep, "too late")
        await database.close()
        assert second.read_now(keys) == {"mine"}


async def test_the_lock_outlives_a_server_that_ends_idle_sessions(path):
    with other_session(path) as other:
        other.execute(f'ALTER DATABASE "{other.info.dbname}" SET idle_session_timeout = 50')
    database, second = Database(database_url(path)), Database(database_url(path))
    with database.process_lock():
        await asyncio.sleep(0.3)
        with pytest.raises(StorageBusyError, match="already running"), second.process_lock():
            pass


@pytest.mark.parametrize("lose", ["end its session", "give it back"])
async def test_a_lock_that_alone_is_lost_is_missed_in_time(path, monkeypatch, lose):
    """The writer's own connection stands: without asking nothing would tell."""
    database, second = Database(database_url(path)), Database(database_url(path))
    lock = database.process_lock()
    with lock:
        await database.open()
        await database.write(keep, "mine")
        if lose == "end its session":
            postgres.raw(lock._connection).close()
        else:
            lock._connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        with second.process_lock():
            await database.write(keep, "not asked yet")
            monkeypatch.setattr(run_lock, "_CONFIRM_EVERY_S", 0.0)
            with pytest.raises(StorageBusyError, match="already running"):
                await database.write(keep, "too late")
        await database.write(keep, "held again")
        with pytest.raises(StorageBusyError, match="already running"), second.process_lock():
            pass
        await database.close()
    with second.process_lock():
        assert second.read_now(keys) == {"mine", "not asked yet", "held again"}


async def test_the_place_is_not_given_up_while_the_server_starts_again(path, monkeypatch):
    first, second = Database(database_url(path)), Database(database_url(path))
    await first.open()
    with first.process_lock():
        await first.write(keep, "before")
        break_off(path)

        def refuse(self, **_):
            raise StorageBusyError("starting up")

        with monkeypatch.context() as server:
            server.setattr(postgres.PostgresDriver, "connect", refuse)
            with pytest.raises(StorageError):
                await first.write(keep, "meanwhile")
        await first.write(keep, "after")
        with pytest.raises(StorageBusyError), second.process_lock():
            pass
    await first.close()


def test_no_server_is_told_without_the_password():
    database = Database("postgresql://muster:geheim@127.0.0.1:1/school")
    with pytest.raises(StorageBusyError, match=r"127\.0\.0\.1:1/school cannot be reached") as told:
        database.migrate()
    assert "geheim" not in str(told.value)
    assert str(database) == "postgresql://muster@127.0.0.1:1/school"


def test_every_text_is_compared_by_its_bytes_whatever_the_databases_language(tmp_path):
    database = Database(database_url(tmp_path / "muster.db"))
    database.migrate()
    asked = (
        "SELECT table_name || '.' || column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') "
        "AND collation_name IS DISTINCT FROM 'C'"
    )
    assert database.read_now(lambda tx: list(tx.connection.exec_driver_sql(asked).scalars())) == []


def test_the_migrations_make_what_the_code_believes(tmp_path):
    database = Database(database_url(tmp_path / "muster.db"))
    database.migrate()

    def column(one):
        return one["name"], str(one["type"]).partition(" COLLATE")[0], one["nullable"]

    def shape(connection):
        look = sqlalchemy.inspect(connection)
        return {
            table: (
                sorted(
                    (c["name"], str(c["type"]).partition(" COLLATE")[0], c["nullable"])
                    for c in look.get_columns(table)
                ),
                sorted((i["name"], i["unique"]) for i in look.get_indexes(table)),
                sorted(u["name"] for u in look.get_unique_constraints(table)),
                look.get_pk_constraint(table)["constrained_columns"],
            )
            for table in sorted(metadata.tables)
        }

    made = database.read_now(lambda tx: shape(tx.connection))
    engine = sqlalchemy.create_engine(database_url(tmp_path / "believed.db"))
    with engine.begin() as connection:
        metadata.create_all(connection)
    with engine.connect() as connection:
        believed = shape(connection)
    engine.dispose()
    assert made == believed


async def test_closing_does_not_wait_for_a_server_that_hangs(path):
    async with opened(path) as database:
        reading = asyncio.ensure_future(
            database.read(lambda tx: tx.connection.exec_driver_sql("SELECT pg_sleep(60)").scalar())
        )
        await asyncio.sleep(0.1)
        started_at = time.monotonic()
        await database.close()
        assert time.monotonic() - started_at < 5
        with pytest.raises(StorageBusyError):
            await reading


def test_the_tests_own_databases_are_different_ones(tmp_path):
    assert databases.database_url(tmp_path / "a") != databases.database_url(tmp_path / "b")
