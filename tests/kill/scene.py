"""A school of 200 teachers whose Muster is a real process that dies, and what its database says then."""

from __future__ import annotations

import asyncio
import csv
import json
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psycopg

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.world import FIRST_UPDATE_ID
from tests.support import cast, databases
from tests.support.process import Ended, Process, command, free_port, metrics, processes, until

TEACHERS = 200
REPEAT = "(repeat) "
# Before a test fails; nothing waits so long unless the machine is busy.
SOON_S = 45.0
SETTLED_WITHIN_S = 120.0
SENDS = ["sendMessage", "editMessageText", "createForumTopic", "editForumTopic", "pinChatMessage"]
_FIRST_ID = 2001
_HEADINGS = ("staff_id", "name", "name_en", "roles", "telegram_id", "locale")


def teacher(number: int) -> int:
    """The Telegram id of teacher 0 … 199."""
    return _FIRST_ID + number


def words_of(number: int) -> str:
    """What that teacher reports, and nobody else."""
    return f"smoke {number:03}"


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
        path = folder / "var" / "muster.db"
        self.ledger = ServersLedger(path) if databases.is_postgres() else Ledger(path)

    async def prepare(self) -> None:
        """Settings and roster, as an administrator makes them."""
        port = free_port()
        self.web_url = f"http://127.0.0.1:{port}"
        text = cast.SETTINGS.format(token=cast.TOKEN, api_url=self.simulator.url, port=port)
        text += databases.section(self.folder / "var" / "muster.db")
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
        await self.process.has_started()
        return self.process

    def look_at_the_disk_of_the_process(self) -> None:
        """It sees another file system in the place of `var`."""
        assert self.process is not None
        own = Path(f"/proc/{self.process.pid}/root{self.folder / 'var'}")
        self.ledger = CopiedLedger(own / "muster.db", self.folder / "copy.db")

    async def report(self, number: int, words: str = "") -> None:
        """One teacher reports, in one line."""
        await self.simulator.phone(teacher(number)).send(f"/report fire A3 {words or words_of(number)}")

    async def chatter(self, numbers: Sequence[int], *, seconds: float) -> None:
        """These teachers report, at random moments within that time."""
        moments = sorted(random.uniform(0, seconds) for _ in numbers)
        begun = time.monotonic()
        for number, moment in zip(numbers, moments, strict=True):
            await asyncio.sleep(max(begun + moment - time.monotonic(), 0))
            await self.report(number)

    async def open_led_incident(self) -> None:
        """A fire, reported and commanded, so that later reports join it and alarm only the commander."""
        chen = self.simulator.phone(cast.CHEN.telegram_id)
        await self.report(0, "it-begins")
        await chen.wait_for("Fire", timeout=SOON_S)
        await chen.send("/command")
        await until(lambda: self.ledger.count("incidents", "commander_id IS NOT NULL"), within_s=SOON_S)

    async def ask_to_evacuate(self) -> dict[str, Any]:
        """The confirmation that waits for the commander's press."""
        chen = self.simulator.phone(cast.CHEN.telegram_id)
        await chen.send("/evacuate")
        return await chen.wait_for(_is_confirm, timeout=SOON_S)

    async def confirm(self, asked: dict[str, Any]) -> None:
        """Out it goes."""
        await self.simulator.phone(cast.CHEN.telegram_id).press(asked, "Confirm")

    async def is_fetched(self) -> None:
        """Telegram has nothing more to hand over."""
        await until(lambda: not self.simulator.updates_pending(), within_s=SOON_S, what=self._told)

    async def is_settled(self) -> None:
        """Everything that came in has its effect, and no private message waits any more."""
        await until(
            lambda: not self.ledger.count("inbox", "state = 'new'") and not self.ledger.waiting(),
            within_s=SETTLED_WITHIN_S,
            what=self._told,
            every_s=0.1,
        )

    def _told(self) -> str:
        return f"{self.ledger.told()}; {self.process and self.process.tail(5)}"

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
    return any(button["text"].startswith("Confirm") for row in rows for button in row)


class Ledger:
    """What is on the disk, read with a connection of its own that changes nothing."""

    mode = "ro"

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """One query."""
        with closing(
            sqlite3.connect(f"file:{self.path}?mode={self.mode}", uri=True, timeout=5)
        ) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()

    def count(self, table: str, where: str = "1 = 1") -> int:
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
        found = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in entries]
        return Counter(params.get("words", "") for params in found)

    def private(self, where: str = "1 = 1") -> list[sqlite3.Row]:
        """Deliveries to people."""
        return self.rows(
            "SELECT deliveries.*, telegram_id FROM deliveries "
            "JOIN people ON people.staff_id = substr(chat, 8) "
            f"WHERE chat LIKE 'person:%' AND {where} ORDER BY deliveries.id"
        )


class ServersLedger(Ledger):
    """The same of the database on the server that stands for the file."""

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """One query."""
        url = databases.database_url(self.path).replace("+psycopg", "")
        with psycopg.connect(url, row_factory=_row) as connection:
            return connection.execute(sql.replace("?", "%s"), values or None).fetchall()


class _Row(tuple[Any, ...]):  # noqa: SLOT001 - each query has its own names
    """By number and by name, as SQLite's."""

    names: tuple[str, ...] = ()

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


def _row(cursor: psycopg.Cursor[Any]) -> Any:
    names = tuple(column.name for column in cursor.description or ())

    def make(values: Any) -> _Row:
        row = _Row(values)
        row.names = names
        return row

    return make


class CopiedLedger(Ledger):
    """SQLite resolves /proc/PID/root by itself and ends at the wrong file, so the files are copied first."""

    mode = "rw"

    def __init__(self, source: Path, copy: Path) -> None:
        super().__init__(copy)
        self.source = source

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """One query, on what the files held at one moment."""
        before = None
        while before != (before := self._seen()):
            self._copy()
        return super().rows(sql, *values)

    def _copy(self) -> None:
        self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)
        for end in ("", "-wal"):
            shutil.copyfile(f"{self.source}{end}", f"{self.path}{end}")

    def _seen(self) -> list[tuple[int, int]]:
        files = [Path(f"{self.source}{end}").stat() for end in ("", "-wal")]
        return [(file.st_mtime_ns, file.st_size) for file in files]


def assert_each_once(scene: Scene, numbers: Iterable[int]) -> None:
    """The report of each of these teachers is in the timeline, and none twice."""
    counted = scene.ledger.reported()
    wrong = {number: counted[words_of(number)] for number in numbers if counted[words_of(number)] != 1}
    assert not wrong, f"not exactly once: {wrong}"
    assert scene.ledger.count("inbox", "state != 'done'") == 0, scene.ledger.told()


def assert_sent_is_true(scene: Scene) -> None:
    """What the database calls sent is on the phone."""
    for row in scene.ledger.private("state = 'sent' AND kind != 'pin'"):
        shown = scene.simulator.chat(row["telegram_id"]).messages
        assert row["message_id"] in shown, f"delivery {row['id']} is not on the phone"


def assert_repeats_are_marked(scene: Scene, opening: str, numbers: Iterable[int]) -> int:
    """Each of these teachers got it, at most once without the mark; how many repeats there were in all."""
    repeated = 0
    for number in numbers:
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
