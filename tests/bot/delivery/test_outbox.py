"""The courier: what it sends, in which order, and what it does about every answer of the Bot API."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.domain.incident import Mode
from bot.domain.message import CENTRE, CHANNEL, Address, Lane, MessageKind, Rendered
from bot.errors import (
    ChatGoneError,
    ChatMigratedError,
    MessageGoneError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    TopicGoneError,
    UncertainError,
    UnreachableError,
)
from bot.storage.tables import deliveries, incidents
from tests.support.engine import (
    CENTRE_ID,
    CHANNEL_ID,
    Call,
    engine,
    note,
    open_incident,
    render,
    scripted,
    simulate,
    simulated_clock,
)

pytestmark = pytest.mark.both_databases


def _incident(tx, incident_id):
    return tx.incidents.get(incident_id)


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
            return render(delivery) if "text" in delivery.params else _as_list(delivery)

        async with engine(tmp_path, words=words) as muster:
            await muster.add(note("a", Address.person("T999")), note("b", Address.person("T404")))
            await muster.calm()
            assert await muster.states() == ["failed", "failed", "sent"]
            assert muster.transport.texts() == ["not_connected 未连接"]

    simulate(story)


def _as_list(delivery):
    return Rendered(
        " ".join([delivery.params["problem"], *(name["zh"] for name in delivery.params["subjects"])])
    )


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


# ── answers of the Bot API ─────────────────────────────────────────────────────────────────────────────────
def test_an_alarm_without_an_answer_is_sent_again_and_marked(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(UncertainError("read timeout"))) as muster:
            await muster.add(note("SOS", lane=Lane.ALARM))
            await muster.calm()
            assert [call.delivery.is_repeat for call in muster.transport.calls] == [False, True]
            assert await muster.states() == ["sent"]

    simulate(story)


def test_an_alarm_that_is_never_answered_ends_uncertain_and_is_told(tmp_path):
    async def story():
        def never(call: Call) -> None:
            if call.delivery.kind is not MessageKind.TROUBLE:
                raise UncertainError("read timeout")

        async with engine(tmp_path, answer=never) as muster:
            await muster.add(note("SOS", lane=Lane.ALARM))
            await muster.calm(200)
            row, trouble = await muster.rows()
            assert (row.state, row.attempts) == ("uncertain", 6)
            assert trouble.params["subjects"] == [{"zh": "老师1", "en": ""}]

    simulate(story)


def test_chatter_without_an_answer_ends_uncertain(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(UncertainError("read timeout"))) as muster:
            await muster.add(note("line", lane=Lane.THREAD))
            await muster.calm()
            assert await muster.states() == ["uncertain"]

    simulate(story)


def test_an_edit_without_an_answer_is_repeated_unmarked(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(UncertainError("read timeout"))) as muster:
            await muster.add(note("seen", lane=Lane.THREAD, edit_of=55))
            await muster.calm()
            assert [(c.method, c.delivery.is_repeat) for c in muster.transport.calls] == [("edit", False)] * 2
            assert await muster.states() == ["sent"]

    simulate(story)


def test_a_penalty_holds_its_own_chat_and_is_never_probed(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RetryAfterError(10))) as muster:
            await muster.add(note("held", 1), note("behind", 1, Lane.ALARM), note("free", 2))
            await muster.calm(9.9)
            assert sorted(call.delivery.chat_id for call in muster.transport.calls) == [1, 2]
            await muster.calm(5)
            assert sorted(muster.transport.texts()) == ["behind", "free", "held"]

    simulate(story)


def test_a_global_penalty_holds_everything(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RetryAfterError(10, is_global=True))) as muster:
            await muster.add(note("one", 1))
            await muster.calm(1)
            await muster.add(note("two", 2), note("alarm", 3, Lane.ALARM))
            await muster.calm(8.9)
            assert len(muster.transport.calls) == 1
            await muster.calm(5)
            assert sorted(muster.transport.texts()) == ["alarm", "one", "two"]

    simulate(story)


def test_a_penalty_survives_a_restart(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RetryAfterError(60))) as muster:
            await muster.add(note("held", 1))
            await muster.calm(5)
        async with engine(tmp_path, claimed_by="second") as muster:
            await muster.calm(54)
            assert muster.transport.calls == []
            await muster.calm(3)
            assert muster.transport.texts() == ["held"]

    simulate(story)


def test_without_a_connection_one_probe_at_a_time_asks_and_no_try_is_burnt(tmp_path):
    async def story():
        def down(call: Call) -> None:
            if call.at < 60:
                raise UnreachableError("no route")

        async with engine(tmp_path, answer=down) as muster:
            await muster.add(*(note(f"{n}", n) for n in range(1, 21)))
            await muster.calm(30)
            assert (await muster.courier.health()).unreachable_s is not None
            probes = [call.at for call in muster.transport.calls]
            gaps = [after - before for before, after in pairwise(probes[4:])]
            assert len(probes) < 16
            assert max(gaps) <= 5.1
            await muster.calm(40)
            assert {row.state for row in await muster.rows()} == {"sent"}
            assert {row.attempts for row in await muster.rows()} == {1}
            assert not any(call.delivery.is_repeat for call in muster.transport.calls)

    simulate(story)


def test_server_faults_back_off_to_half_a_minute(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(*[ServerFaultError("500")] * 8)) as muster:
            await muster.add(note("at last"))
            await muster.calm(300)
            at = [call.at for call in muster.transport.calls]
            pauses = [round(after - before) for before, after in pairwise(at)]
            assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
            assert muster.transport.texts() == ["at last"]

    simulate(story)


def test_a_back_off_ends_even_when_the_clock_was_set_back(tmp_path):
    async def story():
        hours = {"back": 0}

        def clock():
            return simulated_clock() - timedelta(hours=hours["back"])

        async with engine(tmp_path, answer=scripted(ServerFaultError("500")), clock=clock) as muster:
            await muster.add(note("still sent"))
            await muster.calm(0.5)
            hours["back"] = 5
            await muster.calm(60)
            assert muster.transport.texts() == ["still sent"]

    simulate(story)


def test_a_migrated_command_centre_is_followed(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(ChatMigratedError(-100777))) as muster:
            await muster.add(note("one", Address(CENTRE)), note("two", Address(CENTRE)))
            await muster.calm()
            assert [call.delivery.chat_id for call in muster.transport.delivered] == [-100777, -100777]
            assert await muster.database.read(lambda tx: tx.facts.get("chat:centre")) == -100777

    simulate(story)


def test_a_person_who_blocked_the_bot_is_parked_and_told_to_the_command_centre(tmp_path):
    async def story():
        def words(delivery):
            return render(delivery) if "text" in delivery.params else _as_list(delivery)

        async with engine(tmp_path, answer=scripted(ChatGoneError("blocked")), words=words) as muster:
            await muster.add(note("hello", 4))
            await muster.calm()
            person = await muster.database.read(lambda tx: tx.people.get("T004"))
            assert person.is_unreachable
            assert await muster.states() == ["failed", "sent"]
            assert muster.transport.texts() == ["chat_gone 老师4"]
            await muster.add(note("again", 4))
            await muster.calm()
            person = await muster.database.read(lambda tx: tx.people.get("T004"))
            assert not person.is_unreachable

    simulate(story)


def test_a_lost_command_centre_is_not_told_to_itself(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(ChatGoneError("kicked"))) as muster:
            await muster.add(note("hello", Address(CENTRE)))
            await muster.calm()
            assert await muster.states() == ["failed"]

    simulate(story)


def test_what_telegram_rejects_goes_out_plain(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RejectedError("message is too long"))) as muster:
            incident = await muster.write(lambda tx: open_incident(tx, Mode.DRILL))
            await muster.add(note("odd", incident_id=incident))
            await muster.calm()
            (text,) = muster.transport.texts()
            assert text.startswith("【演练】")
            assert "2026-0001" in text
            assert await muster.states() == ["sent"]

    simulate(story)


def test_what_is_rejected_even_plain_fails_and_is_told(tmp_path):
    async def story():
        answer = scripted(RejectedError("not enough rights"), RejectedError("not enough rights"))
        async with engine(tmp_path, answer=answer) as muster:
            await muster.add(note("odd", Address(CHANNEL)))
            await muster.calm()
            assert await muster.states() == ["failed", "sent"]

    simulate(story)


def test_what_cannot_be_rendered_goes_out_plain(tmp_path):
    async def story():
        def broken(delivery):
            raise KeyError("words")

        async with engine(tmp_path, words=broken) as muster:
            await muster.add(note("lost words"))
            await muster.calm()
            assert "/status" in muster.transport.texts()[0]

    simulate(story)


def test_a_transport_that_breaks_its_promise_is_only_a_fault(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(ValueError("bug"))) as muster:
            await muster.add(note("survives"))
            await muster.calm()
            assert muster.transport.texts() == ["survives"]

    simulate(story)


def test_an_edit_of_a_vanished_message_fails(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(MessageGoneError("gone"))) as muster:
            await muster.add(note("edit", edit_of=7))
            await muster.calm()
            assert await muster.states() == ["failed"]

    simulate(story)


# ── topics and cards ───────────────────────────────────────────────────────────────────────────────────────
def _opening(incident, number=""):
    to = Address.topic(incident)
    return (
        note(f"line{number}", to, Lane.THREAD, MessageKind.LINE),
        note(
            f"card{number}",
            to,
            Lane.COMMAND,
            MessageKind.CARD,
            incident_id=incident,
            coalesce=f"card:{incident}",
        ),
        note(
            f"topic{number}",
            to,
            Lane.ALARM,
            MessageKind.TOPIC,
            incident_id=incident,
            coalesce=f"topic:{incident}",
        ),
    )


def test_the_topic_comes_before_the_card_and_the_card_before_the_lines(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            assert muster.transport.methods() == ["create_topic", "send", "send", "pin"]
            assert muster.transport.texts() == ["topic", "card", "line", "102"]
            topic_id = muster.transport.calls[0].message_id
            assert {call.delivery.thread_id for call in muster.transport.calls[1:]} == {topic_id}
            stored = await muster.database.read(_incident, incident)
            assert (stored.topic_id, stored.card_message_id) == (101, 102)

    simulate(story)


def test_later_cards_edit_the_first_and_only_the_newest_state_is_sent(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            to = Address.topic(incident)
            later = {"coalesce": f"card:{incident}", "incident_id": incident}
            await muster.add(
                *(note(f"state {n}", to, Lane.THREAD, MessageKind.CARD, **later) for n in range(5))
            )
            await muster.calm()
            last = muster.transport.delivered[-1]
            assert (last.method, last.text, last.delivery.edit_of) == ("edit", "state 4", 102)
            assert len(muster.transport.calls) == 5

    simulate(story)


def test_an_unchanged_title_costs_no_call(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(_opening(incident)[2])
            await muster.calm()
            await muster.add(_opening(incident)[2])
            await muster.calm()
            await muster.add(_opening(incident, " closed")[2])
            await muster.calm()
            assert muster.transport.methods() == ["create_topic", "rename_topic"]
            assert await muster.states() == ["sent", "sent", "sent"]

    simulate(story)


def test_a_deleted_topic_is_made_again_with_its_card_and_the_line_follows(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            muster.transport.delivered.clear()
            muster.transport.answer = scripted(TopicGoneError("thread not found"))
            await muster.add(note("after", Address.topic(incident), Lane.THREAD, MessageKind.LINE))
            await muster.calm(60)
            assert muster.transport.methods()[:3] == ["create_topic", "send", "send"]
            assert muster.transport.texts()[:3] == ["topic", "card", "after"]
            stored = await muster.database.read(_incident, incident)
            assert stored.topic_id == muster.transport.delivered[0].message_id
            assert "queued" not in await muster.states()

    simulate(story)


def test_a_topic_that_is_deleted_again_and_again_gives_way_to_general(tmp_path):
    async def story():
        def gone(call: Call) -> None:
            if call.delivery.thread_id is not None:
                raise TopicGoneError("thread not found")

        async with engine(tmp_path, answer=gone) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm(100)
            stored = await muster.database.read(_incident, incident)
            assert stored.topic_id == 0
            assert {"card", "line"} <= set(muster.transport.texts())
            assert "queued" not in await muster.states()

    simulate(story)


def test_without_the_right_to_make_topics_everything_goes_to_general(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(RejectedError("not enough rights"))) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            assert muster.transport.texts()[:2] == ["card", "line"]
            assert {call.delivery.thread_id for call in muster.transport.delivered} == {None}
            trouble = [row for row in await muster.rows() if row.kind == "trouble"]
            assert trouble[0].params["problem"] == "topic_refused"

    simulate(story)


def test_a_topic_without_an_answer_is_made_again_so_that_nothing_waits_for_ever(tmp_path):
    async def story():
        async with engine(tmp_path, answer=scripted(UncertainError("timeout"))) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            assert muster.transport.methods()[0] == "create_topic"
            assert "queued" not in await muster.states()

    simulate(story)


def test_a_deleted_card_is_sent_anew(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            muster.transport.answer = scripted(MessageGoneError("message to edit not found"))
            await muster.add(
                note("newer", Address.topic(incident), Lane.THREAD, MessageKind.CARD, incident_id=incident)
            )
            await muster.calm()
            assert muster.transport.methods()[-2:] == ["send", "pin"]
            stored = await muster.database.read(_incident, incident)
            assert stored.card_message_id == muster.transport.delivered[-2].message_id

    simulate(story)


def test_a_pin_that_fails_is_not_fatal(tmp_path):
    async def story():
        def no_pins(call: Call) -> None:
            if call.method == "pin":
                raise RejectedError("not enough rights to pin")

        async with engine(tmp_path, answer=no_pins) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm()
            assert muster.transport.texts() == ["topic", "card", "line"]
            assert await muster.states() == ["sent", "sent", "sent", "failed"]

    simulate(story)


# ── coalescing and merging ─────────────────────────────────────────────────────────────────────────────────
def test_a_waiting_message_takes_the_newer_content_and_the_better_lane(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            later = simulated_clock() + timedelta(seconds=5)
            first = await muster.add(note("old", lane=Lane.DIGEST, coalesce="k", due_at=later))
            second = await muster.add(note("new", lane=Lane.COMMAND, coalesce="k", edit_of=3, is_silent=True))
            await muster.calm()
            (row,) = await muster.rows()
            assert first == second
            assert (row.lane, row.edit_of, row.is_silent, row.queue) == (1, 3, True, "person:T001//1")
            assert muster.transport.texts() == ["new"]

    simulate(story)


def test_a_message_on_its_way_is_not_changed_any_more(tmp_path):
    async def story():
        async def slowly(call: Call) -> None:
            await asyncio.sleep(1)

        async with engine(tmp_path, answer=slowly) as muster:
            await muster.add(note("first", coalesce="k"))
            await muster.calm(0.5)
            await muster.add(note("second", coalesce="k"))
            await muster.calm()
            assert muster.transport.texts() == ["first", "second"]

    simulate(story)


def test_lines_go_out_together_when_the_groups_minute_runs_low(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm(120)
            muster.transport.delivered.clear()
            to = Address.topic(incident)
            await muster.add(*(note(f"line {n}", to, Lane.THREAD, MessageKind.LINE) for n in range(60)))
            await muster.calm(20)
            assert "\n".join(muster.transport.texts()) == "\n".join(f"line {n}" for n in range(60))
            assert len(muster.transport.calls) < 16
            rows = [row for row in await muster.rows() if row.params.get("text", "").startswith("line ")]
            assert {row.state for row in rows} == {"sent"}
            assert len({row.message_id for row in rows}) == len(muster.transport.delivered)

    simulate(story)


def test_merged_lines_stay_within_one_messages_length(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm(120)
            to = Address.topic(incident)
            await muster.add(
                *(note(f"{n:02}" + "长" * 700, to, Lane.THREAD, MessageKind.LINE) for n in range(40))
            )
            await muster.calm(200)
            assert max(len(text) for text in muster.transport.texts()) <= 4096
            order = [text[:2] for joined in muster.transport.texts()[4:] for text in joined.split("\n")]
            assert order == [f"{n:02}" for n in range(40)]

    simulate(story)


def test_a_rejected_merge_is_sent_line_by_line(tmp_path):
    async def story():
        def refuse(call: Call) -> None:
            if "\n" in call.text:
                raise RejectedError("can't parse entities")

        async with engine(tmp_path, answer=refuse) as muster:
            incident = await muster.write(open_incident)
            await muster.add(*_opening(incident))
            await muster.calm(120)
            to = Address.topic(incident)
            await muster.add(*(note(f"line {n}", to, Lane.THREAD, MessageKind.LINE) for n in range(20)))
            await muster.calm(300)
            assert [t for t in muster.transport.texts() if t.startswith("line ")] == [
                f"line {n}" for n in range(20)
            ]

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


def test_a_topic_number_of_zero_takes_no_more_titles(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            await muster.write(lambda tx: tx.connection.execute(incidents.update().values(topic_id=0)))
            await muster.add(*_opening(incident))
            await muster.calm()
            assert muster.transport.methods() == ["send", "send", "pin"]
            assert sorted(await muster.states()) == ["sent", "sent", "sent", "withdrawn"]

    simulate(story)
