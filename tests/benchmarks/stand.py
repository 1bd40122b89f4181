"""A school of any size, Telegram in one process, Muster in another, and the load from this one."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.support import cast
from tests.support.process import Process, command, free_port, processes, until

COMMANDER = cast.CHEN.telegram_id or 0
_FIRST_ID = 100_001
_FIRST_GROUP = -1_002_000_000_001
_HEADINGS = ("staff_id", "name", "name_en", "roles", "telegram_id", "locale")
_SETTLE_S = 20.0


def teacher(number: int) -> int:
    """The Telegram id of a teacher, counted from 0."""
    return _FIRST_ID + number


def group(number: int) -> int:
    """The id of one of the other groups, counted from 0."""
    return _FIRST_GROUP - number


class Telegram:
    """The simulator's process, steered through /control/. Its times are this machine's monotonic seconds."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def ask(self, path: str) -> Any:
        async with self._session.get(f"{self.url}/control/{path}") as answer:
            return await answer.json()

    async def tell(self, path: str, **what: Any) -> Any:
        async with self._session.post(f"{self.url}/control/{path}", json=what) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def send(self, user: int, text: str, chat: int | None = None) -> float:
        """Somebody writes; the time just before."""
        now = time.monotonic()
        await self.tell("send", user=user, text=text, chat=chat)
        return now

    async def calls(self, method: str = "", *, since: int = 0) -> list[dict[str, Any]]:
        """What the bot asked for, oldest first, after call number `since`.

        Thousands of them hold the simulator up for a moment, and what comes meanwhile counts as come at once:
        ask for few while something is measured.
        """
        return [call for call in await self.ask(f"calls?since={since}") if method in ("", call["method"])]

    async def messages(self, user: int) -> list[dict[str, Any]]:
        """A private chat, oldest first."""
        state = await self.ask("state?messages=20")
        return next(chat["messages"] for chat in state["chats"] if chat["id"] == user)

    async def wait_for(self, user: int, words: str) -> dict[str, Any]:
        """The newest message of the bot with these words in its text or on its buttons."""
        limit = time.monotonic() + _SETTLE_S
        while time.monotonic() < limit:
            for message in reversed(await self.messages(user)):
                if message["from"]["is_bot"] and words in json.dumps(message, ensure_ascii=False):
                    return dict(message)
            await asyncio.sleep(0.1)
        raise AssertionError(f"{words!r} did not come to {user}")


class Stand:
    """One school; `start` begins its Muster."""

    def __init__(self, folder: Path, telegram: Telegram, start: Any) -> None:
        self.folder = folder
        self.telegram = telegram
        self._start = start

    async def start(self, **how: Any) -> Process:
        """Returns when it runs."""
        process: Process = self._start(self.folder, **how)
        await process.has_logged("running")
        return process

    def begin(self) -> Process:
        """Returns at once."""
        process: Process = self._start(self.folder)
        return process

    async def open_led_incident(self) -> None:
        """A fire with a commander: later reports join it and ring nobody else."""
        await self.telegram.send(COMMANDER, "/report fire A3 smoke")
        await self.telegram.wait_for(COMMANDER, "Received")
        await self.telegram.send(COMMANDER, "/command")
        await self.telegram.wait_for(COMMANDER, "you are in command")

    async def order_evacuation(self) -> None:
        """One private message to everybody."""
        await self.telegram.send(COMMANDER, "/evacuate")
        asked = await self.telegram.wait_for(COMMANDER, "people at once")
        await self.telegram.tell("press", user=COMMANDER, message_id=asked["message_id"], data="Confirm")


@asynccontextmanager
async def stand(
    people: int, *, telegram: Sequence[str] = (), is_enrolled: bool = True, groups: int = 0
) -> AsyncIterator[Stand]:
    """`telegram`: the simulator's options; `groups`: more of them. Everything ends and is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        folder = Path(name)
        (folder / "world.json").write_text(json.dumps(_world(people, groups)), encoding="utf-8")
        server, url = await asyncio.to_thread(_serve, folder, telegram)
        try:
            async with aiohttp.ClientSession() as session, processes() as start:
                text = cast.SETTINGS.format(token=cast.TOKEN, api_url=url, port=free_port())
                (folder / "school.toml").write_text(text, encoding="utf-8")
                if is_enrolled:
                    await enrol(folder, people)
                yield Stand(folder, Telegram(url, session), start)
        finally:
            server.kill()
            server.communicate()


async def enrol(folder: Path, people: int) -> None:
    """`muster roster import` of so many teachers and one commander."""
    rows = [(f"X{n:05}", f"老师{n}", f"Teacher {n}", "STAFF", teacher(n), "en") for n in range(people)]
    rows.append((cast.CHEN.staff_id, "陈刚", "Chen Gang", "COMMANDER", COMMANDER, "en"))
    with (folder / "staff.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_HEADINGS, *rows])
    done = await command(folder, "roster", "import", "--yes", "staff.csv", "-c", "school.toml", within_s=120)
    assert done.code == 0, done.err


def _world(people: int, groups: int) -> dict[str, Any]:
    users = [{"id": COMMANDER, "first_name": "Chen Gang", "language_code": "en", "started": True}]
    users += [
        {"id": teacher(n), "first_name": f"Teacher {n}", "language_code": "en", "started": True}
        for n in range(people)
    ]
    members = [COMMANDER, *(teacher(n) for n in range(min(people, 20)))]
    centre = {"id": cast.CENTRE, "title": "Command centre", "members": members, "is_forum": True}
    others = [{"id": group(n), "title": f"Group {n}", "members": members} for n in range(groups)]
    return {
        "users": users,
        "groups": [centre, *others],
        "channels": [{"id": cast.CHANNEL, "title": "Notices"}],
    }


def _serve(folder: Path, options: Sequence[str]) -> tuple[subprocess.Popen[str], str]:
    words = ["--port", "0", "--token", cast.TOKEN, "--world", str(folder / "world.json"), *options]
    server = subprocess.Popen(
        [sys.executable, "-m", "integrations.telegram.simulator", *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


__all__ = ["COMMANDER", "Stand", "Telegram", "enrol", "group", "stand", "teacher", "until"]
