"""A waiting message takes the newer content; lines go out together when a group is full."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.message import Address, Lane, MessageKind
from bot.errors import (
    RejectedError,
)
from tests.support.engine import (
    Call,
    engine,
    note,
    open_incident,
    opening,
    simulate,
    simulated_clock,
)

pytestmark = pytest.mark.both_databases


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
            await muster.add(*opening(incident))
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
            await muster.add(*opening(incident))
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
            await muster.add(*opening(incident))
            await muster.calm(120)
            to = Address.topic(incident)
            await muster.add(*(note(f"line {n}", to, Lane.THREAD, MessageKind.LINE) for n in range(20)))
            await muster.calm(300)
            assert [t for t in muster.transport.texts() if t.startswith("line ")] == [
                f"line {n}" for n in range(20)
            ]

    simulate(story)
