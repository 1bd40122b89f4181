"""Telegram's limits hold and an alarm is never starved, whatever is queued."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.delivery.limiter import ALL, Limiter
from bot.domain.message import CENTRE, CHANNEL, Address, Lane, MessageKind
from bot.errors import RetryAfterError
from tests.support.engine import Call, FakeTransport, engine, note, open_incident, simulate, simulated_clock

pytestmark = pytest.mark.both_databases


def _most(times: list[float], seconds: float) -> int:
    """The largest number of times within any window of so many seconds."""
    most = first = 0
    times = sorted(times)
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _assert_within_limits(calls: list[Call]) -> None:
    assert _most([call.at for call in calls], 1.0) <= 30
    by_chat = defaultdict(list)
    for call in calls:
        by_chat[call.delivery.chat_id].append(call.at)
    for chat_id, times in by_chat.items():
        if chat_id > 0:
            assert _most(times, 0.999) <= 1
        else:
            assert _most(times, 60.0) <= 20


async def _broadcast(muster, people: int) -> None:
    now = simulated_clock()
    drafts = [note(f"{n}", Address.user(1000 + n), Lane.ANNOUNCEMENT) for n in range(people)]
    await muster.database.write(lambda tx: tx.outbox.add_many(drafts, now))


@pytest.mark.sqlite_only("it is about time; what a claim takes is tested on both")
def test_three_thousand_messages_take_no_longer_than_the_limit_itself_and_an_sos_overtakes_them(tmp_path):
    async def story():
        async with engine(tmp_path, transport=FakeTransport(latency_s=0.08)) as muster:
            await _broadcast(muster, 3000)
            await muster.calm(50)
            queued_at = asyncio.get_running_loop().time()
            await muster.add(*(note("SOS", n, Lane.ALARM) for n in range(1, 6)))
            await muster.calm(57)
            calls = muster.transport.calls
            _assert_within_limits(calls)
            assert len(calls) == 3005
            assert calls[-1].at - calls[0].at <= 105
            alarms = [call.at - queued_at for call in calls if call.text == "SOS"]
            assert alarms[0] < 0.1
            assert alarms[-1] < 0.3

    simulate(story)


def test_an_alarm_finds_a_free_line_when_every_other_call_hangs(tmp_path):
    async def story():
        async def hang(call: Call) -> None:
            if call.text != "SOS":
                await asyncio.sleep(50)

        async with engine(tmp_path, answer=hang) as muster:
            await _broadcast(muster, 100)
            await muster.calm(5)
            assert len(muster.transport.calls) == 16
            queued_at = asyncio.get_running_loop().time()
            await muster.add(note("SOS", 1, Lane.ALARM))
            await muster.calm(1)
            assert muster.transport.calls[-1].text == "SOS"
            assert muster.transport.calls[-1].at - queued_at < 0.1

    simulate(story)


def test_five_hundred_messages_for_a_penalised_chat_starve_nobody(tmp_path):
    async def story():
        def answer(call: Call) -> None:
            if call.delivery.chat_id == 1 and call.at < 300:
                raise RetryAfterError(300 - call.at)

        async with engine(tmp_path, answer=answer) as muster:
            await muster.add(*(note(f"held {n}", 1) for n in range(500)))
            await muster.calm(1)
            await muster.add(note("free", 2))
            await muster.calm(1)
            assert muster.transport.texts() == ["free"]
            await muster.calm(290)
            assert len(muster.transport.calls) == 2

    simulate(story)


def test_a_groups_last_messages_of_the_minute_are_kept_for_alarms_and_orders(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            centre = Address(CENTRE)
            await muster.add(*(note(f"digest {n}", centre, Lane.DIGEST) for n in range(40)))
            await muster.calm(30)
            before = len(muster.transport.calls)
            assert 6 <= before <= 16  # a burst, then evenly
            await muster.add(*(note(f"order {n}", centre, Lane.COMMAND) for n in range(10)))
            await muster.calm(1)
            assert muster.transport.texts()[before : before + 4] == [f"order {n}" for n in range(4)]
            await muster.calm(200)
            _assert_within_limits(muster.transport.calls)
            assert len(muster.transport.calls) == 50

    simulate(story)


@pytest.mark.sqlite_only("it is about time; what a claim takes is tested on both")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_mix_of_lanes_and_chats_breaks_a_limit_or_holds_up_an_alarm(tmp_path_factory, data):
    chats = [Address.person(f"T{n:03}") for n in range(1, 6)] + [Address(CENTRE), Address(CHANNEL)]
    waves = data.draw(
        st.lists(
            st.tuples(
                st.floats(0, 5),
                st.sampled_from(chats),
                st.sampled_from(list(Lane)),
                st.integers(1, 15),
                st.integers(0, 80),
            ),
            min_size=1,
            max_size=5,
        )
    )
    latency_s = data.draw(st.sampled_from([0.0, 0.05, 0.4]))

    async def story():
        path = tmp_path_factory.mktemp("limits")
        async with engine(path, transport=FakeTransport(latency_s=latency_s)) as muster:
            alarm_at = {}
            for alarms, (pause_s, chat, lane, count, others) in enumerate(waves):
                await muster.calm(pause_s)
                await _broadcast(muster, others)
                await muster.add(*(note(f"{lane.name}", chat, lane) for _ in range(count)))
                # A person whom nobody else writes to: only the overall limit can hold up this alarm.
                text = f"alarm {alarms}"
                alarm_at[text] = asyncio.get_running_loop().time()
                await muster.add(note(text, 20 + alarms, Lane.ALARM))
            await muster.calm(400)
            calls = muster.transport.calls
            _assert_within_limits(calls)
            assert await muster.states() == ["sent"] * len(calls)
            for call in calls:
                if call.text in alarm_at:
                    # at most one second of alarms queued before it, and the calls under way
                    assert call.at - alarm_at[call.text] < 1.1 + 2 * latency_s

    simulate(story)


def test_order_holds_within_each_queue_under_faults(tmp_path):
    async def story():
        async with engine(tmp_path) as muster:
            incident = await muster.write(open_incident)
            to = Address.topic(incident)
            await muster.add(note("topic", to, Lane.ALARM, MessageKind.TOPIC))
            for n in range(30):
                await muster.add(*(note(f"{chat}:{n}", chat) for chat in range(1, 6)))
            await muster.calm(120)
            for chat in range(1, 6):
                mine = [t for t in muster.transport.texts() if t.startswith(f"{chat}:")]
                assert mine == [f"{chat}:{n}" for n in range(30)]

    simulate(story)


# ── the limiter alone ──────────────────────────────────────────────────────────────────────────────────────
def _sent_in(limiter: Limiter, seconds: float, lane: Lane, *, step: float = 0.001) -> list[float]:
    times, now, n = [], 0.0, 0
    while now < seconds:
        slots, alarm_slots = limiter.slots(now)
        if (alarm_slots if lane is Lane.ALARM else slots) > 0:
            limiter.start(f"user:{n}", lane, now)
            limiter.finish(f"user:{n}", now)
            times.append(now)
            n += 1
        now += step
    return times


def test_the_pace_is_even_and_just_below_thirty_a_second():
    times = _sent_in(Limiter(()), 20, Lane.ANNOUNCEMENT)
    assert 575 <= len(times) <= 585
    assert _most(times, 1.0) <= 30
    gaps = [after - before for before, after in pairwise(times[40:])]
    assert max(gaps) < 0.05


def test_alarms_may_burst_but_not_beyond_thirty_in_any_second():
    times = _sent_in(Limiter(()), 10, Lane.ALARM)
    assert times[29] < 0.05
    assert _most(times, 1.0) <= 30


def test_a_stall_is_caught_up_without_breaking_the_limit():
    limiter, times, now = Limiter(()), [], 0.0
    while now < 30:
        slots, _ = limiter.slots(now)
        for _ in range(slots):
            limiter.start("user:1", Lane.COMMAND, now)
            limiter.finish("user:1", now)
            times.append(now)
        now += 0.09 if int(now) % 3 == 0 else 0.004
    assert _most(times, 1.0) <= 30


def test_messages_that_a_busy_moment_held_up_count_from_when_they_arrived():
    """Begun together with the others, five left 0.3 s later: after a second there is room for fewer."""
    limiter = Limiter(())
    for n in range(29):
        limiter.start(f"user:{n}", Lane.ALARM, 0.0)
    for n in range(24):
        limiter.finish(f"user:{n}", 0.01)
    for n in range(24, 29):
        limiter.finish(f"user:{n}", 0.31)
    assert limiter.slots(1.1) == (1, 25)
    assert limiter.slots(1.31)[1] == 25
    assert limiter.slots(1.33)[1] == 30


def test_what_is_under_way_counts_however_long_it_takes():
    limiter = Limiter(())
    for n in range(29):
        limiter.start(f"user:{n}", Lane.ALARM, 0.0)
    assert limiter.slots(5.0) == (0, 1)
    assert limiter.slot_at(5.0) == float("inf")
    limiter.finish("user:0", 5.0)
    assert limiter.slots(5.0) == (1, 2)


def test_a_chat_is_shut_while_a_message_is_under_way_and_for_a_second_after_its_answer():
    limiter = Limiter((CENTRE,))
    limiter.start("person:T1", Lane.COMMAND, 0.0)
    assert limiter.shut(5.0) == {"person:T1"}
    limiter.finish("person:T1", 5.0)
    assert limiter.shut(5.9) == {"person:T1"}
    assert limiter.chat_at(5.5) == 6.0
    assert limiter.shut(6.0) == frozenset()


def test_what_never_arrived_does_not_count_for_its_chat():
    limiter = Limiter((CENTRE,))
    limiter.start("person:T1", Lane.COMMAND, 0.0)
    limiter.finish("person:T1", 0.1, is_counted=False)
    assert limiter.shut(0.1) == frozenset()


def test_the_later_of_two_penalties_holds():
    limiter = Limiter((CENTRE,))
    limiter.close(ALL, 10.0)
    limiter.close(ALL, 5.0)
    assert limiter.slots(9.9) == (0, 0)
    assert limiter.slot_at(1.0) == 10.0
    assert limiter.slots(10.0)[0] > 0
