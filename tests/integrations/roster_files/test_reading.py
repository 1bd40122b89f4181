from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.place import Name
from bot.domain.roster import Absence, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Noun, Roster
from bot.domain.roster_file import SENTENCES, RosterFile, RowReason
from integrations.roster_files import read, read_path
from integrations.roster_files import table as limits
from integrations.roster_files.columns import HEADINGS, ROLE_NAMES
from integrations.roster_files.writing import write_roster

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTRACT_STAFF = (
    "staff_id,name,name_en,department,roles,classes,phone,telegram_id,locale,camera_training_until\n"
    "T004,陈刚,Chen Gang,德育处,COMMANDER;ON_SCENE,,8004,1004,zh_Hans,2027-08-31\n"
    "T025,王芳,Wang Fang,语文组,CLASS_LEAD,7-3;7-4,,,en,\n"
)


def one(text: str, *, encoding: str = "utf-8", name: str = "staff.csv") -> RosterFile:
    (file,) = read(name, text.encode(encoding), timezone=SHANGHAI)
    return file


def told(file: RosterFile) -> list[str]:
    return [str(problem) for problem in file.problems]


# ── what is understood ────────────────────────────────────────────────────────────


def test_the_staff_columns_of_the_contract() -> None:
    file = one(CONTRACT_STAFF)
    assert file.problems == ()
    assert file.noun is Noun.PEOPLE
    assert file.absent == frozenset()
    assert [row.value for row in file.people] == [
        Person(
            "T004",
            Name("陈刚", "Chen Gang"),
            department="德育处",
            roles=frozenset({Role.COMMANDER, Role.ON_SCENE, Role.STAFF}),
            phone="8004",
            telegram_id=1004,
            roster_locale="zh_Hans",
            camera_training_until=date(2027, 8, 31),
        ),
        Person(
            "T025",
            Name("王芳", "Wang Fang"),
            department="语文组",
            roles=frozenset({Role.CLASS_LEAD, Role.STAFF}),
            classes=("7-3", "7-4"),
            roster_locale="en",
        ),
    ]


def test_only_the_key_and_the_name_must_be_there() -> None:
    assert one("staff_id,name\nT1,王芳\n").people[0].value == Person("T1", Name("王芳"))
    assert one("student_no,name\n1,x\n").pupils[0].value == Pupil("1", "x", "")
    assert one("student_no,class\n1,7-3\n").pupils[0].value == Pupil("1", "", "7-3")
    assert one("class\n7-3\n").classes[0].value == SchoolClass("7-3")
    assert one("staff_id,name\nT1,王芳\n").absent == {
        "name_en",
        "department",
        "roles",
        "classes",
        "phone",
        "telegram_id",
        "roster_locale",
        "camera_training_until",
    }


def test_the_kind_is_told_by_the_columns_in_either_language() -> None:
    assert one("学号,姓名,班级\n1,x,七1班\n").pupils[0].value == Pupil("1", "x", "七1班")
    assert one("班级,年级,区域,集合点\n7-3,七年级,A3,field\n").classes[0].value == SchoolClass(
        "7-3", "七年级", "A3", "field"
    )
    duty = one("from,to,role,staff_id\n2026-11-23 07:30,2026-11-23 17:00,安全办,T6\n")
    assert duty.shifts[0].value == DutyShift(
        datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        Role.SAFETY_OFFICE,
        "T6",
    )


@pytest.mark.parametrize(
    ("noun", "column", "heading"),
    [
        (noun, column, word)
        for noun, columns in HEADINGS.items()
        for column, words in columns.items()
        for word in words
    ],
)
def test_every_documented_heading_is_known(noun: Noun, column: str, heading: str) -> None:
    columns = {key: words[0] for key, words in HEADINGS[noun].items()} | {column: heading}
    file = one(",".join(columns.values()) + "\n")
    assert file.noun is noun
    assert file.absent == frozenset()
    assert file.ignored == ()


