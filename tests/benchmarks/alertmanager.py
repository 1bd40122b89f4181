"""The two that take alerts and write to Telegram: Muster, and Debian's Alertmanager as its peer."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil

from bot.config import load
from tests.benchmarks.stand import Stand, Telegram, stand
from tests.integrations.alert_feeds.broker import HOST, Cable
from tests.support.cast import CENTRE, TOKEN
from tests.support.process import Process, free_port

PROGRAMS = ("prometheus-alertmanager", "alertmanager")
UNPACED = (sys.executable, str(Path(__file__).with_name("unpaced.py")))
STARTS_WITHIN_S = 15.0
SOURCE = "bench"
SOURCE_TOKEN = "bench-token"
# The flood defence is another test's: here every alert is to be told.
SETTINGS = f"""
[[alert_sources]]
id = "{SOURCE}"
format = "generic"
token = "{SOURCE_TOKEN}"
opens = "inform"
flood_per_minute = 1000000
"""
# Every alert is a group of its own and goes at once.
CONFIG = """
global:
  resolve_timeout: 1h
route:
  receiver: telegram
  group_by: ['...']
  group_wait: 0s
receivers:
  - name: telegram
    telegram_configs:
      - api_url: {api_url}
        bot_token: "{token}"
        chat_id: {chat}
        parse_mode: HTML
        message: '{{{{ .CommonAnnotations.summary }}}}: {{{{ .CommonAnnotations.description }}}}'
        send_resolved: false
"""
_MB = 1024 * 1024


def title(number: int) -> str:
    """What tells one alert from the others, in what is posted and in what is sent."""
    return f"Sensor alarm {number:06}"


def _words(number: int) -> str:
    return f"Loop {number % 64}, building A, floor 3: value above its limit for more than 30 s"


class Contestant(Protocol):
    """One of the two, with a Telegram of its own."""

    name: str
    telegram: Telegram
    url: str
    headers: dict[str, str]

    def body(self, numbers: Iterable[int]) -> bytes:
        """These alerts in one POST."""

    async def start(self) -> None:
        """Start it, or start it again."""

    def kill(self) -> None:
        """SIGKILL."""

    @property
    def pid(self) -> int:
        """Of the process that runs now."""


class Muster:
    """A source with a Bearer token, whose alerts are told and open nothing."""

    name = "Muster"

    def __init__(self, school: Stand, api_url: str) -> None:
        self.telegram = school.telegram
        self._school = school
        settings = school.folder / "school.toml"
        text = settings.read_text("utf-8").replace(self.telegram.url, api_url)
        settings.write_text(text + SETTINGS, encoding="utf-8")
        port = load(settings, {}).web.port
        self.url = f"http://127.0.0.1:{port}/alerts/{SOURCE}"
        self.headers = {"Authorization": f"Bearer {SOURCE_TOKEN}", "Content-Type": "application/json"}
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def body(self, numbers: Iterable[int]) -> bytes:
        now = datetime.now(UTC).isoformat()
        alerts = [
            {
                "alert_uid": f"sensor-{number}",
                "title": title(number),
                "message": _words(number),
                "state": "alerting",
                "severity": "warning",
                "occurred_at": now,
            }
            for number in numbers
        ]
        return json.dumps(alerts).encode()

    async def start(self) -> None:
        self._process = await self._school.start(program=UNPACED)

    def kill(self) -> None:
        if self._process is not None:
            self._process.end()


class Alertmanager:
    """One process of it, alone (no cluster), on loopback, that writes to Telegram itself."""

    name = "Alertmanager"

    def __init__(self, school: Stand, api_url: str) -> None:
        self.telegram = school.telegram
        self._folder = school.folder / "alertmanager"
        self._folder.mkdir()
        config = CONFIG.format(api_url=api_url, token=TOKEN, chat=CENTRE)
        (self._folder / "alertmanager.yml").write_text(config, encoding="utf-8")
        self._listen = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self._listen}/api/v2/alerts"
        self.headers = {"Content-Type": "application/json"}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def body(self, numbers: Iterable[int]) -> bytes:
        now = datetime.now(UTC).isoformat()
        alerts = [
            {
                "labels": {"alertname": title(number), "sensor": str(number), "severity": "warning"},
                "annotations": {"summary": title(number), "description": _words(number)},
                "startsAt": now,
            }
            for number in numbers
        ]
        return json.dumps(alerts).encode()

    async def start(self) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise RuntimeError("Alertmanager is not installed (Debian: prometheus-alertmanager)")
        self._process = self._begin(program)
        async with asyncio.timeout(STARTS_WITHIN_S), aiohttp.ClientSession() as session:
            while not await self._answers(session):
                assert self._process.poll() is None, "Alertmanager ended"
                await asyncio.sleep(0.05)

    def _begin(self, program: str) -> subprocess.Popen[bytes]:
        words = [
            program,
            f"--config.file={self._folder / 'alertmanager.yml'}",
            f"--storage.path={self._folder / 'data'}",
            f"--web.listen-address={self._listen}",
            "--cluster.listen-address=",
        ]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"http://{self._listen}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


CONTESTANTS: tuple[type[Muster | Alertmanager], ...] = (Alertmanager, Muster)


@asynccontextmanager
async def running(kind: type[Muster | Alertmanager]) -> AsyncIterator[Muster | Alertmanager]:
    """A fresh one, beside a fresh Telegram without limits."""
    async with stand(0, telegram=["--no-limits"], is_enrolled=False) as school:
        contestant = kind(school, school.telegram.url)
        try:
            await contestant.start()
            yield contestant
        finally:
            contestant.kill()


@asynccontextmanager
async def cabled(kind: type[Muster | Alertmanager]) -> AsyncIterator[tuple[Muster | Alertmanager, Cable]]:
    """The same, with a cable to Telegram that can be pulled: then it connects to nobody."""
    async with AsyncExitStack() as parts:
        school = await parts.enter_async_context(stand(0, telegram=["--no-limits"], is_enrolled=False))
        cable = await parts.enter_async_context(Cable(int(school.telegram.url.rpartition(":")[2])))
        contestant = kind(school, f"http://{HOST}:{cable.port}")
        parts.callback(contestant.kill)
        await contestant.start()
        yield contestant, cable


def memory_mb(contestant: Contestant) -> float:
    """Resident memory now."""
    return psutil.Process(contestant.pid).memory_info().rss / _MB


def cpu_s(contestant: Contestant) -> float:
    """Seconds of CPU so far."""
    used: Any = psutil.Process(contestant.pid).cpu_times()
    return float(used.user + used.system)
