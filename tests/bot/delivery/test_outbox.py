"""The courier: what it sends, in which order, and what it does about every answer of the Bot API."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.message import CENTRE, CHANNEL, Address, Lane, MessageKind
from bot.errors import (
    ServerFaultError,
    UnreachableError,
)
from bot.storage.tables import deliveries
from tests.support.engine import (
    CENTRE_ID,
    CHANNEL_ID,
    Call,
    as_list,
    engine,
    note,
    open_incident,
    render,
    scripted,
    simulate,
    simulated_clock,
)

pytestmark = pytest.mark.both_databases


async def _take_back(muster, incident):
    now = simulated_clock()
    return await muster.write(lambda tx: tx.outbox.supersede(incident, [MessageKind.DIRECTIVE], now))


def test_a_message_is_sent_and_settled_with_its_telegram_id(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(note("到齐了"))
            await muster.calm()
            (row,) = await muster.rows()
            assert (row.state, row.message_id, row.attempts) == ("sent", 101, 1)
            assert muster.transport.texts() == ["到齐了"]
            assert muster.transport.calls[0].delivery.chat_id == 1

    simulate(story)


def test_the_commit_wakes_the_courier_at_once(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.calm()
            loop = asyncio.get_running_loop()
            queued_at = loop.time()
            await muster.add(note("now"))
            await muster.calm()
            assert muster.transport.calls[0].at - queued_at < 0.01

    simulate(story)


def test_while_it_rests_the_commit_that_brings_a_message_claims_it_too(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.calm(0.5)
            begun = simulated_clock()
            states = []

            def look(tx):
                states.extend(row.claimed_by for row in tx.connection.execute(select(deliveries)))

            def add(tx):
                tx.outbox.add(note("news"), begun)

            # In one batch: what the unit adds is claimed behind it, before anybody else can look.
            await asyncio.gather(muster.write(add), muster.write(look))
            await muster.write(look)
            assert states[-1] == "first"
            await muster.calm(0.1)
            assert [(call.text, call.at) for call in muster.transport.calls] == [("news", 0.5)]

    simulate(story)


def test_what_was_claimed_while_the_courier_stopped_is_not_taken_for_perhaps_sent(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.calm(0.5)
            now = simulated_clock()
            adding = asyncio.create_task(
                muster.database.write(lambda tx: tx.outbox.add(note("at the last moment"), now))
            )
            await asyncio.sleep(0)
            await muster.courier.stop()
            await adding
        async with engine(tmp_path, claimed_by="second") as muster:
            await muster.calm(1)
            assert muster.transport.texts() == ["at the last moment"]
            assert not muster.transport.calls[0].delivery.is_repeat

    simulate(story)


def test_every_address_becomes_telegrams_number_and_the_readers_language(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.write(lambda tx: tx.people.choose_locale("T003", "en"))
            await muster.add(
                note("a", 3),
                note("b", Address.user(77)),
                note("c", Address(CENTRE)),
                note("d", Address(CHANNEL)),
            )
            await muster.calm()
            reached = {(c.text, c.delivery.chat_id, c.delivery.locale) for c in muster.transport.delivered}
            assert reached == {
                ("a", 3, "en"),
                ("b", 77, "zh_Hans"),
                ("c", CENTRE_ID, "zh_Hans"),
                ("d", CHANNEL_ID, "zh_Hans"),
            }

    simulate(story)


def test_better_lanes_go_first_and_a_lane_to_one_chat_keeps_its_order(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(
                note("digest", lane=Lane.DIGEST),
                note("first order"),
                note("second order"),
                note("alarm", lane=Lane.ALARM),
            )
            await muster.calm()
            assert muster.transport.texts() == ["alarm", "first order", "second order", "digest"]

    simulate(story)


def test_a_head_that_waits_for_another_try_holds_up_its_own_queue_only(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(ServerFaultError("502"))) as muster:
            await muster.add(note("one", 1), note("two", 1), note("other", 2))
            await muster.calm()
            assert muster.transport.texts() == ["other", "one", "two"]

    simulate(story)


def test_a_message_for_later_does_not_hold_up_the_next(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(note("later", due_at=simulated_clock() + timedelta(seconds=5)), note("now"))
            await muster.calm()
            assert muster.transport.texts() == ["now", "later"]
            assert muster.transport.calls[1].at >= 5

    simulate(story)


# ── states ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_too_late_expires_unsent(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(note("too late", expires_at=simulated_clock()))
            await muster.calm()
            assert await muster.states() == ["expired"]
            assert muster.transport.calls == []

    simulate(story)


def test_an_unsent_directive_is_superseded(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            later = simulated_clock() + timedelta(seconds=60)
            await muster.add(note("疏散", kind=MessageKind.DIRECTIVE, incident_id=incident, due_at=later))
            gone = await _take_back(muster, incident)
            await muster.calm(100)
            assert gone == 1
            assert await muster.states() == ["superseded"]

    simulate(story)


def test_a_directive_on_its_way_is_not_tried_again_after_the_all_clear(tmp_path):
    async def story():
        async def refuse_slowly(call: Call) -> None:
            await asyncio.sleep(1)
            raise ServerFaultError("502")

        async with engine(tmp_path, answer=refuse_slowly) as muster:
            incident = await muster.write(open_incident)
            await muster.add(note("疏散", kind=MessageKind.DIRECTIVE, incident_id=incident))
            await muster.calm(0.5)
            await _take_back(muster, incident)
            await muster.calm(100)
            assert await muster.states() == ["superseded"]
            assert len(muster.transport.calls) == 1

    simulate(story)


def test_a_directive_that_arrived_after_all_counts_as_sent(tmp_path):
    async def story():
        async def slowly(call: Call) -> None:
            await asyncio.sleep(1)

        async with engine(tmp_path, answer=slowly) as muster:
            incident = await muster.write(open_incident)
            await muster.add(note("疏散", kind=MessageKind.DIRECTIVE, incident_id=incident))
            await muster.calm(0.5)
            await _take_back(muster, incident)
            await muster.calm()
            assert await muster.states() == ["sent"]

    simulate(story)


def test_a_right_lost_meanwhile_withdraws_the_message(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(
                note("for commanders", 1, needs_right="command"),
                note("for commanders", 3, needs_right="command"),
                note("for nobody", 1, needs_right="no_such_right"),
            )
            await muster.calm()
            assert await muster.states() == ["sent", "withdrawn", "withdrawn"]

    simulate(story)


def test_nothing_more_goes_to_a_revoked_person(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.write(lambda tx: tx.people.revoke("T003"))
            await muster.add(note("secret", 3))
            await muster.calm()
            assert await muster.states() == ["withdrawn"]
            assert muster.transport.calls == []

    simulate(story)


def test_people_without_an_account_are_named_to_the_command_centre_together(tmp_path):
    async def story():
        def words(delivery):
            return render(delivery) if "text" in delivery.params else as_list(delivery)

        async with engine(tmp_path, words=words) as muster:
            await muster.add(note("a", Address.person("T999")), note("b", Address.person("T404")))
            await muster.calm()
            assert await muster.states() == ["failed", "failed", "sent"]
            assert muster.transport.texts() == ["not_connected 未连接"]

    simulate(story)


def test_an_unknown_chat_or_a_row_that_is_not_understood_harms_no_other(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(note("?", Address("nowhere")), note("?"), note("fine", 2))
            await muster.write(
                lambda tx: tx.connection.exec_driver_sql("UPDATE deliveries SET kind='odd' WHERE id=2")
            )
            await muster.calm()
            rows = {row.id: row.state for row in await muster.rows()}
            assert (rows[1], rows[3]) == ("failed", "sent")

    simulate(story)


# ── restarts ───────────────────────────────────────────────────────────────────────────────────────────────
def test_what_a_dead_process_had_claimed_is_sent_again_and_marked(tmp_path):
    async def story():
        async def hang(call: Call) -> None:
            await asyncio.sleep(1000)

        async with engine(tmp_path, answer=hang) as muster:
            await muster.add(note("perhaps sent"), note("never tried", 1))
            await muster.calm(1)
        async with engine(tmp_path, claimed_by="second") as muster:
            await muster.calm()
            assert [(c.text, c.delivery.is_repeat) for c in muster.transport.delivered] == [
                ("perhaps sent", True),
                ("never tried", False),
            ]

    simulate(story)


def test_nothing_sent_is_sent_again_after_a_restart(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.add(*(note(f"{n}", n) for n in range(1, 11)))
            await muster.calm()
        async with engine(tmp_path, claimed_by="second") as muster:
            await muster.calm()
            assert muster.transport.calls == []

    simulate(story)


def test_a_lost_lease_cannot_be_settled_by_its_former_holder(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            (row,) = await muster.add(note("held", due_at=simulated_clock() + timedelta(hours=1)))
            now = simulated_clock()
            await muster.write(
                lambda tx: tx.connection.exec_driver_sql("UPDATE deliveries SET claimed_by='other'")
            )
            settled = await muster.write(
                lambda tx: tx.outbox.settle_sent(row, claimed_by="first", message_id=1, now=now)
            )
            assert not settled
            assert await muster.states() == ["queued"]

    simulate(story)


def test_health_tells_how_long_the_oldest_message_waits(tmp_path):
    async def story():
        def down(call: Call) -> None:
            raise UnreachableError("no route")

        async with engine(tmp_path, answer=down) as muster:
            assert (await muster.courier.health()).oldest_s is None
            await muster.add(note("waits"))
            await muster.calm(30)
            health = await muster.courier.health()
            assert health.queued == 1
            assert health.oldest_s == pytest.approx(30, abs=0.1)

    simulate(story)


@pytest.mark.sqlite_only("SQLite's own way to limit a file")
def test_a_full_disk_stops_nothing_for_good(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            await muster.calm(1)
            pages = await muster.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar())
            await muster.write(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
            with pytest.raises(Exception, match="full"):
                await muster.add(*(note("x" * 1000, n) for n in range(1, 40)))
            await muster.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=100000"))
            await muster.add(note("works again"))
            await muster.calm()
            assert muster.transport.texts() == ["works again"]

    simulate(story)
