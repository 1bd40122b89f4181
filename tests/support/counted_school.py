"""A school of five classes, small enough to count by hand; who counts it, and who is away today."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import school_of
from bot.config import load
from bot.domain.place import Name
from bot.domain.roster import Absence, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster
from bot.services.importing import apply_roster
from bot.services.school import School
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from tests.support import cast
from tests.support.cast import CHEN, EMILY, LI
from tests.support.door import MONDAY

DAY = date(2026, 11, 23)
# Class → grade, zone, pupils. The club has no list.
SCHOOL = {
    "7-1": ("7", "A3", 5),
    "7-2": ("7", "A3", 3),
    "8-1": ("8", "gym", 8),
    "8-2": ("8", "gym", 4),
    "club": ("", None, 0),
}
NUMBERS = {name: [f"{name}{n:02}" for n in range(1, size + 1)] for name, (_, _, size) in SCHOOL.items()}
ALL_NUMBERS = [number for own in NUMBERS.values() for number in own]
AWAY_BY_NAME = ("7-105", "8-108")
AWAY_BY_NUMBER = {"8-1": 3, "8-2": 1}


def _person(staff_id: str, number: int, *roles: Role, classes: tuple[str, ...] = ()) -> Person:
    return Person(
        staff_id,
        Name(staff_id),
        roles=frozenset({Role.STAFF, *roles}),
        classes=classes,
        telegram_id=number,
    )


LEADS = {
    "W1": ("7-1",),
    "W2": ("7-1", "7-2"),
    "X1": ("8-1",),
    "X2": ("8-1", "club"),
    "Y": ("8-2",),
    "Z": ("club", "7-2"),
}
OFFICE = LI.staff_id
STAFF = {
    person.staff_id: person
    for person in (
        CHEN,
        EMILY,
        LI,
        *(_person(key, 2000 + n, Role.CLASS_LEAD, classes=own) for n, (key, own) in enumerate(LEADS.items())),
        _person("G7", 2101, Role.GRADE_LEAD, classes=("7",)),
        _person("S1", 2201),
        _person("S2", 2202),
    )
}


def fill(database: Database) -> None:
    """Its people, classes and pupils, and who is away."""
    classes = {n: SchoolClass(n, grade, zone, "field") for n, (grade, zone, _) in SCHOOL.items()}
    pupils = {no: Pupil(no, "学生", name) for name, own in NUMBERS.items() for no in own}
    absences = tuple(Absence(DAY, number) for number in AWAY_BY_NAME)
    roster = Roster(STAFF, classes, pupils, absences=absences)
    database.write_now(apply_roster, roster, by="test", at=MONDAY)
    database.write_now(_tell_absent)


def _tell_absent(tx: Transaction) -> None:
    for name, number in AWAY_BY_NUMBER.items():
        tx.absences.set_count(DAY, name, number, said_by="W1", at=MONDAY)


@cache
def counted_school() -> School:
    """Its settings."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "school.toml"
        text = cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:9", port=0)
        path.write_text(text, encoding="utf-8")
        return school_of(load(path, {}))
