"""python -m integrations.telegram.simulator: the server in its own process, with the phones at its URL."""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path

from integrations.telegram.simulator.limits import Limits
from integrations.telegram.simulator.server import Simulator
from integrations.telegram.simulator.world_file import add_to_world


def main() -> None:
    asyncio.run(_serve(_read_arguments()))


async def _serve(wanted: argparse.Namespace) -> None:
    limits = Limits.none() if wanted.no_limits else Limits.published(strict=wanted.strict)
    simulator = Simulator(wanted.token, wanted.bot_username, limits, keep_messages=wanted.keep_messages)
    if wanted.world:
        add_to_world(simulator, json.loads(wanted.world.read_text("utf-8")))
    await simulator.start(wanted.port)
    sys.stdout.write(f"{simulator.url}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    await simulator.stop()


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m integrations.telegram.simulator", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8081, help="0 takes a free one; the URL is the first line printed"
    )
    parser.add_argument("--token", default="1000001:TEST")
    parser.add_argument("--bot-username", default="muster_bot")
    parser.add_argument("--world", type=Path, help="JSON with users, groups, channels, phones")
    parser.add_argument("--no-limits", action="store_true", help="no 429 from the flood limits")
    parser.add_argument(
        "--strict", action="store_true", help="one message a second to a private chat, no burst"
    )
    parser.add_argument("--keep-messages", type=int, default=20_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
