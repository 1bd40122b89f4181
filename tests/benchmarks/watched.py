"""`muster run` that notes how late its event loop is and how long its writer works, for a benchmark to read."""

from __future__ import annotations

import asyncio
import atexit
import json
import sys
import time
from functools import wraps
from pathlib import Path
from typing import Any

import bot.app
from bot.config import load
from bot.storage.writer import Writer

NOTES = "watched.json"
SAMPLE_S = 0.01

# [when, for how long]; monotonic seconds, which all processes of a machine share.
_late: list[tuple[float, float]] = []
_busy: list[tuple[float, float]] = []


async def _sample() -> None:
    while True:
        due = time.monotonic() + SAMPLE_S
        await asyncio.sleep(SAMPLE_S)
        now = time.monotonic()
        _late.append((now, max(now - due, 0.0)))


def _watch_loop() -> None:
    start = bot.app.Muster.start

    @wraps(start)
    async def started(muster: bot.app.Muster) -> None:
        vars(muster)["_sampling"] = asyncio.create_task(_sample())
        await start(muster)

    vars(bot.app)["Muster"].start = started


def _watch_writer() -> None:
    commit = vars(Writer)["_commit"]

    @wraps(commit)
    def timed(*args: Any) -> bool:
        begun = time.monotonic()
        try:
            return bool(commit(*args))
        finally:
            _busy.append((begun, time.monotonic() - begun))

    type.__setattr__(Writer, "_commit", timed)


def main() -> None:
    """As `python watched.py -c school.toml`; the notes lie beside school.toml after the end."""
    _watch_loop()
    _watch_writer()
    notes = Path(NOTES).resolve()
    atexit.register(lambda: notes.write_text(json.dumps({"late": _late, "busy": _busy}), encoding="utf-8"))
    bot.app.serve(load(Path(sys.argv[2])))


if __name__ == "__main__":
    main()
