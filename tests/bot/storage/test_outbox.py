"""The outbox table: drafts, taking back, claims, gates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from bot.domain.message import CENTRE, Address, DeliveryState, Draft, Lane, MessageKind
from bot.domain.place import Name
from bot.domain.roster import Person
from bot.storage.claim import Addresses, GroupRoom, Wanted
from bot.storage.database import Database
from bot.storage.moved import keep_move
from bot.storage.tables import deliveries
from tests.support.databases import place
from tests.support.engine import open_incident

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ADDRESSES = Addresses(-1, -2, "zh_Hans")


@pytest.fixture
def database(tmp_path):
    return Database(place(tmp_path / "muster.db"))


def _draft(text="x", to=None, lane=Lane.COMMAND, **more):
    return Draft(to or Address.user(1), MessageKind.DONE, {"text": text}, lane=lane, **more)


def _add(database, *drafts):
    return database.write_now(lambda tx: [tx.outbox.add(draft, NOW) for draft in drafts])


def _rows(database):
    return database.read_now(
        lambda tx: list(tx.connection.execute(select(deliveries).order_by(deliveries.c.id)))
    )


def _wanted(claimed_by="first", *, now=NOW, slots=10, **more):
    return Wanted(
        claimed_by=claimed_by,
        now=now,
        claimed_until=now + timedelta(seconds=120),
        slots=slots,
        alarm_slots=max(slots, 1),
        groups={CENTRE: GroupRoom(16, 20)},
        **more,
    )


def _claim(database, *args, **more):
    return database.write_now(lambda tx: tx.outbox.claim(_wanted(*args, **more), ADDRESSES))


def _texts(harvest):
    return [claimed.delivery.params["text"] for claimed in harvest.claimed]


def test_a_claimed_row_is_nobody_elses_while_the_lease_runs(database):
    _add(database, _draft("one"))
    assert _texts(_claim(database)) == ["one"]
    assert _texts(_claim(database, "second")) == []
    late = _claim(database, "second", now=NOW + timedelta(seconds=121))
    assert _texts(late) == ["one"]
    assert late.claimed[0].delivery.is_repeat


def test_only_the_holder_of_the_lease_settles(database):
    (row,) = _add(database, _draft("one"))
    _claim(database)
    settle = {"claimed_by": "other", "now": NOW}
    assert not database.write_now(lambda tx: tx.outbox.settle(row, DeliveryState.FAILED, **settle))
    assert not database.write_now(lambda tx: tx.outbox.settle_sent(row, message_id=1, **settle))
    assert not database.write_now(lambda tx: tx.outbox.retry(row, claimed_by="other"))
    assert database.write_now(
        lambda tx: tx.outbox.settle_sent(row, claimed_by="first", message_id=1, now=NOW)
    )


def test_what_went_back_to_the_queue_can_be_claimed_again(database):
    (row,) = _add(database, _draft("one"))
    _claim(database)
    database.write_now(lambda tx: tx.outbox.retry(row, claimed_by="first", is_burnt=False))
    (kept,) = _rows(database)
    assert (kept.attempts, kept.claimed_by, kept.is_repeat) == (0, None, False)
    assert _texts(_claim(database)) == ["one"]


def test_rows_of_a_dead_process_are_freed_and_count_as_repeats(database):
    _add(database, _draft("one"))
    _claim(database, "dead")
    assert database.write_now(lambda tx: tx.outbox.release_foreign("alive")) == 1
    harvest = _claim(database, "alive")
    assert harvest.claimed[0].delivery.is_repeat


def test_one_claim_takes_one_message_a_queue_and_one_a_private_chat(database):
    _add(
        database,
        _draft("a1"),
        _draft("a2"),
        _draft("a3", lane=Lane.THREAD),
        _draft("b", Address.user(2)),
        _draft("centre 1", Address(CENTRE)),
        _draft("centre 2", Address(CENTRE), Lane.THREAD),
    )
    assert _texts(_claim(database)) == ["a1", "b", "centre 1", "centre 2"]


def test_without_slots_only_alarms_are_taken(database):
    _add(database, _draft("order"), _draft("SOS", Address.user(2), Lane.ALARM))
    assert _texts(_claim(database, slots=0)) == ["SOS"]


def test_shut_chats_and_busy_queues_are_passed_over(database):
    _add(database, _draft("shut"), _draft("busy", Address.user(2)), _draft("free", Address.user(3)))
    harvest = _claim(database, shut=frozenset({"user:1"}), busy=frozenset({"user:2//1"}))
    assert _texts(harvest) == ["free"]
    assert harvest.is_dry


def test_a_head_that_waits_blocks_its_queue_and_is_reported(database):
    first, _ = _add(database, _draft("head"), _draft("behind"))
    _claim(database)
    later = NOW + timedelta(seconds=5)
    database.write_now(lambda tx: tx.outbox.retry(first, claimed_by="first", retry_at=later))
    harvest = _claim(database)
    assert _texts(harvest) == []
    assert harvest.waiting == {"user:1//1": (first, later)}
    assert _texts(_claim(database, ripe=frozenset({first}))) == ["head"]


def test_a_page_full_of_one_queue_hides_no_other(database):
    drafts = [_draft(f"{n}") for n in range(600)] + [_draft("hidden", Address.user(2))]
    database.write_now(lambda tx: tx.outbox.add_many(drafts, NOW))
    assert _texts(_claim(database)) == ["0", "hidden"]


def test_what_is_dropped_on_the_way_reaches_the_message_that_tells_of_it(database):
    unconnected = Person("T9", Name("钱一", "Qian Yi"))
    database.write_now(lambda tx: tx.people.save([unconnected]))
    database.write_now(lambda tx: tx.outbox.trouble("not_connected", "T8", NOW - timedelta(minutes=1)))
    _add(database, _draft("never", Address.person("T9")))
    (claimed,) = _claim(database).claimed
    assert [name["en"] for name in claimed.delivery.params["subjects"]] == ["T8", "Qian Yi"]


def test_a_group_that_moved_is_told_at_its_new_number(database):
    _add(database, _draft("old", Address(CENTRE)), _draft("mail", Address("channel:mail")))
    database.write_now(lambda tx: keep_move(tx.facts, CENTRE, old=-1, new=-50))
    database.write_now(lambda tx: keep_move(tx.facts, CENTRE, old=-50, new=-100))
    (claimed,) = _claim(database, shut=frozenset({"channel:mail"})).claimed
    assert claimed.delivery.chat_id == -100

    _add(database, _draft("new", Address(CENTRE)))
    other = replace(ADDRESSES, centre=-7)
    (claimed,) = database.write_now(lambda tx: tx.outbox.claim(_wanted(), other)).claimed
    assert claimed.delivery.chat_id == -7, "the settings name another group since"


def test_rows_wait_for_their_topic_and_the_topic_does_not(database):
    incident = database.write_now(open_incident)
    to = Address.topic(incident)
    _add(database, _draft("line", to), Draft(to, MessageKind.TOPIC, {"text": "topic"}, lane=Lane.ALARM))
    assert _texts(_claim(database)) == ["topic"]
    database.write_now(lambda tx: tx.topics.keep_topic(incident, 7))
    (claimed,) = _claim(database).claimed
    assert (claimed.delivery.thread_id, claimed.delivery.incident_number) == (7, "2026-0001")


def test_drafts_of_many_keep_their_order_and_coalesce(database):
    drafts = [_draft("a"), _draft("b"), _draft("old", coalesce="k"), _draft("new", coalesce="k")]
    database.write_now(lambda tx: tx.outbox.add_many(drafts, NOW))
    assert sorted(row.params["text"] for row in _rows(database)) == ["a", "b", "new"]


def test_three_thousand_drafts_are_one_statement(database):
    drafts = [_draft(f"{n}", Address.user(n)) for n in range(3000)]
    statements = []

    def add(tx):
        event.listen(tx.connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        tx.outbox.add_many(drafts, NOW)

    database.write_now(add)
    assert len(_rows(database)) == 3000
    assert len(statements) == 1


def test_everything_unsent_to_one_chat_can_be_withdrawn(database):
    _add(database, _draft("a"), _draft("b", Address.user(2)))
    assert database.write_now(lambda tx: tx.outbox.withdraw(Address.user(1), NOW)) == 1
    assert [row.state for row in _rows(database)] == ["withdrawn", "queued"]


def test_only_the_named_kinds_of_the_incident_are_superseded(database):
    _add(
        database,
        Draft(Address.user(1), MessageKind.DIRECTIVE, {}, incident_id=1),
        Draft(Address.user(1), MessageKind.ALARM, {}, incident_id=1),
        Draft(Address.user(1), MessageKind.DIRECTIVE, {}, incident_id=2),
    )
    assert database.write_now(lambda tx: tx.outbox.supersede(1, [MessageKind.DIRECTIVE], NOW)) == 1
    assert [row.state for row in _rows(database)] == ["superseded", "queued", "queued"]


def test_gates_keep_the_later_time_and_are_forgotten_afterwards(database):
    def close(seconds):
        database.write_now(lambda tx: tx.gates.shut("*", seconds, NOW))

    close(10)
    close(5)
    set_back = NOW - timedelta(hours=2)
    assert database.read_now(lambda tx: tx.gates.running(NOW)) == {"*": 10}
    assert database.read_now(lambda tx: tx.gates.running(set_back)) == {"*": 10}
    assert database.read_now(lambda tx: tx.gates.running(NOW + timedelta(seconds=10))) == {}
    database.write_now(lambda tx: tx.gates.forget(NOW + timedelta(seconds=10)))
    assert database.read_now(lambda tx: tx.gates.running(set_back)) == {}


def test_counts_tell_what_waits_and_since_when_something_could_go(database):
    incident = database.write_now(open_incident)
    _add(database, _draft("a"), _draft("b", Address.topic(incident), Lane.THREAD))
    counts = {c.lane: c for c in database.read_now(lambda tx: tx.outbox.counts(NOW))}
    assert (counts[Lane.COMMAND].queued, counts[Lane.COMMAND].oldest_at) == (1, NOW)
    assert (counts[Lane.THREAD].queued, counts[Lane.THREAD].oldest_at) == (1, None)


@pytest.mark.sqlite_only("SQLite's own EXPLAIN")
def test_claiming_uses_the_index_of_what_is_queued(database):
    asked = []

    def claim(tx):
        event.listen(tx.connection, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
        tx.outbox.claim(_wanted(busy=frozenset({"q"}), shut=frozenset({"c"})), ADDRESSES)

    database.write_now(claim)
    ((sql, values),) = asked
    plan = database.read_now(
        lambda tx: " ".join(
            row.detail for row in tx.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, values)
        )
    )
    assert "ix_deliveries_queued" in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan.replace("SCAN deliveries USING INDEX", "")
