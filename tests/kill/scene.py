"""A school of 200 teachers whose Muster is a real process that dies, and what its database says then."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.world import FIRST_UPDATE_ID
from tests.support import cast
from tests.support.process import Ended, Process, command, free_port, metrics, processes, until

TEACHERS = 200
REPEAT = "(repeat) "
SENDS = ["sendMessage", "editMessageText", "createForumTopic", "editForumTopic", "pinChatMessage"]
_FIRST_ID = 2001
_HEADINGS = ("staff_id", "name", "name_en", "roles", "telegram_id", "locale")


def teacher(number: int) -> int:
    """The Telegram id of teacher 0 … 199."""
    return _FIRST_ID + number


def write_roster(path: Path, count: int = TEACHERS) -> None:
    """So many teachers, and one commander."""
    rows = [(f"X{n:03}", f"老师{n}", f"Teacher {n}", "STAFF", teacher(n), "en") for n in range(count)]
    rows.append((cast.CHEN.staff_id, "陈刚", "Chen Gang", "COMMANDER", cast.CHEN.telegram_id, "en"))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_HEADINGS, *rows])


class Scene:
    """`start` begins a life of the process; `ledger` reads what is on the disk, whether it lives or not."""

    def __init__(self, folder: Path, simulator: Simulator, start: Callable[..., Process]) -> None:
        self.folder = folder
        self.simulator = simulator
        self.web_url = ""
        self._start = start
        self.process: Process | None = None
        self.ledger = Ledger(folder / "var" / "muster.db")

    async def prepare(self) -> None:
        """Settings and roster, as an administrator makes them."""
        port = free_port()
        self.web_url = f"http://127.0.0.1:{port}"
        text = cast.SETTINGS.format(token=cast.TOKEN, api_url=self.simulator.url, port=port)
        (self.folder / "school.toml").write_text(text, encoding="utf-8")
        write_roster(self.folder / "staff.csv")
        done = await self.shell("roster", "import", "--yes", "staff.csv")
        assert done.code == 0, done.err

    async def shell(self, *words: str) -> Ended:
        """`muster …`, whether the program runs or not."""
        return await command(self.folder, *words, "-c", "school.toml")

    async def start(self, **how: Any) -> Process:
        """The next life; returns when it runs."""
        self.process = self._start(self.folder, **how)
        await self.process.has_logged("running")
        return self.process

    async def report(self, number: int, words: str) -> None:
        """One teacher reports, in one line."""
        await self.simulator.phone(teacher(number)).send(f"/report fire A3 {words}")

    async def open_led_incident(self) -> None:
        """A fire, reported and commanded, so that later reports join it and alarm only the commander."""
        chen = self.simulator.phone(cast.CHEN.telegram_id)
        await self.report(0, "it-begins")
        await chen.wait_for("Fire", timeout=15)
        await chen.send("/command")
        await until(lambda: self.ledger.count("incidents", "commander_id IS NOT NULL"), within_s=15)

    async def ask_to_evacuate(self) -> dict[str, Any]:
        """The confirmation that waits for the commander's press."""
        chen = self.simulator.phone(cast.CHEN.telegram_id)
        await chen.send("/evacuate")
        return await chen.wait_for(_is_confirm, timeout=15)

    async def confirm(self, asked: dict[str, Any]) -> None:
        """Out it goes."""
        await self.simulator.phone(cast.CHEN.telegram_id).press(asked, "Confirm")

    async def is_settled(self, within_s: float) -> None:
        """Everything that came in has its effect, and no private message waits any more."""
        await until(
            lambda: not self.ledger.count("inbox", "state = 'new'") and not self.ledger.waiting(),
            within_s=within_s,
            what=lambda: f"{self.ledger.told()}; {self.process and self.process.tail(5)}",
            every_s=0.1,
        )

    async def metric(self, name: str) -> float:
        """The sum over all labels."""
        samples = await metrics(self.web_url)
        return sum(value for key, value in samples.items() if key.partition("{")[0] == name)

    # What the phones show

    def texts(self, number: int) -> list[str]:
        """What one teacher got, oldest first."""
        messages = self.simulator.chat(teacher(number)).messages.values()
        return [one["text"] for one in messages if one["from"]["is_bot"]]

    def confirmed(self) -> set[int]:
        """Ids of the updates that Telegram has let go of: it will never hand them out again."""
        queue = self.simulator.world.updates
        waiting = {update["update_id"] for update in queue.list_all()}
        return set(range(FIRST_UPDATE_ID, queue._next_id)) - waiting


