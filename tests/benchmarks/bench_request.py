"""CPU per sent message: telegram.Bot over Muster's aiohttp request beside the same over PTB's httpx request.

    python -m tests.benchmarks.bench_request [--rounds 7] [--messages 400] [--at-once 16] [--uvloop]

Only the client's process time counts; the server is another process. The two alternate in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import multiprocessing as mp
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import uvloop
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.request import BaseRequest, HTTPXRequest

from integrations.telegram.request import AiohttpRequest
from tests.benchmarks.table import Row, at_most

TOKEN = "1000001:BENCH"
HOLD = 1 / 3
TEXT = "【演练】<b>火警</b> 教学楼A座三层：请立即按路线疏散到操场，班主任清点人数后按下面的按钮。"
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("全部到齐（40）", callback_data="hc:7:40")]])


def serve(ready: Connection) -> None:
    """The Bot API's answers and nothing else, until the parent is done."""
    message = {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": {"id": 5, "type": "private", "first_name": "Li"},
        "from": {"id": 1000001, "is_bot": True, "first_name": "Muster", "username": "muster_bot"},
        "text": TEXT,
    }
    answers = {"getMe": message["from"], "sendMessage": message}
    bodies = {name: json.dumps({"ok": True, "result": result}).encode() for name, result in answers.items()}

    async def handle(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(body=bodies[request.path.rpartition("/")[2]], content_type="application/json")

    async def run() -> None:
        runner = web.ServerRunner(web.Server(handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.to_thread(ready.recv)
        await runner.cleanup()

    uvloop.run(run())


@dataclass
class Rounds:
    """One contestant's figures, one entry a round; `waits_ms` one a message."""

    cpu_ms: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_ms)

    def row(self, name: str) -> str:
        p99 = statistics.quantiles(self.waits_ms, n=100)[98]
        return f"{name:<28}{self.cpu:>12.3f}{statistics.median(self.per_s):>14.0f}{p99:>10.1f}"


async def send_all(bot: Bot, messages: int, at_once: int, rounds: Rounds) -> None:
    """One round."""
    numbers = itertools.count()

    async def worker() -> None:
        while next(numbers) < messages:
            started = time.perf_counter()
            await bot.send_message(5, TEXT, parse_mode=ParseMode.HTML, reply_markup=BUTTONS)
            rounds.waits_ms.append((time.perf_counter() - started) * 1000)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    rounds.cpu_ms.append((time.process_time() - cpu) * 1000 / messages)
    rounds.per_s.append(messages / (time.perf_counter() - wall))


async def compare(url: str, asked: argparse.Namespace) -> dict[str, Rounds]:
    """Alternate the two, round by round, after one of each to warm up."""
    requests: dict[str, tuple[BaseRequest, BaseRequest]] = {
        "Muster (aiohttp)": (AiohttpRequest(), AiohttpRequest()),
        "PTB's own (httpx)": (HTTPXRequest(), HTTPXRequest()),
    }
    bots = {
        name: Bot(TOKEN, base_url=f"{url}/bot", request=one, get_updates_request=other)
        for name, (one, other) in requests.items()
    }
    figures = {name: Rounds() for name in bots}
    for bot in bots.values():
        await bot.initialize()
        await send_all(bot, asked.messages // 4, asked.at_once, Rounds())
    for _ in range(asked.rounds):
        for name, bot in bots.items():
            await send_all(bot, asked.messages, asked.at_once, figures[name])
    for bot in bots.values():
        await bot.shutdown()
    return figures


@contextmanager
def served() -> Iterator[str]:
    """The server's URL, in its own process."""
    spawn = mp.get_context("spawn")
    mine, other = spawn.Pipe()
    server = spawn.Process(target=serve, args=(other,), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{mine.recv()}"
    finally:
        mine.send("done")
        server.join(5)


async def run(*, quick: bool = False) -> list[Row]:
    """Both clients on the loop that runs this, as Muster's on uvloop."""
    asked = argparse.Namespace(rounds=1 if quick else 7, messages=40 if quick else 400, at_once=16)
    with served() as url:
        figures = await compare(url, asked)
    ours, theirs = figures.values()
    rows = [
        Row(f"CPU a message, {name}", f"{one.cpu:.3f} ms", f"{statistics.median(one.per_s):.0f} messages/s")
        for name, one in figures.items()
    ]
    return [*rows, at_most("… ratio", ours.cpu / theirs.cpu, round(HOLD, 3), "×", digits=3)]


def main() -> int:
    """Print the table; 1 when the ratio is not held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--uvloop", action="store_true", help="both clients on uvloop, as Muster runs")
    asked = parser.parse_args()

    loop_factory = uvloop.new_event_loop if asked.uvloop else None
    with served() as url, asyncio.Runner(loop_factory=loop_factory) as runner:
        figures = runner.run(compare(url, asked))

    print(f"{asked.rounds} rounds of {asked.messages} messages, {asked.at_once} at once")
    print(f"{'':<28}{'CPU ms/msg':>12}{'messages/s':>14}{'p99 ms':>10}")
    for name, rounds in figures.items():
        print(rounds.row(name))
    ours, theirs = figures.values()
    ratio = ours.cpu / theirs.cpu
    print(f"CPU ratio {ratio:.3f} (hold: at most {HOLD:.3f})")
    return 0 if ratio <= HOLD else 1


if __name__ == "__main__":
    sys.exit(main())
