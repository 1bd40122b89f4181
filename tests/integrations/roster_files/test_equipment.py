"""The list of equipment as schools keep it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.demo.equipment import equipment
from bot.domain.equipment import CALLED, Equipment, EquipmentKind
from bot.domain.place import Campus, Name, Zone
from bot.domain.roster import Person
from bot.domain.roster_diff import Noun, Roster, diff
from bot.domain.roster_file import RosterFile, RowReason, assemble
from integrations.roster_files import read, read_path
from integrations.roster_files.writing import write_equipment

HERE = ZoneInfo("Asia/Shanghai")
HEAD = "器材编号,器材名称,所在区域,存放位置,责任人,数量,上次检查日期,检查周期（天）,下次检查日期,备注\n"
CAMPUS = Campus({"A3": Zone("A3", Name("教学楼A座三层", "Building A, floor 3"), "classroom", None)}, {})
STAFF = {
    "T1": Person("T1", Name("王芳")),
    "T2": Person("T2", Name("李明")),
    "T3": Person("T3", Name("李明")),
}


def one(text: str) -> RosterFile:
    [file] = read("list.csv", (HEAD + text).encode("gb18030"), timezone=HERE)
    return file


def taken(text: str, current: Roster | None = None) -> tuple[Equipment, ...]:
    assembled = assemble([one(text)], current=current or Roster(people=STAFF), campus=CAMPUS)
    assert assembled.problems == ()
    return tuple((assembled.roster.equipment or {}).values())


def reasons(text: str) -> list[RowReason]:
    return [
        problem.reason
        for problem in assemble([one(text)], current=Roster(people=STAFF), campus=CAMPUS).problems
    ]


def test_a_line_of_the_ledger_with_units_and_names() -> None:
    [item] = taken("1.0,干粉灭火器,教学楼A座三层,东侧楼梯口,王芳,2具,2026-11-01,30天,,4kg\n")
    extinguisher = EquipmentKind.EXTINGUISHER
    assert item == Equipment("1", extinguisher, "A3", "东侧楼梯口", "T1", 2, 30, date(2026, 12, 1), "4kg")


def test_a_day_that_is_named_counts_more_than_one_worked_out() -> None:
    [item] = taken("1,AED,A3,,T2,,2026-11-01,30,2026-11-20,\n")
    assert item.due_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,望远镜,A3,,,,,,,\n", RowReason.UNKNOWN_EQUIPMENT),
        ("1,AED,屋顶,,,,,,,\n", RowReason.UNKNOWN_ZONE),
        ("1,AED,A3,,T9,,,,,\n", RowReason.UNKNOWN_STAFF),
        ("1,AED,A3,,李明,,,,,\n", RowReason.UNKNOWN_STAFF),
        ("1,AED,A3,,,0,,,,\n", RowReason.BAD_NUMBER),
        ("1,AED,A3,,,两具,,,,\n", RowReason.BAD_NUMBER),
        ("1,AED,A3,,,,,每月,,\n", RowReason.BAD_NUMBER),
        ("1,AED,A3,,,,,,下周,\n", RowReason.BAD_DATE),
        (",AED,A3,,,,,,,\n", RowReason.MISSING),
        ("1,AED,,,,,,,,\n", RowReason.MISSING),
        ("1,AED,A3,,,,,,,\n1,AED,A3,,,,,,,\n", RowReason.DUPLICATE),
    ],
)
def test_a_bad_row_is_named_with_its_reason(row: str, reason: RowReason) -> None:
    assert reason in reasons(row)


@pytest.mark.parametrize(("word", "kind"), [(w, k) for k, words in CALLED.items() for w in (k.value, *words)])
def test_every_name_of_a_kind_is_known(word: str, kind: EquipmentKind) -> None:
    assert one(f"1,{word},A3,,,,,,,\n").equipment[0].value.kind is kind


def test_no_two_kinds_have_one_name() -> None:
    words = [
        word.casefold() for kind, names in CALLED.items() for word in {kind.value, *map(str.casefold, names)}
    ]
    assert len(words) == len(set(words))


def test_a_staff_file_is_still_a_staff_file() -> None:
    [file] = read("x.csv", "工号,姓名,备注,编号\nT1,王芳,,1\n".encode(), timezone=HERE)
    assert file.noun is Noun.PEOPLE


def test_a_list_without_days_leaves_those_that_inspections_have_set() -> None:
    kept = replace(taken("1,AED,A3,,T1,,,30,,\n")[0], id=7, due_on=date(2026, 12, 24))
    current = Roster(people=STAFF, equipment={"1": kept})
    again = assemble([one("1,AED,A3,新位置,T1,,,30,,\n")], current=current, campus=CAMPUS).roster
    change = diff(current, again).equipment
    assert change is not None
    assert [(c.fields, c.after.due_on, c.after.id) for c in change.changed] == [
        (("place",), date(2026, 12, 24), 7)
    ]


def test_what_is_written_reads_back_as_the_same(tmp_path) -> None:
    own = {number: replace(item, due_on=date(2026, 12, 1)) for number, item in equipment().items()}
    [file] = read_path(write_equipment(tmp_path / "list.csv", own.values()), timezone=HERE)
    assert {row.value.number: row.value for row in file.equipment} == own
