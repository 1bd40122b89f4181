"""One connection after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from structlog.typing import FilteringBoundLogger

from integrations.alert_feeds.back_off import BackOff

STEADY_S: Final = 30.0
"""A connection that held so long was a good one; a shorter one may be thrown out again at once."""

Connection = Callable[[], Awaitable[float]]
"""Connects and stays until the other side ends it. Returns the seconds to keep away at least."""


async def reconnect(connection: Connection, *, log: FilteringBoundLogger) -> None:
    """Until cancelled."""
    loop = asyncio.get_running_loop()
    back_off = BackOff()
    while True:
        began_at = loop.time()
        keep_away_s = 0.0
        try:
            keep_away_s = await connection()
        except Exception as error:  # noqa: BLE001 - a feed outlives whatever a connection meets
            log.warning("alert_feed.disconnected", **told(error))
        if loop.time() - began_at >= STEADY_S:
            back_off.reset()
        pause_s = back_off.pause_s(keep_away_s)
        log.debug("alert_feed.pause", seconds=round(pause_s, 1))
        await asyncio.sleep(pause_s)


def told(error: BaseException) -> dict[str, str]:
    """What a log may know of an error: its words may hold the url, and the url a key."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
    return {"error": type(error).__name__, "where": where}
