from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.headcount_rights import classes_of, find_class, grade_leads_of, leads_of, unknown_classes
from bot.domain.place import Name
from bot.domain.roster import Person, Role, SchoolClass

CLASSES = {
    item.name: item
    for item in (
        SchoolClass("7-3", "7年级"),
        SchoolClass("7-4", "7年级"),
        SchoolClass("8-1", "8年级"),
        SchoolClass("高一（3）班", "高一"),
        SchoolClass("club"),
        SchoolClass("choir"),
    )
}


def person(number: int, *roles: Role, classes: tuple[str, ...] = ()) -> Person:
    return Person(f"T{number}", Name("x"), roles=frozenset({Role.STAFF, *roles}), classes=classes)


LEAD = person(1, Role.CLASS_LEAD, classes=("7-3",))
HEAD = person(2, Role.GRADE_LEAD, classes=("7-4",))
OFFICE = person(3, Role.SAFETY_OFFICE)
TEACHER = person(4, classes=("7-3", "8-1"))


def test_a_class_lead_counts_their_own_classes() -> None:
    assert classes_of(LEAD, CLASSES) == {"7-3"}
    assert classes_of(replace(LEAD, classes=("7-3", "8-1")), CLASSES) == {"7-3", "8-1"}


def test_a_class_that_is_not_there_any_more_is_nobodys() -> None:
    assert classes_of(replace(LEAD, classes=("9-9",)), CLASSES, covered=["9-8"]) == set()


def test_the_safety_office_counts_all() -> None:
    assert classes_of(OFFICE, CLASSES) == set(CLASSES)


@pytest.mark.parametrize("listed", ["7-3", "7年级", "７年级"])
def test_a_head_of_grade_counts_the_grade_however_the_roster_says_it(listed: str) -> None:
    assert classes_of(replace(HEAD, classes=(listed,)), CLASSES) == {"7-3", "7-4"}


def test_classes_without_a_grade_are_no_grade() -> None:
    assert classes_of(replace(HEAD, classes=("club",)), CLASSES) == {"club"}
    assert classes_of(replace(HEAD, classes=()), CLASSES) == set()


def test_teaching_a_class_gives_no_right_to_count_it() -> None:
    assert classes_of(TEACHER, CLASSES) == set()


def test_who_stands_in_counts_the_covered_class_too() -> None:
    assert classes_of(TEACHER, CLASSES, covered={"8-1"}) == {"8-1"}
    assert classes_of(LEAD, CLASSES, covered=["8-1"]) == {"7-3", "8-1"}


def test_who_left_counts_nothing() -> None:
    for gone in (LEAD, HEAD, OFFICE, TEACHER):
        assert classes_of(replace(gone, is_active=False), CLASSES, covered=["7-3"]) == set()


def test_the_leads_of_a_class_and_of_its_grade_are_told_apart() -> None:
    both = person(5, Role.CLASS_LEAD, Role.GRADE_LEAD, classes=("7-4",))
    people = [OFFICE, HEAD, both, LEAD, TEACHER]
    assert leads_of("7-3", people) == [LEAD]
    assert leads_of("7-4", people) == [both]
    assert grade_leads_of("7-3", people, CLASSES) == [HEAD, both]
    assert grade_leads_of("8-1", people, CLASSES) == []
    assert grade_leads_of("9-9", people, CLASSES) == []
    assert leads_of("7-3", [replace(LEAD, is_active=False)]) == []


def test_the_roster_may_list_a_grade_for_its_head_and_for_nobody_else() -> None:
    assert unknown_classes(replace(HEAD, classes=("７年级", "7-3", "9年级")), CLASSES) == ["9年级"]
    assert unknown_classes(replace(LEAD, classes=("7年级", "7-3")), CLASSES) == ["7年级"]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("7-3", "7-3"),
        ("７－３", "7-3"),
        ("7–3", "7-3"),
        ("7-3班", "7-3"),
        (" 7 - 3 ", "7-3"),
        ("高一（3）班", "高一（3）班"),
        ("高一(3)班", "高一（3）班"),
        ("高一 3 班", "高一（3）班"),
        ("高一3", "高一（3）班"),
        ("CLUB", "club"),
    ],
)
def test_a_class_is_found_as_people_type_it(word: str, name: str) -> None:
    assert find_class(word, CLASSES) == CLASSES[name]


@pytest.mark.parametrize("word", ["", "班", "7", "7-33", "高一", "73"])
def test_what_names_no_class_finds_none(word: str) -> None:
    assert find_class(word, CLASSES) is None


def test_of_two_classes_that_differ_only_in_what_is_forgiven_the_exact_one_is_meant() -> None:
    classes = {name: SchoolClass(name) for name in ("7(3)", "73", "7a", "7A")}
    assert find_class("73", classes) == classes["73"]
    assert find_class("7A", classes) == classes["7A"]
    assert find_class("７（3）", classes) == classes["7(3)"]
    assert find_class("7[3]", classes) is None
    assert find_class("７a", classes) is None
