"""python -m tests.benchmarks [--quick] [NAME…]: run them one after the other and print a table for each.

The exit code says whether the benchmarks themselves work; whether a number is held stands in the table.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from multiprocessing import get_context

import uvloop

from tests.benchmarks import (
    bench_alerts,
    bench_announcements,
    bench_cameras,
    bench_headcount,
    bench_history,
    bench_latency,
    bench_marks,
    bench_outbox,
    bench_plans,
    bench_reports,
    bench_request,
    bench_start,
    bench_writer,
)
from tests.benchmarks.table import Row, render

Benchmark = Callable[..., Awaitable[list[Row]]]
BENCHMARKS: dict[str, Benchmark] = {
    "writer": bench_writer.run,
    "request": bench_request.run,
    "start": bench_start.run,
    "latency": bench_latency.run,
    "outbox": bench_outbox.run,
    "announcements": bench_announcements.run,
    "plans": bench_plans.run,
    "headcount": bench_headcount.run,
    "headcount-marks": bench_marks.run,
    "history": bench_history.run,
    "cameras-grab": bench_cameras.run,
    "reports": bench_reports.run,
    **bench_alerts.BENCHMARKS,
}


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--quick", action="store_true", help="short runs, to see that it works; not for figures"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    broken = [name for name in asked.names or BENCHMARKS if not _run_apart(name, is_quick=asked.quick)]
    if broken:
        print(f"broken: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def _run_apart(name: str, *, is_quick: bool) -> bool:
    """In a process of its own: what another one's children used is not counted here."""
    one = get_context("fork").Process(target=_end_with, args=(name,), kwargs={"is_quick": is_quick})
    one.start()
    one.join()
    return one.exitcode == 0


def _end_with(name: str, *, is_quick: bool) -> None:
    sys.exit(0 if _run(name, is_quick=is_quick) else 1)


def _run(name: str, *, is_quick: bool) -> bool:
    load, begun = os.getloadavg()[0], time.monotonic()
    print(f"\n{name}{' (quick: no figures to quote)' if is_quick else ''}", flush=True)
    try:
        rows = uvloop.run(BENCHMARKS[name](quick=is_quick))
    except Exception as error:  # noqa: BLE001 - the next one may work
        print(f"  broken: {type(error).__name__}: {error}", flush=True)
        return False
    print(render(rows))
    told = f"load of the machine {load:.2f} before, {os.getloadavg()[0]:.2f} after"
    print(f"({time.monotonic() - begun:.0f} s; {told})", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
