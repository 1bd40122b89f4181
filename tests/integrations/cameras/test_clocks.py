"""A camera's own clock, where it can be asked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.ports import utc_now
from integrations.cameras.access import Access
from integrations.cameras.clocks import CameraClocks
from tests.integrations.cameras.conftest import gate, silent_server
from tests.support.recorder import PASSWORD, USER, fake_recorder


@asynccontextmanager
async def clocks(camera):
    made = CameraClocks(Access.of([camera]), utc_now)
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=3), timedelta(hours=-8)])
async def test_a_hikvision_tells_how_far_it_is_off(ahead):
    async with fake_recorder({}, clock_ahead=ahead) as device:
        url = f"{device.url}/ISAPI/Streaming/channels/101/picture"
        camera = gate(snapshot_url=url, driver="isapi", username=USER, password=PASSWORD)
        async with clocks(camera) as made:
            assert await made.offset_s(camera) == pytest.approx(ahead.total_seconds(), abs=3)


async def test_who_cannot_be_asked_or_does_not_answer_is_not_judged():
    plain = gate(snapshot_url="http://127.0.0.1:9/p", driver="jpeg")
    async with clocks(plain) as made:
        assert await made.offset_s(plain) is None
    gone = gate(snapshot_url="http://127.0.0.1:9/p", driver="isapi")
    async with clocks(gone) as made:
        assert await made.offset_s(gone) is None
    async with fake_recorder({}) as device:
        stranger = gate(snapshot_url=device.url, driver="isapi", username=USER, password="other")
        async with clocks(stranger) as made:
            assert await made.offset_s(stranger) is None


async def test_one_that_never_answers_costs_its_deadline(monkeypatch):
    monkeypatch.setattr("integrations.cameras.clocks.DEADLINE_S", 0.2)
    async with silent_server() as port:
        camera = gate(snapshot_url=f"http://127.0.0.1:{port}", driver="isapi")
        async with clocks(camera) as made:
            assert await made.offset_s(camera) is None
