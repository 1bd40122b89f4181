"""`make soak`: a real `muster run` under 20 events a second, and what it holds on to: memory, handles, threads.

Half are people (reports, questions, presses of the desk), half are machines. The simulated Telegram runs in this
process, Muster in one of its own. Fails when memory or handles grow from the middle of the run to its end, or when
anything is left over.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from tests.kill.scene import TEACHERS, Scene, school, teacher
from tests.support import databases
from tests.support.process import until

PER_SECOND = 20
EVERY_S = 5.0
WARM_UP = 0.35
# Python's allocator and SQLite's cache breathe; a leak of one object an event is far above this.
MEMORY_GROWTH = 1.08
MEMORY_SLACK = 8 << 20
HANDLES_SLACK = 8
SOURCE = """
[[alert_sources]]
id = "sensor"
format = "generic"
token = "soak-token-of-the-sensor"
opens = "inform"
kind = "utility"
severity = 4
zone = "A3"
flood_per_minute = 10000
"""
WORDS = ("/report fire A3 smoke {n}", "/status", "/whoami", "still smoke {n}", "/help")


@dataclass
class Measured:
    """One line every few seconds."""

    at: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    sent: int = 0

    def look(self, process: psutil.Process, begun: float) -> None:
        self.at.append(time.monotonic() - begun)
        self.memory.append(process.memory_info().rss)
        self.handles.append(process.num_fds())
        self.threads.append(process.num_threads())

    def parts(self, values: list[int]) -> tuple[float, float]:
        """The medians of the third after warming up, and of the last one."""
        rest = values[int(len(values) * WARM_UP) :]
        third = max(len(rest) // 3, 1)
        return statistics.median(rest[:third]), statistics.median(rest[-third:])


async def talk(scene: Scene, measured: Measured, seconds: float) -> None:
    """So many events a second, evenly."""
    begun = time.monotonic()
    headers = {"Authorization": "Bearer soak-token-of-the-sensor"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for n in itertools.count():
            wait_s = begun + n / PER_SECOND - time.monotonic()
            if time.monotonic() - begun > seconds:
                break
            await asyncio.sleep(max(wait_s, 0))
            measured.sent += 1
            if n % 2:
                alert = {"title": f"sensor {n}", "id": f"s{n}", "state": "alarm"}
                async with session.post(f"{scene.web_url}/alerts/sensor", json=alert) as answer:
                    assert answer.status in {200, 202, 429}, answer.status
            else:
                who = 1 + (n // 2) % (TEACHERS - 1)
                words = WORDS[(n // 2) % len(WORDS)].format(n=n)
                await scene.simulator.phone(teacher(who)).send(words)


async def watch(scene: Scene, measured: Measured, seconds: float) -> None:
    process = psutil.Process(scene.process.pid)
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        measured.look(process, begun)
        print(
            f"{measured.at[-1]:6.0f} s  {measured.sent:6} events  {measured.memory[-1] / 1e6:6.1f} MB  "
            f"{measured.handles[-1]:3} handles  {measured.threads[-1]:3} threads",
            flush=True,
        )
        await asyncio.sleep(EVERY_S)


async def soak(seconds: float) -> bool:
    measured = Measured()
    with tempfile.TemporaryDirectory() as name:
        async with school(Path(name)) as scene:
            settings = scene.folder / "school.toml"
            settings.write_text(settings.read_text("utf-8") + SOURCE, "utf-8")
            await scene.start()
            await scene.open_led_incident()
            await asyncio.gather(talk(scene, measured, seconds), watch(scene, measured, seconds))
            await until(lambda: not scene.simulator.updates_pending(), within_s=30)
            await scene.is_settled()
            told = scene.ledger.told()
            code, ended_s = await scene.process.terminate()
    dead = {
        what: count
        for what, count in told.items()
        if "dead" in what or ("queued" in what and "person" in what)
    }
    verdicts = {
        "memory": _is_flat(measured.parts(measured.memory), MEMORY_GROWTH, MEMORY_SLACK, 1e6, "MB"),
        "handles": _is_flat(measured.parts(measured.handles), 1.0, HANDLES_SLACK, 1, ""),
        "threads": _is_flat(measured.parts(measured.threads), 1.0, HANDLES_SLACK, 1, ""),
    }
    rate = measured.sent / seconds
    print(f"{measured.sent} events in {seconds:.0f} s, {rate:.1f} a second; dead letters: {dead or 'none'}")
    print(f"SIGTERM: exit {code} after {ended_s:.1f} s")
    for what, (is_flat, words) in verdicts.items():
        print(f"{'flat ' if is_flat else 'GROWS'}  {what}: {words}")
    return not dead and code == 0 and all(is_flat for is_flat, _ in verdicts.values())


def _is_flat(
    parts: tuple[float, float], factor: float, slack: float, unit: float, name: str
) -> tuple[bool, str]:
    before, after = parts
    return after <= before * factor + slack, f"{before / unit:.1f} → {after / unit:.1f} {name}".strip()


def main() -> int:
    """Exit 1 when something grows or is left over."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument(
        "--database", choices=[databases.SQLITE, databases.POSTGRES], default=databases.SQLITE
    )
    wanted = parser.parse_args()
    databases.begin(wanted.database)
    try:
        return 0 if asyncio.run(soak(wanted.seconds)) else 1
    finally:
        databases.end()


if __name__ == "__main__":
    sys.exit(main())
