"""`muster run` without Telegram's pace, so that a benchmark sees the program and not the limits."""

from __future__ import annotations

import sys
from pathlib import Path

import bot.app
from bot.config import load
from bot.delivery.limiter import Limits

UNPACED = Limits(per_second=10_000, paced_per_second=9_000, private_every_s=0.001, group_per_minute=1_000_000)


def main() -> None:
    """As `python unpaced.py -c school.toml`."""
    vars(bot.app)["Limits"] = lambda: UNPACED
    bot.app.serve(load(Path(sys.argv[2])))


if __name__ == "__main__":
    main()
