"""Works that end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def side_by_side(*works: Coroutine[Any, Any, None]) -> None:
    """Until all have ended; when one fails the others are cancelled, and its error is raised as it is.

    Not a TaskGroup: before Python 3.13 that one, while it ends for an error, drops a cancelling that comes.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
