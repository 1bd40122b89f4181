"""`muster run` as a process of its own: started, watched, stopped and killed; nothing else is ever ended."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil

MUSTER = str(Path(sys.executable).with_name("muster"))
"""The command that people type."""

# How long is waited before a test fails: a machine with a dozen programs on two cores takes ten times as long.
START_WITHIN_S = 90.0
STOP_WITHIN_S = 45.0
_LOOK_EVERY_S = 0.01


def free_port() -> int:
    """A TCP port of this machine that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """Without settings that belong to whoever runs the tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


async def command(folder: Path, *words: str, within_s: float = 90.0, program: Sequence[str] = ()) -> Ended:
    """Run `muster WORDS…` in the school's folder to its end."""

    def run() -> Ended:
        done = subprocess.run(
            [*(program or [MUSTER]), *words],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=within_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return await asyncio.to_thread(run)


class Process:
    """One life of `muster run`. `before` is put in front of the command, as in `unshare …`."""

    def __init__(self, folder: Path, *, before: Sequence[str] = (), program: Sequence[str] = ()) -> None:
        self.started_at = time.monotonic()
        self.lines: list[str] = []
        self.slowness = 1.0
        """How many times longer than its own work the start took, because others had the machine."""
        self._popen = subprocess.Popen(
            [*before, *(program or (MUSTER, "run")), "-c", "school.toml"],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        # A pipe nobody reads would stop the program; a file would count against `limit_files`.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def _read(self) -> None:
        assert self._popen.stderr is not None
        for line in self._popen.stderr:
            self.lines.append(line.rstrip("\n"))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Its log lines with this event."""
        found = (json.loads(line) for line in list(self.lines) if line.startswith("{"))
        return [entry for entry in found if entry.get("event") == name]

    async def has_logged(self, name: str, *, within_s: float = START_WITHIN_S) -> None:
        """Wait for a log line with this event. AssertionError with what it said instead."""
        until = time.monotonic() + within_s
        while not self.events(name):
            if not self.is_alive or time.monotonic() > until:
                raise AssertionError(f"never said {name!r}, exit {self._popen.poll()}:\n{self.tail()}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def has_started(self) -> None:
        """Wait until it runs; `slowness` is known then."""
        await self.has_logged("running")
        worked = psutil.Process(self.pid).cpu_times()
        took_s = time.monotonic() - self.started_at
        self.slowness = max(took_s / (worked.user + worked.system), 1.0)

    def tail(self, count: int = 30) -> str:
        return "\n".join(line[:600] for line in self.lines[-count:])

    def kill(self) -> None:
        """SIGKILL, as a power cut for this process; returns when it is gone."""
        self._popen.kill()
        self._popen.wait()
        self._close()

    async def terminate(self, *, within_s: float = STOP_WITHIN_S) -> tuple[int, float]:
        """SIGTERM; its exit code and the seconds that it took, `slowness` taken off."""
        started_at = time.monotonic()
        self._popen.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(self._popen.wait, within_s)
        seconds = (time.monotonic() - started_at) / self.slowness
        self._close()
        return code, seconds

    async def ends(self, *, within_s: float = START_WITHIN_S) -> int:
        """Wait until it ends by itself; the exit code."""
        code = await asyncio.to_thread(self._popen.wait, within_s)
        self._close()
        return code

    def limit_files(self, size: int | None) -> None:
        """Let it write no file beyond `size` bytes (None: any), as a disk that is full and is made free again.

        The soft limit of the process alone, so no root is needed; SQLite gets EFBIG in the place of ENOSPC.
        """
        soft = resource.RLIM_INFINITY if size is None else size
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, hard))

    def _close(self) -> None:
        self._reader.join(5)
        if self._popen.stderr is not None:
            self._popen.stderr.close()

    def end(self) -> None:
        """Whatever state it is in, it is gone afterwards."""
        if self.is_alive:
            self.kill()


@asynccontextmanager
async def processes() -> AsyncIterator[Callable[..., Process]]:
    """Starts processes and at the end kills those that still live."""
    begun: list[Process] = []

    def start(folder: Path, **how: Any) -> Process:
        begun.append(Process(folder, **how))
        return begun[-1]

    try:
        yield start
    finally:
        for process in begun:
            process.end()


async def get(url: str) -> tuple[int, str]:
    """Status and body."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def metrics(web_url: str) -> dict[str, float]:
    """`name{labels}` → value, as /metrics tells them."""
    _, body = await get(f"{web_url}/metrics")
    samples = (line.rpartition(" ") for line in body.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


async def until(
    is_so: Callable[[], Any], *, within_s: float, what: str | Callable[[], str] = "", every_s: float = 0.05
) -> Any:
    """Look again and again until it is so; what it then is."""
    limit = time.monotonic() + within_s
    while not (found := is_so()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {within_s} s: {what() if callable(what) else what or is_so}")
        await asyncio.sleep(every_s)
    return found
