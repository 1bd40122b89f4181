"""The inbox table: once by source and id, until the effect is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.storage.database import Database
from bot.storage.inbox import payload_of
from tests.support.databases import place

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    return Database(place(tmp_path / "muster.db"))


def _add(database, *ids, sender="tg:1", source="telegram"):
    rows = [(str(key), sender, "{}") for key in ids]
    return database.write_now(lambda tx: tx.inbox.add_many(source, rows, NOW))


def test_the_same_id_of_the_same_source_is_kept_once(database):
    first, second = _add(database, 1, 2, 2)
    (third,) = _add(database, 1, 2, 3)
    assert first < second < third
    assert len(_add(database, 1, source="fire-panel")) == 1


def test_only_the_first_settling_may_have_an_effect(database):
    _add(database, 1)
    assert database.write_now(lambda tx: tx.inbox.settle("telegram", "1"))
    assert not database.write_now(lambda tx: tx.inbox.settle("telegram", "1"))
    assert not database.write_now(lambda tx: tx.inbox.settle("telegram", "unknown"))
    assert database.read_now(lambda tx: tx.inbox.page(0, 10)) == []


def test_pages_are_in_the_order_of_arrival(database):
    _add(database, *range(5))
    _add(database, *range(5, 8), sender="tg:2")
    assert [item.id for item in database.read_now(lambda tx: tx.inbox.page(2, 3))] == [3, 4, 5]
    assert [item.id for item in database.read_now(lambda tx: tx.inbox.page_of_sender("tg:2", 6, 9))] == [7, 8]


def test_a_failed_one_leaves_the_pages_until_its_time_and_a_dead_one_for_good(database):
    _add(database, 1, 2)
    database.write_now(lambda tx: tx.inbox.fail(1, "odd \ud800", NOW + timedelta(seconds=1)))
    database.write_now(lambda tx: tx.inbox.fail(2, "hopeless", None))
    assert database.read_now(lambda tx: tx.inbox.page(0, 10)) == []
    assert database.read_now(lambda tx: tx.inbox.due_retries(NOW, 10)) == []
    (due,) = database.read_now(lambda tx: tx.inbox.due_retries(NOW + timedelta(seconds=1), 10))
    assert (due.id, due.attempts) == (1, 1)
    counts = database.read_now(lambda tx: tx.inbox.counts())
    assert (counts.new, counts.dead, counts.oldest_at) == (1, 1, NOW)


@pytest.mark.parametrize("words", ["\x00", "\ud800", "集合", "🔥", "\u2028"])
def test_a_payload_of_any_characters_is_kept_whole(database, words):
    rows = [("1", "tg:1", payload_of({"text": words}))]
    database.write_now(lambda tx: tx.inbox.add_many("telegram", rows, NOW))
    (item,) = database.read_now(lambda tx: tx.inbox.page(0, 1))
    assert item.data() == {"text": words}


def test_purging_never_lets_an_id_be_given_twice(database):
    _add(database, 1, 2, 3)
    database.write_now(lambda tx: tx.inbox.mark_done(1, 2, 3))
    assert database.write_now(lambda tx: tx.inbox.purge(NOW + timedelta(days=1))) == 2
    assert _add(database, 4) == [4]


def test_purging_keeps_what_is_new_dead_or_recent(database):
    _add(database, 1, 2, 3, 4)
    database.write_now(lambda tx: tx.inbox.fail(1, "hopeless", None))
    database.write_now(lambda tx: tx.inbox.mark_done(3))
    assert database.write_now(lambda tx: tx.inbox.purge(NOW)) == 0
    assert database.write_now(lambda tx: tx.inbox.purge(NOW + timedelta(seconds=1))) == 1
    assert [item.id for item in database.read_now(lambda tx: tx.inbox.page(0, 10))] == [2, 4]


@pytest.mark.sqlite_only("SQLite's own EXPLAIN")
def test_the_queries_of_every_day_use_the_partial_indexes(database):
    def plans(tx):
        found = []
        for sql in (
            "SELECT id FROM inbox WHERE inbox.state = 'new' AND retry_at IS NULL AND id > 5 ORDER BY id LIMIT 9",
            "SELECT id FROM inbox WHERE inbox.state = 'new' AND sender = 'x' AND id > 5 ORDER BY id LIMIT 9",
            "SELECT count(*) FROM inbox WHERE inbox.state = 'dead'",
        ):
            rows = tx.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql).all()
            found.append(" ".join(row.detail for row in rows))
        return found

    page, sender, dead = database.read_now(plans)
    assert "ix_inbox_new" in page
    assert "ix_inbox_new_sender" in sender
    assert "ix_inbox_dead" in dead
