"""Which sheets there are, in which order, and what stands on them."""

from __future__ import annotations

import pytest

from bot.domain.place import AssemblyPoint, Campus, Name, Zone
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.services.printing import roll_sheets
from bot.storage.database import Database
from tests.support.databases import place

pytestmark = pytest.mark.both_databases

FIELD = AssemblyPoint("field", Name("操场", "Sports field"))
A3 = Zone("A3", Name("教学楼A座三层", "Building A, floor 3"), "classroom", "field")
CAMPUS = Campus({"A3": A3}, {"field": FIELD})


@pytest.fixture
def database(tmp_path):
    return Database(place(tmp_path / "muster.db"))


def sheets(database, *classes: SchoolClass, people: tuple[Person, ...] = (), pupils: tuple[Pupil, ...] = ()):
    def unit(tx):
        tx.roster.replace_classes(classes)
        tx.roster.replace_pupils(pupils)
        tx.people.save(people)

    database.write_now(unit)
    return database.read_now(roll_sheets, CAMPUS)


@pytest.mark.parametrize(
    "names",
    [
        ["七1班", "七2班", "七10班", "八1班", "九1班", "十一1班", "二十1班"],
        ["7-1", "7-2", "7-10", "10-1"],
        ["高一（2）班", "高一（10）班", "高二（1）班", "高三（1）班"],
        ["初一二班", "初一三班"],
    ],
)
def test_classes_come_in_the_order_in_which_people_count(database, names):
    found = sheets(database, *(SchoolClass(name) for name in reversed(names)))
    assert [sheet.name for sheet in found] == names


def test_grades_stay_together(database):
    classes = (SchoolClass("火箭班", "八年级"), SchoolClass("1班", "八年级"), SchoolClass("2班", "七年级"))
    assert [sheet.name for sheet in sheets(database, *classes)] == ["2班", "1班", "火箭班"]


def test_pupils_stand_under_their_class_by_number(database):
    pupils = (Pupil("10", "十", "7-1"), Pupil("9", "九", "7-1"), Pupil("1", "一", "7-2"))
    first, second = sheets(database, SchoolClass("7-1"), SchoolClass("7-2"), pupils=pupils)
    assert [pupil.name for pupil in first.pupils] == ["九", "十"]
    assert [pupil.name for pupil in second.pupils] == ["一"]


def test_a_class_gathers_where_it_is_told_else_where_its_room_does(database):
    told, by_room, nowhere = sheets(
        database,
        SchoolClass("7-1", zone="A3", assembly_point="court"),
        SchoolClass("7-2", zone="A3"),
        SchoolClass("7-3", zone="gone"),
    )
    assert told.assembly_point == Name("court", "court")
    assert by_room.assembly_point == FIELD.name
    assert by_room.zone == A3.name
    assert (nowhere.zone, nowhere.assembly_point) == (Name("gone", "gone"), None)


def test_only_the_class_leads_who_are_still_there_are_named(database):
    lead = frozenset({Role.STAFF, Role.CLASS_LEAD})
    people = (
        Person("T1", Name("王芳"), roles=lead, classes=("7-1",), phone="8001"),
        Person("T2", Name("余静"), roles=lead, classes=("7-1", "7-2")),
        Person("T3", Name("董明"), roles=frozenset({Role.STAFF, Role.GRADE_LEAD}), classes=("7-1",)),
        Person("T4", Name("走了"), roles=lead, classes=("7-1",), is_active=False),
    )
    first, second = sheets(database, SchoolClass("7-1"), SchoolClass("7-2"), people=people)
    assert [(person.name.zh, person.phone) for person in first.leads] == [("王芳", "8001"), ("余静", "")]
    assert [person.name.zh for person in second.leads] == ["余静"]
