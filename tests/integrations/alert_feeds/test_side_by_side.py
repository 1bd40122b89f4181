from __future__ import annotations

import asyncio

import pytest
import structlog

from integrations.alert_feeds.reconnecting import reconnect
from integrations.alert_feeds.side_by_side import side_by_side


async def refuse() -> None:
    raise ConnectionError


async def nothing() -> None:
    pass


async def test_it_lasts_until_all_have_ended():
    may_end = asyncio.Event()
    both = asyncio.ensure_future(side_by_side(nothing(), _wait(may_end)))
    await asyncio.sleep(0.01)
    assert not both.done()
    may_end.set()
    await both


async def test_the_error_of_one_ends_the_others_and_is_raised_as_it_is():
    ended = asyncio.Event()
    with pytest.raises(ConnectionError):
        await side_by_side(_then(ended), refuse())
    assert ended.is_set()


async def test_a_cancelling_that_meets_a_connection_which_is_failing_ends_the_feed():
    is_failing, may_end = asyncio.Event(), asyncio.Event()

    async def listen() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            is_failing.set()
            await may_end.wait()

    async def connection() -> float:
        await side_by_side(listen(), refuse())
        return 0.0

    task = asyncio.ensure_future(reconnect(connection, log=structlog.get_logger()))
    await is_failing.wait()
    task.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.wait((task,), timeout=5)
    assert task.cancelled()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _then(event: asyncio.Event) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        event.set()
