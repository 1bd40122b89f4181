"""An update comes in, its answer goes out: p50 and p99 at 50 updates a second.

Once with Telegram's pace lifted on both sides and every update answered, and once with it, where only 25 a second
can be answered: the others are talk in the command centre, which is kept and says nothing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.stand import Stand, stand, teacher
from tests.benchmarks.table import Row, p50_p99
from tests.support.cast import CENTRE

A_SECOND = 50
SECONDS = 20
QUICK_SECONDS = 2
SOS_EVERY = 10
UNPACED = (sys.executable, str(Path(__file__).with_name("unpaced.py")))

Said = tuple[int, str, int | None]


async def run(*, quick: bool = False) -> list[Row]:
    count = A_SECOND * (QUICK_SECONDS if quick else SECONDS)
    async with stand(count, telegram=["--no-limits"]) as school:
        await school.start(program=UNPACED)
        free = await _measure(school, count, _all_answered)
    async with stand(count, telegram=["--strict"]) as school:
        await school.start()
        paced = await _measure(school, count, _half_answered)
    return [
        *_rows("no pace, all answered", free),
        *_rows("Telegram's pace, half answered", paced),
    ]


def _all_answered(number: int) -> Said:
    return teacher(number), "🆘 SOS" if number % SOS_EVERY == SOS_EVERY - 1 else "/whoami", None


def _half_answered(number: int) -> Said:
    if number % 2:
        return teacher(number % 20), f"talk {number}", CENTRE
    return teacher(number), "🆘 SOS" if number % 50 == 48 else "/whoami", None


async def _measure(school: Stand, count: int, said: Callable[[int], Said]) -> dict[str, list[float]]:
    """Seconds from the update's arrival at Telegram to the answer's, by what was said."""
    await school.open_led_incident()
    sent_at: dict[int, tuple[float, str]] = {}

    async def send(user: int, text: str, chat: int | None) -> None:
        at = await school.telegram.send(user, text, chat)
        if chat is None:
            sent_at[user] = at, text

    begun = time.monotonic()
    sending = []
    for number in range(count):
        await asyncio.sleep(max(begun + number / A_SECOND - time.monotonic(), 0))
        sending.append(asyncio.create_task(send(*said(number))))
    await asyncio.gather(*sending)
    first = await _answers(school, set(sent_at))
    waits: dict[str, list[float]] = {"/whoami": [], "🆘 SOS": []}
    for user, (at, text) in sent_at.items():
        waits[text].append(first[user] - at)
    return waits


async def _answers(school: Stand, wanted: set[int]) -> dict[int, float]:
    """When each of these people was first written to."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        first: dict[int, float] = {}
        for call in await school.telegram.calls("sendMessage"):
            if call["status"] == 200:
                first.setdefault(call["chat_id"], call["at"])
        if wanted <= first.keys():
            return first
        await asyncio.sleep(0.5)
    raise AssertionError(f"{len(wanted - first.keys())} of {len(wanted)} were never answered")


def _rows(how: str, waits: dict[str, list[float]]) -> list[Row]:
    return [
        Row(f"{text}, {how}: in → sendMessage, p50 / p99", p50_p99(found), f"{len(found)} updates")
        for text, found in waits.items()
        if found
    ]
