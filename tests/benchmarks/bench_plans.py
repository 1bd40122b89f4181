"""The largest plan starts: 60 tasks, 120 people, all queued in one transaction; when the first one is out."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import school_of
from bot.config import load
from bot.delivery.limiter import Limiter, Limits
from bot.delivery.outbox import Courier
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.message import CENTRE, CHANNEL, Delivery, MessageKind, Rendered
from bot.domain.place import Name
from bot.domain.plan import MOST_TASKS, Plan, PlanTask, Reach
from bot.domain.roster import Person, Role
from bot.domain.roster_diff import Roster
from bot.i18n import Languages
from bot.messages import Renderer
from bot.ports import utc_now
from bot.services.importing import apply_roster
from bot.services.opening import open_incident
from bot.services.planning import start_plan
from bot.services.school import School
from bot.services.turn import Turn
from bot.storage.claim import Addresses
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.benchmarks.table import Row, at_most
from tests.support import cast

PEOPLE = 120
QUEUED_WITHIN_MS = 100
FIRST_WITHIN_MS = 200
# Roles whose holders are many, and how the 120 are spread over them.
SPREAD = {
    Role.CLASS_LEAD: 60,
    Role.GRADE_LEAD: 12,
    Role.ON_SCENE: 20,
    Role.DEPARTMENT_LEAD: 12,
    Role.SAFETY_OFFICE: 4,
    Role.MEDICAL: 4,
    Role.IT_CENTRE: 4,
    Role.COMMANDER: 4,
}


async def run(*, quick: bool = False) -> list[Row]:
    """Several schools one after the other, each with a fresh incident."""
    rounds = 3 if quick else 15
    queued, first, messages = [], [], 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
            took, waited, messages = await _start(Path(folder))
            queued.append(took)
            first.append(waited)
    return [
        at_most(
            f"{MOST_TASKS} tasks, {PEOPLE} people: all queued in one transaction",
            statistics.median(queued),
            QUEUED_WITHIN_MS,
            "ms",
            beside=f"{messages} private messages; worst {max(queued):.0f} ms",
        ),
        at_most(
            "press → first message at the transport",
            statistics.median(first),
            FIRST_WITHIN_MS,
            "ms",
            beside=f"worst {max(first):.0f} ms",
        ),
    ]


class _First:
    """A transport that notes when the first message came."""

    def __init__(self) -> None:
        self.at = 0.0
        self.sent = 0

    async def send(self, delivery: Delivery, _: Rendered) -> int:
        if delivery.kind is MessageKind.TASK and not self.at:
            self.at = time.perf_counter()
        self.sent += 1
        return self.sent

    async def create_topic(self, _: Delivery, __: str, ___: str) -> int:
        return 7

    async def rename_topic(self, _: Delivery, __: str, ___: str) -> None:
        return

    async def pin(self, _: Delivery, __: int) -> None:
        return


async def _start(folder: Path) -> tuple[float, float, int]:
    database, school = _school(folder)
    await database.open()
    transport = _First()
    courier = Courier(
        database,
        transport,
        Renderer(Languages(school.timezone, school.locale)),
        limiter=Limiter([CENTRE, CHANNEL], Limits()),
        addresses=Addresses(cast.CENTRE, cast.CHANNEL, school.locale),
        claimed_by="bench",
        clock=utc_now,
    )
    await courier.start()
    try:
        took = 0.0

        def unit(tx: Transaction) -> None:
            nonlocal took
            begun = time.perf_counter()
            turn = Turn(tx, school, utc_now())
            incident = open_incident(
                turn, mode=Mode.REAL, severity=Severity.EXTREME, kind=Kind.FIRE, zone="A3", reporter_id=None
            )
            start_plan(turn, incident)
            turn.finish()
            took = (time.perf_counter() - begun) * 1000

        pressed = time.perf_counter()
        await database.write(unit)
        count = await database.read(_count)
        await _until(lambda: transport.at > 0)
        return took, (transport.at - pressed) * 1000, count
    finally:
        await courier.stop()
        await database.close()


async def _until(is_there) -> None:
    limit = time.monotonic() + 20
    while not is_there():
        if time.monotonic() > limit:
            raise AssertionError("no task ever went out")
        await asyncio.sleep(0.001)


def _count(tx: Transaction) -> int:
    rows = tx.outbox.of_incident(1)
    return sum(1 for row in rows if row["kind"] == MessageKind.TASK)


def _school(folder: Path) -> tuple[Database, School]:
    text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:9", port=0)
    (folder / "school.toml").write_text(text, encoding="utf-8")
    settings = load(folder / "school.toml", {})
    database = Database(settings.database.url)
    database.path.parent.mkdir(parents=True, exist_ok=True)
    database.migrate()
    database.write_now(apply_roster, Roster(_people()), by="bench", at=utc_now())
    return database, replace(school_of(settings), plans={Kind.FIRE: _largest()})


def _people() -> dict[str, Person]:
    roles = [role for role, count in SPREAD.items() for _ in range(count)]
    assert len(roles) == PEOPLE
    return {
        f"T{number:03}": Person(
            f"T{number:03}",
            Name(f"老师{number}", f"Teacher {number}"),
            roles=frozenset({Role.STAFF, role}),
            telegram_id=100_000 + number,
        )
        for number, role in enumerate(roles)
    }


def _largest() -> Plan:
    """One task for each class lead, the others for whoever of the smaller roles accepts first."""
    roles = [Role.SAFETY_OFFICE, Role.MEDICAL, Role.IT_CENTRE, Role.COMMANDER]
    each = PlanTask(
        "everybody", Name("清点本班", "Count your class"), Role.CLASS_LEAD, timedelta(minutes=5), Reach.ALL
    )
    others = [
        PlanTask(
            f"task_{number}",
            Name(f"第{number}项任务", f"Task number {number}"),
            roles[number % len(roles)],
            timedelta(minutes=10),
            Reach.FIRST,
        )
        for number in range(1, MOST_TASKS)
    ]
    return Plan(Kind.FIRE, 1, Severity.EXTREME, (each, *others))
