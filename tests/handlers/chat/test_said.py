"""How people say kinds, places and grades, in either language and in one breath."""

from __future__ import annotations

import pytest

from bot.domain.incident import Kind
from bot.domain.place import Campus, Name, Zone
from handlers.chat.edge import incident_first
from handlers.chat.said import (
    Counted,
    find_severity,
    read_count,
    read_due,
    read_kind,
    read_report,
    read_zones,
)

CAMPUS = Campus(
    zones={
        "A3": Zone("A3", Name("教学楼A座三层", "Building A, floor 3"), "classroom", None),
        "A30": Zone("A30", Name("教学楼A座三十层", "Building A, floor 30"), "classroom", None),
        "gym": Zone("gym", Name("体育馆", "Gym"), "gym", None),
    },
    assembly_points={},
)


@pytest.mark.parametrize(
    ("words", "kind", "zone", "more"),
    [
        ("fire A3 smoke in the corridor", "fire", "A3", "smoke in the corridor"),
        ("FIRE a3", "fire", "A3", ""),
        ("火灾 A3 走廊有烟", "fire", "A3", "走廊有烟"),
        ("火灾，教学楼A座三层，有烟。", "fire", "A3", "有烟"),
        ("火灾A3有烟", "fire", "A3", "有烟"),
        ("火灾\nA3\n有烟", "fire", "A3", "有烟"),
        ("火灾\u3000体育馆", "fire", "gym", ""),
        ("着火 体育馆三楼", "fire", "gym", "三楼"),
        ("food poisoning gym", "food_poisoning", "gym", ""),
        ("food_poisoning gym", "food_poisoning", "gym", ""),
        ("missing pupil", "missing_person", None, ""),
        ("Building A, floor 30 has no light", None, "A30", "has no light"),
        ("A3 fire", "fire", "A3", ""),
        ("gym: fight, two pupils", "violence", "gym", "two pupils"),
        ("体育馆着火了", "fire", "gym", "着火了"),
        ("体育馆 有人晕倒", None, "gym", "有人晕倒"),
        ("A300 fire", None, None, "A300 fire"),
        ("firefly in the gym", None, None, "firefly in the gym"),
        ("gymnasium", None, None, "gymnasium"),
        ("生病了三个学生", "medical", None, "生病了三个学生"),
        ("help", None, None, "help"),
    ],
)
def test_a_report_is_read_in_one_line(words, kind, zone, more):
    told = read_report(words, CAMPUS)
    assert (told.kind, told.zone, told.words) == (kind, zone, more)


def test_every_kind_is_understood_by_its_name_in_both_languages():
    for kind, words in (
        (Kind.FIRE, "火灾"),
        (Kind.CROWD_CRUSH, "crowd crush"),
        (Kind.UTILITY, "停水停电停气"),
        (Kind.UTILITY, "停电"),
        (Kind.BULLYING, "校园欺凌"),
        (Kind.BULLYING, "性侵"),
    ):
        assert read_kind(words) == (kind, "")
    for kind in Kind:
        assert read_kind(kind.value) == (kind, "")


@pytest.mark.parametrize(
    ("words", "zones"),
    [
        ("", ()),
        (" ,，、 ", ()),
        ("A3", ("A3",)),
        ("a3,gym", ("A3", "gym")),
        ("A30 A3", ("A30", "A3")),
        ("教学楼A座三层、体育馆", ("A3", "gym")),
        ("building a, floor 3, GYM", ("A3", "gym")),
        ("A3 roof gym", ("A3", "roof", "gym")),
        ("屋顶，体育馆", ("屋顶", "gym")),
    ],
)
def test_places_are_read_one_after_the_other(words, zones):
    assert read_zones(words, CAMPUS) == zones


@pytest.mark.parametrize(
    ("words", "number", "rest"),
    [
        ("2026-0007", "2026-0007", ""),
        ("2026-0007 done", "2026-0007", "done"),
        ("2026-0007\ndone\nnow", "2026-0007", "done\nnow"),
        ("2026-99999999999 x", "2026-99999999999", "x"),
        ("2026-0007done", None, "2026-0007done"),
        ("7 done", None, "7 done"),
        ("２０２６-０００７ x", None, "２０２６-０００７ x"),
        ("2026-11-23 was the day", None, "2026-11-23 was the day"),
        ("", None, ""),
    ],
)
def test_an_incidents_number_may_stand_first(words, number, rest):
    ref, more = incident_first(words)
    assert (ref.number, more) == (number, rest)


@pytest.mark.parametrize(
    ("word", "grade"), [("1", 1), ("Ⅱ", 2), ("iii", 3), ("Ⅳ级", 4), ("2级", 2), ("5", None), ("", None)]
)
def test_a_grade_is_a_number_of_either_kind(word, grade):
    assert find_severity(word) == grade


@pytest.mark.parametrize(
    ("words", "counted"),
    [
        ("7-3", Counted("7-3")),
        ("7-3 38", Counted("7-3", 38)),
        ("７－３ ４０人", Counted("７－３", 40)),
        ("高一 3班 38", Counted("高一 3班", 38)),
        ("高一 3 38", Counted("高一 3", 38)),
        ("7-3 all paper", Counted("7-3", is_all=True, is_paper=True)),
        ("7-3 1e3", Counted("7-3", -1)),
        ("7-3 -5", Counted("7-3", -1)),
        ("7-3 1000000000", Counted("7-3", -1)),
    ],
)
def test_a_class_and_a_count_are_read(words, counted):
    assert read_count(words) == counted


def test_a_number_torn_in_two_is_no_count_of_another_class():
    assert read_count("7-1 4 0").number == -1


@pytest.mark.parametrize(
    ("words", "title", "due"),
    [
        ("close the east gate by 10:20", "close the east gate", "10:20"),
        ("关东门 10:20前", "关东门", "10:20"),
        ("关闭东门 下午3:00前", "关闭东门", "下午3:00"),
        ("关闭西门 24:00前", "关闭西门", "24:00"),
        ("交名单 明天10:20前", "交名单", "明天10:20"),
        ("交名单，在今晚8：00之前。", "交名单", "今晚8：00"),
        ("交名单 12-01 10:20前", "交名单", "12-01 10:20"),
        ("交名单 2026-12-01 下午3:00前", "交名单", "2026-12-01 下午3:00"),
        ("交名单 12月1日10:20前", "交名单", "12月1日10:20"),
        ("close the gate before tomorrow 3:00 PM", "close the gate", "tomorrow 3:00 PM"),
        ("close the gate by 3:00pm tomorrow.", "close the gate", "3:00pm tomorrow"),
        ("清点 7-3 10:20前", "清点 7-3", "10:20"),
        ("look at camera A3-12-01 10:20", "look at camera A3-12-01", "10:20"),
        ("关门 25:00前", "关门", "25:00"),
        ("the film of 1:25:00", "the film of 1:25:00", ""),
        ("watch 8:00-10:20", "watch 8:00-10:20", ""),
        ("meet the press", "meet the press", ""),
    ],
)
def test_what_a_task_ends_in_is_when_it_is_due(words, title, due):
    assert read_due(words) == (title, due)
