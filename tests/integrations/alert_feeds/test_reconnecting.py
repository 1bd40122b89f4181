from __future__ import annotations

import asyncio

import structlog

from integrations.alert_feeds.reconnecting import reconnect


async def test_a_cancelling_that_meets_a_connection_which_is_failing_ends_the_feed():
    is_failing, may_end = asyncio.Event(), asyncio.Event()

    async def refuse() -> None:
        raise ConnectionError

    async def listen() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            is_failing.set()
            await may_end.wait()

    async def connection() -> float:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen())
            await asyncio.sleep(0)
            tasks.create_task(refuse())
        return 0.0

    task = asyncio.ensure_future(reconnect(connection, log=structlog.get_logger()))
    await is_failing.wait()
    task.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.wait((task,), timeout=5)
    assert task.cancelled()