@pytest.mark.parametrize(
    ("word", "role"),
    [(word, role) for role, words in ROLE_NAMES.items() for word in (role.value, role.value.lower(), *words)],
)
def test_every_documented_role_is_known(word: str, role: Role) -> None:
    assert one(f"工号,姓名,角色\n1,x,{word}\n").people[0].value.roles == {role, Role.STAFF}


def test_an_absence_list_is_known_by_its_day_and_tells_neither_names_nor_reasons() -> None:
    file = one("学号,姓名,班级,缺勤日期,事由\n0017,王小明,七1班,2026/11/23,流感\n0021,李华,七1班,20261124,\n")
    assert file.noun is Noun.ABSENCES
    assert file.problems == ()
    assert [row.value for row in file.absences] == [
        Absence(date(2026, 11, 23), "0017"),
        Absence(date(2026, 11, 24), "0021"),
    ]
    assert file.ignored == ("姓名", "班级", "事由")
    assert "流感" not in repr(file)
    assert "王小明" not in repr(file)


def test_an_absence_needs_a_pupil_and_a_day() -> None:
    file = one("student_no,absent_on\n17,\n,2026-11-23\n18,yesterday\n1.5E+11,2026-11-23\n", name="away.csv")
    assert told(file) == [
        "away.csv: line 2: absent_on is empty",
        "away.csv: line 3: student_no is empty",
        'away.csv: line 4: absent_on must be a date such as 2026-11-23: "yesterday"',
        'away.csv: line 5: Excel has shortened student_no to "1.5E+11"; '
        "format the column as text and type it again",
    ]
    assert file.absences == ()


def test_headings_may_carry_remarks_stars_and_capitals_and_stand_below_a_title() -> None:
    file = one("青城中学教职工名册,,\n\n工号*,姓 名（必填）,Telegram_ID\n1,x,7\n".replace("姓 名", "姓名"))
    assert file.problems == ()
    assert file.people[0].line == 4
    assert file.people[0].value.telegram_id == 7


def test_columns_that_muster_does_not_use_are_named() -> None:
    assert one("工号,姓名,性别,备注\n1,x,女,\n").ignored == ("性别", "备注")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_of_three_separators(separator: str) -> None:
    cells = [["staff_id", "name", "classes", "roles"], ["T1", "王芳", '"7-1；7-2"', "班主任、校医/STAFF"]]
    text = "\n".join(separator.join(line) for line in cells)
    person = one(text).people[0].value
    assert person.classes == ("7-1", "7-2")
    assert person.roles == {Role.CLASS_LEAD, Role.MEDICAL, Role.STAFF}


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_any_encoding_a_chinese_office_saves_in(encoding: str, said: str) -> None:
    file = one("工号,姓名\n1,王芳\n", encoding=encoding)
    assert (file.encoding, file.people[0].value.name.zh) == (said, "王芳")


def test_a_shift_may_be_whole_days() -> None:
    file = one(
        "开始,结束,角色,工号\n2026/11/23,2026年11月24日,总指挥,T4\n2026-11-23 24:00,20261124,校长,T1\n"
    )
    assert file.problems == ()
    first, second = (row.value for row in file.shifts)
    assert first.starts_at == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert first.ends_at == datetime(2026, 11, 25, tzinfo=SHANGHAI)
    assert second.starts_at == datetime(2026, 11, 24, tzinfo=SHANGHAI)


def test_cells_are_cleaned() -> None:
    assert one("工号,姓名\n 1\u200f ,\u202e王  芳\x07\n").people[0].value == Person("1", Name("王 芳"))


# ── what is refused, and how ────────────────────────────────────────────────────────────


