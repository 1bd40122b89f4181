from __future__ import annotations

from datetime import date

from bot.domain.place import AssemblyPoint, Campus, Name, Zone
from bot.domain.roster import Absence, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Noun, Roster
from bot.domain.roster_file import RosterFile, Row, RowProblem, RowReason, assemble
from bot.ports import utc_now

CAMPUS = Campus(
    {"A3": Zone("A3", Name("教学楼A座三层", "Building A, floor 3"), "classroom", "field")},
    {"field": AssemblyPoint("field", Name("操场", "Sports field"))},
)


def staff_file(*people: Person, name: str = "staff.csv", absent: frozenset[str] = frozenset()) -> RosterFile:
    rows = tuple(Row(line, person) for line, person in enumerate(people, start=2))
    return RosterFile(name, Noun.PEOPLE, people=rows, absent=absent)


def class_file(*classes: SchoolClass) -> RosterFile:
    rows = tuple(Row(line, item) for line, item in enumerate(classes, start=2))
    return RosterFile("classes.csv", Noun.CLASSES, classes=rows)


def told(*files: RosterFile, current: Roster | None = None, campus: Campus | None = CAMPUS) -> list[str]:
    return [str(problem) for problem in assemble(files, current=current or Roster(), campus=campus).problems]


def test_files_of_one_kind_are_put_together() -> None:
    one, two = Person("T1", Name("x")), Person("T2", Name("y"))
    lacking = frozenset({"phone"})
    result = assemble([staff_file(one, absent=lacking), staff_file(two, name="b.csv")], current=Roster())
    assert result.problems == ()
    assert result.roster.people == {"T1": one, "T2": two}
    assert result.roster.classes is None
    assert result.roster.shifts is None
    assert result.roster.absent == {(Noun.PEOPLE, "T1"): lacking}


def test_the_same_key_in_two_files_is_told_with_both_places() -> None:
    person = Person("T1", Name("x"))
    assert told(staff_file(person), staff_file(person, name="b.csv")) == [
        'b.csv: line 2: staff_id "T1" stands in line 2 of staff.csv already'
    ]


def test_the_same_telegram_id_twice_is_told() -> None:
    people = Person("T1", Name("x"), telegram_id=7), Person("T2", Name("y"), telegram_id=7)
    assert told(staff_file(*people)) == [
        'staff.csv: line 3: telegram_id "7" stands in line 2 of staff.csv already'
    ]


def test_classes_must_exist_once_any_are_known() -> None:
    person = Person("T1", Name("x"), classes=("7-9",))
    assert told(staff_file(person)) == []
    assert told(staff_file(person), class_file(SchoolClass("7-3"))) == [
        'staff.csv: line 2: there is no class "7-9"'
    ]
    current = Roster(classes={"7-9": SchoolClass("7-9")})
    assert told(staff_file(person), current=current) == []
    pupils = RosterFile("p.csv", Noun.PUPILS, pupils=(Row(5, Pupil("1", "x", "7-8")),))
    assert told(pupils, current=current) == ['p.csv: line 5: there is no class "7-8"']


def test_a_new_pupil_needs_a_class_and_a_known_one_keeps_theirs() -> None:
    pupils = RosterFile("p.csv", Noun.PUPILS, pupils=(Row(2, Pupil("1", "x", "")),))
    assert told(pupils) == ["p.csv: line 2: class is empty"]
    assert told(pupils, current=Roster(pupils={"1": Pupil("1", "x", "7-3")})) == []


def test_places_may_be_called_by_id_or_by_either_name() -> None:
    item = SchoolClass("7-3", zone="building a, FLOOR 3", assembly_point="操场")
    result = assemble([class_file(item)], current=Roster(), campus=CAMPUS)
    assert result.problems == ()
    assert result.roster.classes == {"7-3": SchoolClass("7-3", zone="A3", assembly_point="field")}


def test_places_that_school_toml_lacks_are_told() -> None:
    item = SchoolClass("7-3", zone="C9", assembly_point="moon")
    assert told(class_file(item)) == [
        'classes.csv: line 2: there is no zone "C9" in school.toml',
        'classes.csv: line 2: there is no assembly point "moon" in school.toml',
    ]
    assert told(class_file(item), campus=None) == []


def test_duty_of_strangers_is_told() -> None:
    shift = DutyShift(utc_now(), utc_now(), Role.COMMANDER, "T9")
    duty = RosterFile("duty.csv", Noun.SHIFTS, shifts=(Row(2, shift),))
    assert told(duty, current=Roster(people={"T1": Person("T1", Name("x"))})) == [
        'duty.csv: line 2: nobody has the staff id "T9"'
    ]
    assert told(duty, staff_file(Person("T9", Name("x")))) == []


def test_a_grade_may_stand_among_the_classes_of_its_head_and_of_nobody_else() -> None:
    classes = class_file(SchoolClass("7-3", "七年级"))
    head = Person("T1", Name("x"), roles=frozenset({Role.GRADE_LEAD}), classes=("七年级",))
    assert told(staff_file(head), classes) == []
    assert told(staff_file(Person("T1", Name("x"), classes=("七年级",))), classes) == [
        'staff.csv: line 2: there is no class "七年级"'
    ]


def test_an_absent_pupil_must_be_on_the_roster_or_in_a_file_beside() -> None:
    monday = date(2026, 11, 23)
    rows = tuple(Row(line, Absence(monday, number)) for line, number in ((2, "1"), (3, "2"), (4, "1")))
    absences = RosterFile("absences.csv", Noun.ABSENCES, absences=rows)
    assert told(absences, current=Roster(pupils={"1": Pupil("1", "x", "7-3")})) == [
        'absences.csv: line 3: the student number "2" is not on the roster'
    ]
    pupils = RosterFile(
        "p.csv", Noun.PUPILS, pupils=tuple(Row(2, Pupil(number, "x", "7-3")) for number in "12")
    )
    result = assemble([absences, pupils], current=Roster())
    assert result.problems == ()
    assert result.roster.absences == (Absence(monday, "1"), Absence(monday, "2"))


def test_problems_come_in_the_order_of_files_and_lines() -> None:
    early = RowProblem("b.csv", 9, RowReason.MISSING, {"column": "name"})
    first = class_file(SchoolClass("7-3", zone="C9"))
    second = RosterFile(
        "b.csv", Noun.PEOPLE, people=staff_file(Person("T1", Name("x"), classes=("?",))).people
    )
    second = RosterFile("b.csv", Noun.PEOPLE, people=second.people, problems=(early,))
    assert [line.split(": ")[:2] for line in told(first, second)] == [
        ["classes.csv", "line 2"],
        ["b.csv", "line 2"],
        ["b.csv", "line 9"],
    ]


def test_a_value_from_a_file_cannot_break_the_sentence() -> None:
    problem = RowProblem("x.csv", 2, RowReason.UNKNOWN_CLASS, {"value": "{0}{column}\u202e\n" + "x" * 99})
    assert str(problem).endswith('"{0}{column} ' + "x" * 47 + '…"')
