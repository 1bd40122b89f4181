"""3,000 private messages through Telegram's published limits, and an SOS midway.

The real process, the simulator with its strict limits in another one. The order to evacuate is what sends them.
"""

from __future__ import annotations

import asyncio
import statistics
import time

import psutil

from tests.benchmarks.stand import COMMANDER, Telegram, stand, teacher
from tests.benchmarks.table import Row, at_most
from tests.support.cast import CENTRE

MESSAGES = 3000
QUICK = 120
LIMIT_A_SECOND = 30
HOLD = 1.05
SOS_HOLD_MS = 100.0
SOS_AT = (0.25, 0.5, 0.75)
OK = 200


async def run(*, quick: bool = False) -> list[Row]:
    messages = QUICK if quick else MESSAGES
    async with stand(messages - 1, telegram=["--strict"]) as school:
        telegram = school.telegram
        process = await school.start()
        await school.open_led_incident()
        before = await telegram.ask("stats")
        cpu = psutil.Process(process.pid).cpu_times()
        await school.order_evacuation()
        waits = [
            await sos_midway(
                telegram, number, after=before["sent"] + int(share * messages), messages=messages
            )
            for number, share in enumerate(SOS_AT)
        ]
        directives = await _all_directives(telegram, messages, after=before["sent"])
        used = psutil.Process(process.pid).cpu_times()
        stats = await telegram.ask("stats")
    taken = directives[-1] - directives[0]
    floor = messages / LIMIT_A_SECOND
    cpu_ms = (used.user + used.system - cpu.user - cpu.system) * 1000
    return [
        at_most(
            f"{messages} private messages ÷ the limit itself",
            taken / floor,
            HOLD,
            "×",
            beside=f"{taken:.1f} s, limit {floor:.1f} s",
            digits=3,
        ),
        at_most("refusals (429) in that time", stats["refused_429"] - before["refused_429"], 0, "", digits=0),
        at_most(
            f"SOS midway: handed out → first sendMessage, worst of {len(waits)}",
            max(waits) * 1000,
            SOS_HOLD_MS,
            "ms",
            beside=f"median {statistics.median(waits) * 1000:.0f} ms",
            digits=0,
        ),
        Row("CPU of the whole program a message", f"{cpu_ms / messages:.2f} ms"),
    ]


async def sos_midway(telegram: Telegram, number: int, *, after: int, messages: int) -> float:
    """Somebody who was told long ago presses SOS once so many are out; seconds from hand-out to the first message."""
    who = teacher(number)
    await until_sent(telegram, after, messages)
    number_before = (await telegram.ask("stats"))["calls"]
    await telegram.send(who, "talk that ends the long poll, so that few calls need to be looked at", CENTRE)
    await asyncio.sleep(0.5)
    pressed_at = await telegram.send(who, "🆘 SOS")
    await asyncio.sleep(1.5)
    calls = await telegram.calls(since=number_before)
    handed_out_at = min(
        call["answered_at"]
        for call in calls
        if call["method"] == "getUpdates" and (call["answered_at"] or 0) > pressed_at
    )
    sent_at = min(
        call["at"]
        for call in calls
        if call["method"] == "sendMessage"
        and call["chat_id"] in (who, COMMANDER)
        and call["at"] > handed_out_at
    )
    return float(sent_at - handed_out_at)


async def until_sent(telegram: Telegram, count: int, messages: int) -> None:
    """Wait until so many calls have sent something; `messages` is how many there will be."""
    limit = time.monotonic() + messages / LIMIT_A_SECOND * 2 + 20
    while (sent := (await telegram.ask("stats"))["sent"]) < count:
        if time.monotonic() > limit:
            raise AssertionError(f"only {sent} of {count} messages arrived")
        await asyncio.sleep(0.25)


async def _all_directives(telegram: Telegram, messages: int, *, after: int) -> list[float]:
    """When each arrived."""
    await until_sent(telegram, after + messages, messages)
    await asyncio.sleep(2)
    calls = await telegram.calls("sendMessage")
    times = [call["at"] for call in calls if call["status"] == OK and _is_directive(call["params"])]
    if len(times) != messages:
        raise AssertionError(f"{len(times)} of {messages} directives arrived")
    return sorted(times)


def _is_directive(params: dict[str, str]) -> bool:
    return "Assemble at" in params["text"]