def test_every_bad_row_is_listed_with_its_line_and_the_good_ones_are_kept() -> None:
    file = one(
        "工号,姓名,角色,任教班级,手机,telegram_id,语言,摄像头培训有效期\n"
        "T1,陈刚,皇帝,,,@chengang,fr,明年\n"
        "T2,王芳,班主任,7月3日,1.38E+10,-1001,,2026-13-01\n"
        ",无名,,,,,,\n"
        "T3,,,,,0,,\n"
        "T4,好人,,,,,,\n"
        "T4,又来,,,,,,\n"
        "T5,少\n"
        "T6,多,,,,,,,多出来\n"
        f"{'9' * 65},长,,,,,,\n"
    )
    assert [row.value.staff_id for row in file.people] == ["T4"]
    assert told(file) == [
        'staff.csv: line 2: "皇帝" is no role; known are: PRINCIPAL, DEPUTY, COMMANDER, SAFETY_OFFICE, '
        "IT_CENTRE, ON_SCENE, MEDICAL, DEPARTMENT_LEAD, GRADE_LEAD, CLASS_LEAD, STAFF",
        "staff.csv: line 2: telegram_id must be the person's positive number, not a name or phone: "
        '"@chengang"',
        'staff.csv: line 2: 语言 must be zh_Hans (中文) or en (English): "fr"',
        'staff.csv: line 2: 摄像头培训有效期 must be a date such as 2026-11-23: "明年"',
        'staff.csv: line 3: Excel has made a date out of 任教班级: "7月3日"; '
        "format the column as text and type it again",
        'staff.csv: line 3: Excel has shortened 手机 to "1.38E+10"; '
        "format the column as text and type it again",
        'staff.csv: line 3: telegram_id "-1001" belongs to a group; a person\'s number is positive',
        'staff.csv: line 3: 摄像头培训有效期 must be a date such as 2026-11-23: "2026-13-01"',
        "staff.csv: line 4: 工号 is empty",
        "staff.csv: line 5: 姓名 is empty",
        'staff.csv: line 5: telegram_id must be the person\'s positive number, not a name or phone: "0"',
        'staff.csv: line 7: 工号 "T4" stands in line 6 already',
        "staff.csv: line 8: has 2 cells, the heading 8; is a separator or quote missing?",
        "staff.csv: line 9: has 9 cells, the heading 8; is a separator or quote missing?",
        f'staff.csv: line 10: 工号 is longer than 64 characters: "{"9" * 59}…"',
    ]


def test_bad_duty_is_listed() -> None:
    file = one(
        "开始,结束,角色,工号\n2026-11-23 08:00,2026-11-23 07:00,总指挥,T4\n昨天,,总指挥,T4\n"
        "2026-11-23,2026-11-24,,T4\n2026-11-23 25:00,2026-11-24,总指挥,\n",
        name="duty.csv",
    )
    assert told(file) == [
        "duty.csv: line 2: the duty ends at 2026-11-23 07:00, not after its start at 2026-11-23 08:00",
        'duty.csv: line 3: 开始 must be a time such as 2026-11-23 07:30, or a date: "昨天"',
        "duty.csv: line 3: 结束 is empty",
        "duty.csv: line 4: 角色 is empty",
        'duty.csv: line 5: 开始 must be a time such as 2026-11-23 07:30, or a date: "2026-11-23 25:00"',
        "duty.csv: line 5: 工号 is empty",
    ]
    assert file.shifts == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "x: has no rows below its heading"),
        ("工号,姓名\n".encode(), "x: has no rows below its heading"),
        (b"\x00\x01\x02", "x: is neither a text table (CSV in UTF-8 or GB18030) nor a workbook (.xlsx)"),
        (b"\xff\xfe\x00", "x: is neither a text table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x: is an old Excel file (.xls) or locked with a password"),
        (b"PK\x03\x04garbage", "x: is a damaged Excel workbook: File is not a zip file"),
        ("姓名,班级\nx,7-3\n".encode(), "x: is no roster: no heading has 工号/staff_id and 姓名/name"),
        ("工号,班级\n1,7-3\n".encode(), "x: line 1: has a column 工号 but none with names (姓名/name)"),
        ("工号,姓名,工号\n1,x,2\n".encode(), "x: line 1: has the heading 工号 twice"),
        (
            '工号,姓名\n1,"王芳\n2,陈刚\n'.encode(),
            'x: line 2: cannot be read from here on: a quote (") is not closed',
        ),
        (b"a" * 200_000, "x: line 1: cannot be read from here on"),
    ],
)
def test_a_file_that_is_no_roster_is_one_clear_problem(data: bytes, problem: str) -> None:
    (file,) = read("x", data, timezone=SHANGHAI)
    (line,) = told(file)
    assert line.startswith(problem)