def _is_confirm(message: dict[str, Any]) -> bool:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return any("Confirm" in button["text"] for row in rows for button in row)


class Ledger:
    """What is on the disk, read with a connection of its own that changes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """One query."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()

    def count(self, table: str, where: str = "1") -> int:
        """How many rows."""
        return int(self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def waiting(self) -> int:
        """Private messages that are still to go out."""
        return self.count("deliveries", "state = 'queued' AND chat LIKE 'person:%'")

    def stored(self) -> set[int]:
        """Ids of all updates in the inbox."""
        return {int(row[0]) for row in self.rows("SELECT external_id FROM inbox")}

    def told(self) -> dict[str, int]:
        """Inbox and deliveries by state."""
        inbox = self.rows("SELECT 'inbox ' || state, count(*) FROM inbox GROUP BY 1")
        out = self.rows("SELECT kind || ' ' || state, count(*) FROM deliveries GROUP BY 1")
        return dict(tuple(row) for row in [*inbox, *out])

    def reported(self) -> Counter[str]:
        """How often the timeline has the words of each report."""
        entries = self.rows("SELECT params FROM timeline WHERE event IN ('reported', 'report_joined')")
        return Counter(json.loads(row[0]).get("words", "") for row in entries)

    def private(self, where: str = "1") -> list[sqlite3.Row]:
        """Deliveries to people."""
        return self.rows(
            "SELECT deliveries.*, telegram_id FROM deliveries "
            "JOIN people ON people.staff_id = substr(chat, 8) "
            f"WHERE chat LIKE 'person:%' AND {where} ORDER BY deliveries.id"
        )


def assert_each_once(scene: Scene, words: Iterable[str]) -> None:
    """Every report is in the timeline, and none twice."""
    counted = scene.ledger.reported()
    wrong = {one: counted[one] for one in words if counted[one] != 1}
    assert not wrong, f"not exactly once: {wrong}"
    assert scene.ledger.count("inbox", "state != 'done'") == 0, scene.ledger.told()


def assert_sent_is_true(scene: Scene) -> None:
    """What the database calls sent is on the phone."""
    for row in scene.ledger.private("state = 'sent' AND kind != 'pin'"):
        shown = scene.simulator.chat(row["telegram_id"]).messages
        assert row["message_id"] in shown, f"delivery {row['id']} is not on the phone"


def assert_repeats_are_marked(scene: Scene, opening: str) -> int:
    """Of the same message a phone shows one without the mark; how many were repeated in all."""
    repeated = 0
    for number in range(TEACHERS):
        texts = [text for text in scene.texts(number) if opening in text]
        plain = [text for text in texts if REPEAT not in text]
        assert texts, f"teacher {number} never got {opening!r}"
        assert len(plain) <= 1, f"teacher {number} got it twice without a mark: {texts}"
        repeated += len(texts) - 1
    return repeated


@asynccontextmanager
async def school(folder: Path, limits: Limits | None = None) -> AsyncIterator[Scene]:
    """A school that is ready to start; at the end nothing of it runs."""
    simulator = Simulator(token=cast.TOKEN, limits=limits or Limits.none())
    for number in range(TEACHERS):
        simulator.add_user(teacher(number), f"Teacher {number}", language_code="en", started=True)
    simulator.add_user(cast.CHEN.telegram_id, "Chen Gang", language_code="en", started=True)
    simulator.add_group(cast.CENTRE, "Command centre", members=[cast.CHEN.telegram_id], is_forum=True)
    simulator.add_channel(cast.CHANNEL, "Notices")
    await simulator.start()
    try:
        async with processes() as start:
            scene = Scene(folder, simulator, start)
            await scene.prepare()
            yield scene
    finally:
        await simulator.stop()
