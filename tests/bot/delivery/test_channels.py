"""Channels besides Telegram: side by side, durable, at least once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.message import Address, Lane, MessageKind
from bot.errors import (
    BrokenOffError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    UncertainError,
    UnreachableError,
)
from tests.support.engine import engine, note, open_incident, simulate
from tests.support.outlets import FakeOutlet, channels, failing_until, failing_with

PA, MAIL = Address("channel:pa"), Address("channel:mail")
OURS = frozenset({PA.chat, MAIL.chat})


async def until(condition, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def test_each_channel_gets_its_own_and_telegram_none_of_it(tmp_path):
    async def story():
        pa, mail = FakeOutlet(), FakeOutlet()
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa, mail=mail):
            await running.add(note("leave", PA), note("dear parents", MAIL), note("hello", 1))
            await running.calm()
            assert (pa.taken, mail.taken) == (["leave"], ["dear parents"])
            assert running.transport.texts() == ["hello"]
            assert await running.states() == ["sent", "sent", "sent"]

    simulate(story)


@pytest.mark.parametrize(
    ("error", "seconds"), [(UnreachableError, 3600), (ServerFaultError, 300), (BrokenOffError, 300)]
)
def test_a_channel_that_is_down_for_an_hour_gets_everything_in_order_and_holds_no_other(
    tmp_path, error, seconds
):
    async def story():
        pa, mail = FakeOutlet(failing_until(seconds, lambda: error("away"))), FakeOutlet()
        async with (
            engine(tmp_path, elsewhere=OURS) as running,
            channels(running, pa=pa, mail=mail) as couriers,
        ):
            await running.add(*(note(f"n{n}", PA, Lane.ANNOUNCEMENT) for n in range(5)))
            await running.add(*(note(f"m{n}", MAIL, Lane.ANNOUNCEMENT) for n in range(5)))
            await running.calm(5)
            assert mail.taken == [f"m{n}" for n in range(5)]
            await running.calm(seconds / 2)
            [down] = couriers.health()
            assert down.id == "pa"
            assert down.down_s == pytest.approx(seconds / 2 + 5, abs=2)
            assert error.__name__ in down.error
            assert pa.taken == []
            await running.calm(seconds / 2 + 20)
            assert [text.removeprefix("again ") for text in pa.taken] == [f"n{n}" for n in range(5)]
            assert couriers.health() == []
            assert set(await running.states()) == {"sent"}
            # It was asked now and then, not hammered.
            assert len(pa.tries) < seconds / 4

    simulate(story)


def test_what_is_urgent_is_tried_beside_a_message_that_the_channel_chokes_on(tmp_path):
    class Choking(FakeOutlet):
        async def post(self, payload, *, key):
            self.tries.append((0.0, payload.decode()))
            if payload == b"poison":
                raise ServerFaultError("answered 500")
            self.taken.append(payload.decode())
            return 0

    async def story():
        pa = Choking()
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            await running.add(note("poison", PA, Lane.COMMAND))
            await running.calm(60)
            await running.add(note("announcement", PA, Lane.ANNOUNCEMENT), note("alarm", PA, Lane.ALARM))
            await until(lambda: len(pa.taken) == 2, 40)
            assert pa.taken == ["alarm", "announcement"]

    simulate(story)


def test_the_best_lane_goes_first_and_each_lane_in_its_order(tmp_path):
    async def story():
        pa = FakeOutlet(failing_until(20, lambda: UnreachableError("away")))
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            lanes = [Lane.DIGEST, Lane.ANNOUNCEMENT, Lane.COMMAND, Lane.ALARM, Lane.COMMAND]
            await running.calm(1)
            await running.add(*(note(f"{lane.name}{n}", PA, lane) for n, lane in enumerate(lanes)))
            await running.calm(120)
            assert pa.taken == ["ALARM3", "COMMAND2", "COMMAND4", "ANNOUNCEMENT1", "DIGEST0"]

    simulate(story)


def test_what_a_channel_refuses_for_good_is_over_and_the_command_centre_knows(tmp_path):
    async def story():
        pa = FakeOutlet(failing_with(RejectedError("answered 401")))
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa) as couriers:
            await running.add(note("first", PA), note("second", PA))
            await running.calm(10)
            first, second, told = await running.rows()
            assert couriers.health() == []
        assert pa.taken == ["second"]
        assert (first.state, first.error, second.state) == ("failed", "RejectedError: answered 401", "sent")
        assert told.params["problem"] == "channel_failed"
        assert told.params["subjects"] == [{"zh": "pa", "en": "pa"}]

    simulate(story)


def test_recipients_that_are_refused_alone_are_told_and_hold_up_nobody(tmp_path):
    async def story():
        mail = FakeOutlet(refused=2)
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, mail=mail):
            await running.add(note("first", MAIL), note("second", MAIL))
            await running.calm(5)
            rows = await running.rows()
        assert mail.taken == ["first", "second"]
        assert [row.state for row in rows[:2]] == ["sent", "sent"]
        assert rows[2].params["problem"] == "channel_partly"

    simulate(story)


def test_it_waits_as_long_as_it_is_told_also_over_a_restart(tmp_path):
    async def story():
        pa = FakeOutlet(failing_with(RetryAfterError(600)))
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            await running.add(note("slowly", PA))
            await running.calm(100)
        async with (
            engine(tmp_path, elsewhere=OURS, claimed_by="second") as running,
            channels(running, "second", pa=pa),
        ):
            await running.calm(400)
            assert len(pa.tries) == 1
            await running.calm(120)
        assert len(pa.tries) == 2
        assert pa.taken == ["slowly"]

    simulate(story)


def test_after_a_kill_what_was_under_way_is_sent_again_with_the_same_key_and_says_so(tmp_path):
    async def story():
        stuck, pa = FakeOutlet(latency_s=10**6), FakeOutlet()
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=stuck):
            await running.add(note("leave", PA))
            await running.calm(5)
        async with (
            engine(tmp_path, elsewhere=OURS, claimed_by="second") as running,
            channels(running, "second", pa=pa),
        ):
            await running.calm(5)
        assert pa.taken == ["again leave"]
        assert pa.keys == stuck.keys

    simulate(story)


@pytest.mark.parametrize(
    ("lane", "knows_repeats", "state", "tries"),
    [
        (Lane.ANNOUNCEMENT, False, "uncertain", 1),
        (Lane.COMMAND, False, "uncertain", 6),
        (Lane.ANNOUNCEMENT, True, "queued", 8),
    ],
)
def test_what_may_have_arrived_is_repeated_when_it_is_urgent_or_known_as_the_same(
    tmp_path, lane, knows_repeats, state, tries
):
    async def story():
        pa = FakeOutlet(
            failing_until(10**6, lambda: UncertainError("no answer")), knows_repeats=knows_repeats
        )
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            await running.add(note("who knows", PA, lane))
            await running.calm(180)
            assert (await running.states())[0] == state
            assert len(pa.tries) >= tries
            assert knows_repeats or len(pa.tries) == tries

    simulate(story)


def test_of_a_long_text_only_the_parts_that_are_missing_are_sent_again(tmp_path):
    async def story():
        pa = FakeOutlet(failing_with(None, None, ServerFaultError("answered 502")), parts=4)
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            [row] = await running.add(note("long", PA))
            await running.calm(30)
        assert pa.taken == ["long 1", "long 2", "long 3", "long 4"]
        assert pa.keys == [f"d-{row}-{n}" for n in (0, 1, 2, 2, 3)]

    simulate(story)


def test_it_keeps_to_the_channel_s_pace(tmp_path):
    async def story():
        pa = FakeOutlet(per_minute=20, parts=2)
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            await running.add(*(note(f"n{n}", PA) for n in range(10)))
            await running.calm(90)
        times = [at for at, _ in pa.tries]
        assert len(times) == 20
        assert min(later - earlier for earlier, later in pairwise(times)) >= 2.99

    simulate(story)


def test_an_order_that_is_over_does_not_reach_a_channel_that_comes_back(tmp_path):
    async def story():
        pa = FakeOutlet(failing_until(60, lambda: UnreachableError("away")))
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa):
            incident = await running.write(open_incident)
            await running.add(note("leave", PA, kind=MessageKind.DIRECTIVE, incident_id=incident))
            await running.calm(10)
            now = (await running.rows())[0].created_at + timedelta(seconds=10)
            await running.write(lambda tx: tx.outbox.supersede(incident, [MessageKind.DIRECTIVE], now))
            await running.add(note("all clear", PA, incident_id=incident))
            await running.calm(120)
        assert pa.taken == ["all clear"]

    simulate(story)


def test_what_is_for_a_channel_that_no_longer_exists_ends_and_says_so(tmp_path):
    async def story():
        async with engine(tmp_path) as running:
            await running.add(note("leave", Address("channel:gone")))
            await running.calm(5)
            [row] = [row for row in await running.rows() if row.chat == "channel:gone"]
            assert (row.state, row.error) == ("failed", "no such chat: channel:gone")

    simulate(story)


def test_a_channel_with_a_bug_is_retried_and_the_others_go_on(tmp_path):
    class Broken(FakeOutlet):
        def payloads(self, bulletin):
            raise KeyError("text")

    async def story():
        pa, mail = Broken(), FakeOutlet()
        async with engine(tmp_path, elsewhere=OURS) as running, channels(running, pa=pa, mail=mail):
            await running.add(note("leave", PA), note("dear parents", MAIL))
            await running.calm(5)
            assert mail.taken == ["dear parents"]
            assert (await running.states()) == ["queued", "sent"]

    simulate(story)