def test_an_unknown_heading_says_what_was_found_and_how_it_was_read() -> None:
    assert told(one("名字,性别\nx,y\n", encoding="gb18030"))[0].endswith(
        "(read as GB18030; found: 名字, 性别)"
    )


def test_files_and_row_numbers_have_a_ceiling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (file,) = read("x", b"a" * (limits.MAX_BYTES + 1), timezone=SHANGHAI)
    assert told(file) == ["x: is too big: a roster has at most 20 MB"]
    rows = "学号,姓名\n" + "".join(f"{number},x\n" for number in range(limits.MAX_ROWS + 1))
    assert told(one(rows)) == ["staff.csv: has more than 50000 rows"]
    assert told(read_path(tmp_path / "nowhere.csv", timezone=SHANGHAI)[0]) == [
        "nowhere.csv: cannot be read: No such file or directory"
    ]
    assert told(read_path(tmp_path, timezone=SHANGHAI)[0])[0].endswith("cannot be read: Is a directory")


def test_a_line_or_a_cell_without_end_is_refused_quickly() -> None:
    assert told(one("x," * 1_000_000)) == ["staff.csv: line 1: is too big: a roster has at most 256 columns"]
    assert "is no roster" in told(one("(" * 100_000))[0]
    (problem,) = one("工号,姓名,角色\n1,x," + "帝;" * 30_000 + "\n").problems
    assert problem.reason is RowReason.TOO_LONG


def test_a_thousand_problems_are_enough() -> None:
    file = one("工号,姓名\n" + ",x\n" * 5_000)
    assert len(file.problems) == 1_001
    assert told(file)[-1] == "staff.csv: line 1002: that is enough; the rows from here on were not looked at"


def test_every_reason_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(RowReason)


# ── workbooks ────────────────────────────────────────────────────────────


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_each_sheet_of_a_workbook_is_its_own_file() -> None:
    data = workbook(
        教职工=[
            ["青城中学"],
            ["工号", "姓名", "手机", "telegram_id", "培训", "摄像头培训有效期"],
            [],
            [1001, "陈刚", 13800000000, 1004, None, date(2027, 8, 31)],
        ],
        学生=[["学号", "姓名", "班级"], [20260101, "周宇轩", "7-1"], [], ["S2", "梁心悦", "7-1"]],
        空白=[],
    )
    staff, pupils = read("名册.xlsx", data, timezone=SHANGHAI)
    assert (staff.name, pupils.name) == ("名册.xlsx [教职工]", "名册.xlsx [学生]")
    assert (staff.problems, pupils.problems) == ((), ())
    person = staff.people[0].value
    assert (staff.people[0].line, person.staff_id, person.phone, person.telegram_id) == (
        4,
        "1001",
        "13800000000",
        1004,
    )
    assert person.camera_training_until == date(2027, 8, 31)
    assert [(row.line, row.value.student_no) for row in pupils.pupils] == [(2, "20260101"), (4, "S2")]


def test_duty_in_a_workbook_may_end_at_midnight() -> None:
    data = workbook(
        值班=[
            ["开始", "结束", "角色", "工号"],
            [datetime(2026, 11, 23, 16, 0), datetime(2026, 11, 24, 0, 0), "安全办", "T6"],  # noqa: DTZ001
            [date(2026, 11, 23), date(2026, 11, 24), "总指挥", "T4"],
            ["2026-11-23 07:30", "2026-11-23 16:00", "校长", "T1"],
            [time(7, 30), time(16, 0), "校长", "T1"],
        ]
    )
    (file,) = read("duty.xlsx", data, timezone=SHANGHAI)
    ends = [row.value.ends_at.astimezone(SHANGHAI).strftime("%d %H:%M") for row in file.shifts]
    assert ends == ["24 00:00", "25 00:00", "23 16:00"]
    assert {problem.line for problem in file.problems} == {5}


