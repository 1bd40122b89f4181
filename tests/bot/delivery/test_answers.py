"""What the courier does about every answer of the Bot API, and about none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.incident import Mode
from bot.domain.message import CENTRE, CHANNEL, Address, Lane, MessageKind, Rendered
from bot.errors import (
    ChatGoneError,
    ChatMigratedError,
    MessageGoneError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    UncertainError,
    UnreachableError,
)
from tests.support.engine import (
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


def test_after_a_penalty_from_in_front_of_the_bot_api_one_message_probes_before_the_others(tmp_path):
    async def story():
        answer = scripted(RetryAfterError(10, is_global=True), RetryAfterError(10, is_global=True))
        async with engine(tmp_path, answer=answer) as muster:
            await muster.add(note("one", 1))
            await muster.calm(1)
            await muster.add(*(note(str(chat), chat, Lane.ALARM) for chat in range(2, 9)))
            await muster.calm(18)
            assert len(muster.transport.calls) == 2
            await muster.calm(9)
            assert len(muster.transport.texts()) == 8

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
            assert await muster.database.read(lambda tx: tx.facts.get("chat:centre")["to"]) == -100777

    simulate(story)


def test_a_person_who_blocked_the_bot_is_parked_and_told_to_the_command_centre(tmp_path):
    async def story():
        def words(delivery):
            return render(delivery) if "text" in delivery.params else as_list(delivery)

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


def told_of_a_lost_centre(delivery):
    return render(delivery) if "text" in delivery.params else Rendered(delivery.params["problem"])


def test_what_is_for_a_lost_command_centre_waits_with_a_probe_a_minute_and_holds_up_nobody(tmp_path):
    async def story():
        gone = [ChatGoneError("kicked"), None, None, ChatGoneError("kicked"), ChatGoneError("kicked")]
        answer = scripted(*gone)
        async with engine(tmp_path, answer=answer, words=told_of_a_lost_centre) as muster:
            await muster.add(note("hello", Address(CENTRE)))
            await muster.calm(1)
            await muster.add(note("urgent", Address(CENTRE), Lane.COMMAND), note("to a person", 1))
            await muster.calm(58)
            assert sorted(muster.transport.texts()) == ["centre_gone", "to a person"]
            health = await muster.courier.health()
            assert (health.oldest_s, muster.courier.centre.problem != "") == (None, True)
            await muster.calm(62)
            assert len(muster.transport.calls) <= 5
            await muster.calm(62)
            assert sorted(muster.transport.texts()) == ["centre_gone", "hello", "to a person", "urgent"]
            assert muster.courier.centre.problem == ""
            assert await muster.states() == ["sent"] * 4

    simulate(story)


def test_whoever_sees_that_the_command_centre_is_back_opens_it_at_once(tmp_path):
    async def story():
        answer = scripted(ChatGoneError("kicked"))
        async with engine(tmp_path, answer=answer, words=told_of_a_lost_centre) as muster:
            await muster.add(note("hello", Address(CENTRE)))
            await muster.calm(5)
            assert muster.transport.texts() == ["centre_gone"]
            muster.courier.centre.open()
            await muster.calm(2)
            assert muster.transport.texts() == ["centre_gone", "hello"]

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


def test_a_claim_that_waits_for_a_ride_is_recalled_by_a_penalty(tmp_path):
    async def story():
        begun = []
        async with engine(tmp_path) as muster:
            now = asyncio.get_running_loop().time

            async def answer(call):
                if call.text == "line" and not begun:
                    await asyncio.sleep(0.3)
                    begun.append((now(), asyncio.ensure_future(muster.add(note("card", Address(CENTRE))))))
                    await asyncio.sleep(0)
                    raise RetryAfterError(30)

            muster.transport.answer = answer
            await asyncio.sleep(2)
            await muster.add(note("line", Address(CENTRE), Lane.THREAD))
            await asyncio.sleep(60)
            ((shut_at, _),) = begun
            waits = [call.at - shut_at for call in muster.transport.calls if call.at >= shut_at]
            assert len(waits) == 2
            assert min(waits) > 29

    simulate(story)


def test_a_penalty_lasts_no_longer_because_the_clock_was_set_back(tmp_path):
    async def story():
        def refuse(call):
            raise RetryAfterError(30, is_global=True)

        async with engine(tmp_path, answer=refuse) as muster:
            await muster.add(note("a", 1))
            await asyncio.sleep(1)

        def set_back():
            return simulated_clock() - timedelta(hours=2)

        async with engine(tmp_path, claimed_by="second", clock=set_back) as muster:
            await muster.add(note("SOS", 2, Lane.ALARM))
            await asyncio.sleep(40)
            assert "SOS" in muster.transport.texts()

    simulate(story)
