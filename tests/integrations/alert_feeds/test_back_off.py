from __future__ import annotations

import asyncio

import pytest
from structlog import get_logger
from structlog.testing import capture_logs

from integrations.alert_feeds import FEEDS, back_off, reconnecting
from integrations.alert_feeds.back_off import BackOff
from integrations.alert_formats import FORMATS


def test_pauses_double_up_to_the_longest_and_begin_anew_after_success(monkeypatch):
    monkeypatch.setattr(back_off, "FIRST_S", 1.0)
    monkeypatch.setattr(back_off, "LONGEST_S", 30.0)
    row = BackOff()
    pauses = [row.pause_s() for _ in range(8)]
    for pause, plain in zip(pauses, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert plain <= pause <= plain * 1.25
    row.reset()
    assert row.pause_s() <= 1.25
    assert 300 <= row.pause_s(300) <= 375


@pytest.mark.parametrize(("steady_s", "is_kept_short"), [(0.0, True), (60.0, False)])
async def test_only_a_connection_that_held_begins_the_row_anew(monkeypatch, steady_s, is_kept_short):
    monkeypatch.setattr(reconnecting, "STEADY_S", steady_s)
    monkeypatch.setattr(back_off, "LONGEST_S", 60.0)
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    async def connection() -> float:
        if len(pauses) == 6:
            raise asyncio.CancelledError
        raise OSError

    monkeypatch.setattr(reconnecting.asyncio, "sleep", note)
    with capture_logs(), pytest.raises(asyncio.CancelledError):
        await reconnecting.reconnect(connection, log=get_logger())
    assert (max(pauses) < 0.05) is is_kept_short


def test_whatever_is_fetched_can_be_read():
    assert set(FEEDS) == {"frigate", "dahua", "weather"}
    assert set(FEEDS) <= set(FORMATS)