def test_what_excel_did_to_a_class_or_a_long_number_is_refused() -> None:
    data = workbook(
        学生=[["学号", "姓名", "班级"], [3.3010120260101e18, "x", "7-3"], ["S2", "y", date(2026, 7, 3)]]
    )
    (file,) = read("p.xlsx", data, timezone=SHANGHAI)
    assert [problem.reason for problem in file.problems] == [RowReason.EXCEL_NUMBER, RowReason.EXCEL_DATE]


def test_a_hidden_sheet_is_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["工号", "姓名"])
    book.active.append(["T1", "x"])
    hidden = book.create_sheet("旧")
    hidden.append(["工号", "姓名"])
    hidden.append(["T1", "y"])
    hidden.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    (file,) = read("x.xlsx", stream.getvalue(), timezone=SHANGHAI)
    assert file.people[0].value.name.zh == "x"


def test_a_single_cell_far_away_does_not_fill_the_memory() -> None:
    book = openpyxl.Workbook()
    book.active.cell(1_048_576, 16_384).value = "x"
    stream = io.BytesIO()
    book.save(stream)
    assert told(read("x.xlsx", stream.getvalue(), timezone=SHANGHAI)[0]) == [
        "x.xlsx: has more than 50000 rows"
    ]
    wide = workbook(x=[["x"] * 300])
    assert (
        "is too big: a roster has at most 256 columns" in told(read("x.xlsx", wide, timezone=SHANGHAI)[0])[0]
    )


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return stream.getvalue()


def test_a_zip_bomb_is_refused_by_its_declared_size() -> None:
    data = repacked(workbook(x=[["x"]]), "xl/styles.xml", b" " * (101 * 1024 * 1024))
    assert len(data) < 1_000_000
    assert told(read("x.xlsx", data, timezone=SHANGHAI)[0]) == [
        "x.xlsx: is too big: a roster has at most 100 MB unpacked"
    ]


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(repacked(workbook(x=[["x"]]), "xl/styles.xml", b" " * 5_000_000))
    at = data.rfind(b"xl/styles.xml")
    data[at - 46 + 24 : at - 46 + 28] = (1000).to_bytes(4, "little")
    (line,) = told(read("x.xlsx", bytes(data), timezone=SHANGHAI)[0])
    assert "is a damaged Excel workbook" in line


def test_a_workbook_with_a_doctype_or_broken_xml_is_refused() -> None:
    whole = workbook(x=[["工号", "姓名"], ["1", "x"]])
    for content in (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<worksheet><sheetData>", b"\xff\xfe"):
        data = repacked(whole, "xl/worksheets/sheet1.xml", content)
        (line,) = told(read("x.xlsx", data, timezone=SHANGHAI)[0])
        assert "is a damaged Excel workbook" in line


def as_excel_writes(data: bytes) -> bytes:
    """openpyxl writes each text into its cell; Excel and WPS keep them once, in sharedStrings.xml."""
    texts: dict[bytes, int] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    def share(match: re.Match[bytes]) -> bytes:
        number = texts.setdefault(match[2], len(texts))
        return match[1] + b' t="s"><v>%d</v></c>' % number

    sheet = "xl/worksheets/sheet1.xml"
    cell = rb'(<c r="\w+") t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
    parts[sheet] = re.sub(cell, share, parts[sheet])
    shared = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    namespace = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/sharedStrings.xml"] = b"<sst %s>%s</sst>" % (namespace, shared)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Id="rId99" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace(b"</Relationships>", relation)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_texts_that_excel_keeps_once_are_read() -> None:
    data = as_excel_writes(
        workbook(x=[["工号", "姓名", "部门"], [1001, "王芳", "语文组"], [1002, "叶梅", "语文组"]])
    )
    (file,) = read("x.xlsx", data, timezone=SHANGHAI)
    assert file.problems == ()
    assert [(row.value.staff_id, row.value.department) for row in file.people] == [
        ("1001", "语文组"),
        ("1002", "语文组"),
    ]


def test_one_long_text_shared_by_many_cells_is_refused() -> None:
    rows = [["长" * 30_000] + ["x"] * 20] + [["x"] * 20 for _ in range(400)]
    (line,) = told(read("x.xlsx", as_excel_writes(workbook(x=rows)), timezone=SHANGHAI)[0])
    assert line == "x.xlsx: is too big: a roster has at most 3000000 cells of some words"


# ── whatever comes ────────────────────────────────────────────────────────────


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe\n")
@example(b'"')
def test_no_bytes_whatever_raise(data: bytes) -> None:
    for prefix in (
        b"",
        b"PK\x03\x04",
        "工号,姓名,角色,telegram_id\n".encode(),
        "开始,结束,角色,工号\n".encode("gb18030"),
    ):
        files = read("x", prefix + data, timezone=SHANGHAI)
        assert all(str(problem) for file in files for problem in file.problems)


@settings(max_examples=40, deadline=None)
@given(
    part=st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml"]),
    at=st.integers(0, 2000),
    to=st.binary(),
)
def test_no_damage_to_a_workbook_raises(part: str, at: int, to: bytes) -> None:
    whole = workbook(x=[["工号", "姓名"], ["1", "x"]])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        content = archive.read(part)
    at %= len(content)
    assert read("x", repacked(whole, part, content[:at] + to + content[at + len(to) :]), timezone=SHANGHAI)


CELL_TYPES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(date(1901, 1, 1))
    | st.sampled_from(["7-3", "总指挥", "2026-11-23 07:30", "-5", "x" * 300])
)


