"""Handing a body on until it is kept."""

from __future__ import annotations

import asyncio
from typing import Final

from structlog.typing import FilteringBoundLogger

from bot.domain.alert_format import Body
from bot.errors import StorageError
from integrations.alert_feeds.back_off import BackOff
from integrations.alert_feeds.feed import Deliver

LONGEST_PAUSE_S: Final = 5.0
"""An alarm waits at most this much longer than the database was busy."""


async def offer(deliver: Deliver, body: Body, *, log: FilteringBoundLogger) -> None:
    """Return once `deliver` has kept the body. One that it cannot take for another reason is dropped and logged."""
    back_off = BackOff(LONGEST_PAUSE_S)
    refusals = 0
    while True:
        try:
            await deliver(body)
        except StorageError as error:
            if not refusals:
                log.warning("alert_feed.not_kept", error=type(error).__name__)
            refusals += 1
        except Exception:  # offering it for ever would keep back all that follow
            log.exception("alert_feed.body_dropped", size=len(body.data))
            return
        else:
            if refusals:
                log.info("alert_feed.kept_at_last", refusals=refusals)
            return
        await asyncio.sleep(back_off.pause_s())
