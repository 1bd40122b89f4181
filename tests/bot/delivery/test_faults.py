"""The courier under every fault at once: nothing is lost, nothing overtakes, and every row comes to an end."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.message import CENTRE, Address, Lane, MessageKind
from bot.errors import (
    BrokenOffError,
    ChatGoneError,
    MessageGoneError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    TopicGoneError,
    UncertainError,
    UnreachableError,
)
from tests.support.engine import Call, FakeTransport, engine, note, open_incident, simulate

pytestmark = pytest.mark.both_databases

_FAULTS = {
    "retry": lambda: RetryAfterError(3),
    "retry all": lambda: RetryAfterError(2, is_global=True),
    "unreachable": lambda: UnreachableError("no route"),
    "uncertain": lambda: UncertainError("timeout"),
    "500": lambda: ServerFaultError("500"),
    "topic gone": lambda: TopicGoneError("thread not found"),
    "message gone": lambda: MessageGoneError("message to edit not found"),
    "rejected": lambda: RejectedError("too long"),
    "chat gone": lambda: ChatGoneError("blocked"),
    "bug": lambda: ValueError("bug"),
}
_FINAL = {"sent", "uncertain", "failed", "superseded", "withdrawn", "expired"}


def _faulty(faults: list[str | None]) -> FakeTransport:
    """Fail as told, at first; the answer to an uncertain call is lost on its way back."""
    transport = FakeTransport(latency_s=0.02)

    def answer(call: Call) -> None:
        fault = faults.pop() if faults else None
        if fault == "uncertain":
            transport.delivered.append(call)
        if fault is not None:
            error = _FAULTS[fault]()
            raise error

    transport.answer = answer
    return transport


@pytest.mark.sqlite_only("the same story is told once on PostgreSQL below")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(st.one_of(st.none(), st.sampled_from(sorted(_FAULTS))), max_size=40),
    crashes=st.lists(st.floats(0.01, 8), max_size=3),
)
def test_under_any_faults_and_crashes_every_message_ends_and_none_is_lost(tmp_path_factory, faults, crashes):
    path = tmp_path_factory.mktemp("faults")

    async def story():
        transport = _faulty(faults)
        async with engine(path, transport=transport, claimed_by="life 0") as muster:
            incident = await muster.write(open_incident)
            to = Address.topic(incident)
            keys = {"incident_id": incident}
            await muster.add(
                note("topic", to, Lane.ALARM, MessageKind.TOPIC, coalesce=f"topic:{incident}", **keys),
                note("card", to, Lane.COMMAND, MessageKind.CARD, coalesce=f"card:{incident}", **keys),
                *(note(f"line {n}", to, Lane.THREAD, MessageKind.LINE) for n in range(5)),
                *(note(f"SOS {n}", n, Lane.ALARM) for n in range(1, 4)),
                *(note(f"order {n}", 1) for n in range(4)),
            )
            await asyncio.sleep(crashes[0] if crashes else 0)
            if crashes:
                _crash(muster)
        for life, seconds in enumerate(crashes[1:], 1):
            async with engine(path, transport=transport, claimed_by=f"life {life}") as muster:
                await asyncio.sleep(seconds)
                _crash(muster)
        async with engine(path, transport=transport, claimed_by="last life") as muster:
            await muster.calm(900)
            rows = await muster.rows()
            assert {row.state for row in rows} <= _FINAL
            arrived = "\n".join(transport.texts())
            for row in rows:
                if row.state == "sent" and row.kind not in {"pin", "topic", "trouble", "card"}:
                    assert row.params["text"] in arrived or "/status" in arrived
            _assert_in_order([t for t in transport.texts() if t.startswith("order ")])

    simulate(story)


@pytest.mark.postgres_only
def test_faults_and_crashes_lose_nothing_on_a_server_either(tmp_path_factory):
    story = test_under_any_faults_and_crashes_every_message_ends_and_none_is_lost.hypothesis.inner_test
    story(tmp_path_factory, [*sorted(_FAULTS), None] * 2, [0.05, 3.0])


def _crash(muster) -> None:
    """Nothing of what is under way gets settled any more."""
    for task in (muster.courier._loop_task, *muster.courier._in_flight.values()):
        task.cancel()


def _assert_in_order(texts: list[str]) -> None:
    """First arrivals keep their order; repeats may follow."""
    first = list(dict.fromkeys(texts))
    assert first == sorted(first)


def test_a_line_whose_connection_broke_is_sent_again_however_long_the_outage(tmp_path):
    async def story():
        def answer(call):
            if call.at < 600:
                raise BrokenOffError("closed")

        async with engine(tmp_path, answer=answer) as muster:
            await muster.add(note("a line", Address(CENTRE), Lane.THREAD))
            await muster.calm(700)
            assert muster.transport.texts()[-1] == "a line"
            assert await muster.states() == ["sent"]

    simulate(story)