@settings(max_examples=40, deadline=None)
@given(
    heading=st.sampled_from([list(columns) for columns in HEADINGS.values()]),
    rows=st.lists(st.lists(CELL_TYPES, max_size=11), max_size=4),
)
def test_no_cell_of_a_workbook_raises(heading: list[str], rows: list[list[Any]]) -> None:
    files = read("x.xlsx", workbook(x=[heading, *rows]), timezone=SHANGHAI)
    assert all(str(problem) for file in files for problem in file.problems)


MINUTE = timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(
    people=st.lists(
        st.builds(
            Person,
            staff_id=st.from_regex(r"[A-Z][0-9]{1,6}", fullmatch=True),
            name=st.builds(
                Name, st.sampled_from(["王芳", "艾米丽"]), st.sampled_from(["Wang Fang", "", 'O"Neil, J'])
            ),
            roles=st.frozensets(st.sampled_from(Role)).map(lambda roles: roles | {Role.STAFF}),
            classes=st.lists(st.sampled_from(["7-1", "七2班", "A"]), unique=True).map(tuple),
            telegram_id=st.none() | st.integers(1, 2**52 - 1),
            roster_locale=st.sampled_from([None, "en", "zh_Hans"]),
            camera_training_until=st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31)),
        ),
        unique_by=lambda person: person.staff_id,
        min_size=1,
    ),
    shifts=st.lists(
        st.builds(
            lambda start, hours, role: DutyShift(start, start + hours, role, "T1"),
            st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
                lambda moment: moment.replace(second=0, microsecond=0)
            ),
            st.timedeltas(min_value=MINUTE, max_value=MINUTE * 3000).map(
                lambda delta: delta - delta % MINUTE
            ),
            st.sampled_from(Role),
        ),
        min_size=1,
    ).map(tuple),
    absences=st.lists(
        st.builds(
            Absence,
            st.dates(date(2000, 1, 1), date(2100, 12, 31)),
            st.from_regex(r"S[0-9]{4}", fullmatch=True),
        ),
        unique=True,
        min_size=1,
    ).map(tuple),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[Person],
    shifts: tuple[DutyShift, ...],
    absences: tuple[Absence, ...],
) -> None:
    folder = tmp_path_factory.mktemp("roster")
    written = Roster(people={person.staff_id: person for person in people}, shifts=shifts, absences=absences)
    paths = write_roster(folder, written, timezone=SHANGHAI)
    files = [file for path in paths for file in read_path(path, timezone=SHANGHAI)]
    assert [problem for file in files for problem in file.problems] == []
    assert [row.value for file in files for row in file.people] == people
    assert [row.value for file in files for row in file.shifts] == list(shifts)
    assert [row.value for file in files for row in file.absences] == list(absences)
