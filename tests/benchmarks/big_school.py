"""A school of 200 classes in a database of its own, evacuating: the services without Telegram and without pages."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import school_of
from bot.config import load
from bot.domain.incident import Incident, Kind, Mode, Severity, Status
from bot.domain.place import Name
from bot.domain.response import ResponseAction
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster
from bot.domain.timeline import Event
from bot.ports import utc_now
from bot.services import Services
from bot.services.calling_roll import call_roll
from bot.services.importing import apply_roster
from bot.services.turn import Turn, Turns
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.support import cast, databases

PUPILS = 42
COMMANDER = cast.CHEN


@dataclass(frozen=True)
class BigSchool:
    """`counted`: class name → its id in the running roll call."""

    database: Database
    turns: Turns
    services: Services
    incident: int
    counted: dict[str, int]


def lead_of(name: str) -> str:
    """The staff_id of a class's lead."""
    return f"L{name}"


@asynccontextmanager
async def big_school(classes: int, kind: str = databases.SQLITE) -> AsyncIterator[BigSchool]:
    """A fire with a commander, everybody ordered outside, nobody counted yet; in a database of this `kind`."""
    databases.begin(kind)
    try:
        async with _big_school(classes) as school:
            yield school
    finally:
        databases.end()


@asynccontextmanager
async def _big_school(classes: int) -> AsyncIterator[BigSchool]:
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        folder = Path(name)
        text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:9", port=0)
        (folder / "school.toml").write_text(text, encoding="utf-8")
        settings = load(folder / "school.toml")
        database = Database(databases.database_url(folder / "muster.db"))
        database.migrate()
        database.write_now(apply_roster, _roster(classes), by="bench", at=utc_now())
        turns = Turns(database, school_of(settings), utc_now)
        incident = database.write_now(_evacuate, turns)
        counted = {one.name: one.id for one in database.read_now(lambda tx: tx.headcounts.classes(1))}
        await database.open()
        try:
            yield BigSchool(database, turns, Services.of(turns), incident, counted)
        finally:
            await database.close()


def _roster(classes: int) -> Roster:
    names = [f"{7 + n % 3}-{n // 3 + 1}" for n in range(classes)]
    leads = [
        Person(
            lead_of(name),
            Name(f"班主任{name}", f"Lead {name}"),
            roles=frozenset({Role.STAFF, Role.CLASS_LEAD}),
            classes=(name,),
            telegram_id=100_001 + at,
        )
        for at, name in enumerate(names)
    ]
    pupils = [
        Pupil(f"26{at:03}{n:02}", f"学生{at}-{n}", name)
        for at, name in enumerate(names)
        for n in range(1, PUPILS + 1)
    ]
    return Roster(
        {person.staff_id: person for person in (*leads, COMMANDER)},
        {name: SchoolClass(name, name.partition("-")[0], "A3", "field") for name in names},
        {pupil.student_no: pupil for pupil in pupils},
    )


def _evacuate(tx: Transaction, turns: Turns) -> int:
    now = turns.clock()
    fire = Incident(
        0,
        "",
        Mode.REAL,
        Status.ACTIVE,
        Severity.SEVERE,
        now,
        reporter_id=COMMANDER.staff_id,
        kind=Kind.FIRE,
        zone="A3",
        commander_id=COMMANDER.staff_id,
        action=ResponseAction.EVACUATE,
        action_at=now,
    )
    turn = Turn(tx, turns.school, now)
    incident = tx.incidents.add(fire, year=now.year)
    for number in range(10):
        turn.record(incident, Event.NOTED, words=f"line {number}")
    call_roll(turn, incident)
    turn.finish()
    return incident.id
