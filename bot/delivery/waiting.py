"""What every loop of this room does between its turns, and until the database takes a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.transaction import Transaction

# After the database failed.
STORAGE_PAUSE_S = 0.5

_log = structlog.get_logger(__name__)


async def rest(awake: asyncio.Event, seconds: float) -> None:
    """So long, or until it is woken."""
    try:
        async with asyncio.timeout(seconds):
            await awake.wait()
    except TimeoutError:
        return


async def keep_verdict(database: Database, verdict: Callable[[Transaction], Any], **about: object) -> None:
    """Settle, however long the database refuses: until then nothing may overtake or double the message."""
    while True:
        try:
            await database.write(verdict)
            return
        except StorageError as error:
            _log.warning("verdict_not_kept_yet", error=str(error), **about)
        except Exception:  # noqa: BLE001 - tried again: nothing else may touch the row meanwhile
            _log.exception("verdict_not_kept", **about)
        await asyncio.sleep(STORAGE_PAUSE_S)
