"""What is on the paper: read back from the PDF, page by page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.place import Name
from bot.domain.roll_sheet import RollSheet
from bot.domain.roster import Person, Pupil
from integrations.documents.rollsheets import CLASSES_A_PAGE, TEMPLATE, book_data, print_sheets
from integrations.documents.typesetting import to_png
from tests.integrations.documents.pdf import Pdf

SCHOOL = Name("青城中学", "Qingcheng Middle School")
DAY = date(2026, 11, 23)
FIELD = Name("操场", "Sports field")
ROOM = Name("教学楼A座三层", "Building A, floor 3")
WANG = Person("T1", Name("王芳", "Wang Fang"), phone="8001")
# 生僻字, of which the second to last is outside the basic plane; names of many letters; what markup would be.
ODD_NAMES = (
    "㛃䶮𬱖",
    "欧阳娜娜",
    "阿卜杜热合曼·艾合买提·买买提依明",
    "Alexandra Konstantinopoulou-Featherstonehaugh of Old Qingcheng",
    "Wolfeschlegelsteinhausenbergerdorff",
    '#import "@preview/x:1.0.0": *',
    "#panic()",
    "$a^2 + b_1$",
    "*强调* _x_ `raw` ~ -- ...",
    "@ref <label> // no comment /* nor this",
    "= 标题",
    "]",
    "\\",
    "\"'“”‘’",
    "{[(",
    "&amp; <b>",
)


def pupils(count: int, *, school_class: str = "七3班") -> tuple[Pupil, ...]:
    return tuple(Pupil(f"2026{n:04}", f"学生{n}号", school_class) for n in range(1, count + 1))


def sheet(count: int = 40, **changes) -> RollSheet:
    told = {
        "name": "七3班",
        "grade": "七年级",
        "zone": ROOM,
        "assembly_point": FIELD,
        "leads": (WANG,),
        "pupils": pupils(count),
    }
    return RollSheet(**(told | changes))


def printed(*sheets: RollSheet, has_cover: bool = False) -> Pdf:
    book = print_sheets(sheets, school=SCHOOL, printed_on=DAY, has_cover=has_cover)
    pdf = Pdf(book.pdf)
    assert len(pdf) == book.pages
    return pdf


def plain(words: str) -> str:
    return words.replace(" ", "")


# ── a class ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_sheet_says_which_class_where_it_gathers_and_who_leads_it():
    words = printed(sheet()).words(0)
    told = (
        *("青城中学", "QingchengMiddleSchool", "七3班", "七年级"),
        *("集合点Assemblypoint操场Sportsfield", "教室Room教学楼A座三层BuildingA,floor3"),
        "班主任Classlead王芳WangFang8001",
        "应到Expected40",
    )
    assert [part for part in told if part not in words] == []


def test_a_sheet_has_room_for_what_is_counted_in_both_languages():
    words = printed(sheet()).words(0)
    blanks = ("时间Time", "实到Present", "缺Missing", "伤Injured", "签名Signature", "真实Real", "演练Drill")
    columns = (
        "在Here",
        "缺Missing",
        "伤Injured",
        "离Left",
        "假Absent",
        "备注Remark",
        "其他班学生Fromotherclasses",
    )
    assert [part for part in (*blanks, *columns) if part not in words] == []


def test_the_footer_says_when_it_was_printed_what_becomes_of_it_and_which_page_it_is():
    words = printed(sheet()).words(0)
    assert "打印2026-11-23printed" in words
    assert "内部资料，含学生姓名，用后收回Internal:pupils'names.Collectafteruse" in words
    assert "第1/1页page1of1" in words


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (59, 1), (60, 1), (61, 2), (75, 2), (120, 2), (121, 3)])
def test_sixty_pupils_fit_on_a_page(count, pages):
    pdf = printed(sheet(count))
    assert len(pdf) == pages
    lines = [line for page in range(pages) for line in pdf.lines(page)]
    for pupil in pupils(count):
        assert lines.count(pupil.student_no) == 1
        assert lines.count(pupil.name) == 1


def test_a_second_page_repeats_the_class_and_leaves_the_totals_to_the_first():
    pdf = printed(sheet(75))
    second = pdf.words(1)
    assert [part in second for part in ("七3班", "续页continued", "操场", "王芳", "应到Expected75")] == [
        True
    ] * 5
    assert "第2/2页page2of2" in second
    assert "合计填在本班第1页。" in second
    assert "签名" in pdf.words(0)
    assert "签名" not in second


def test_pages_of_one_class_are_filled_evenly():
    pdf = printed(sheet(61))
    assert sum(f"学生{n}号" in pdf.lines(1) for n in range(1, 62)) == 30


def test_every_name_is_printed_as_it_is_written_never_read_as_markup():
    odd = tuple(Pupil(f"S{n}", name, "七3班") for n, name in enumerate(ODD_NAMES))
    words = printed(sheet(pupils=odd)).words(0)
    assert [name for name in ODD_NAMES if plain(name) not in words] == []


@pytest.mark.parametrize("name", ODD_NAMES)
def test_class_place_lead_and_school_may_be_called_anything(name):
    oddly = Name(name, name + name)
    odd = sheet(
        name=name, grade=name, zone=oddly, assembly_point=oddly, leads=(Person("T1", oddly, phone=name),)
    )
    book = print_sheets([odd], school=oddly, printed_on=DAY, has_cover=True)
    pdf = Pdf(book.pdf)
    assert len(pdf) == 2
    assert all(pdf.words(page).count(plain(name)) >= 4 for page in (0, 1))


def test_the_longest_words_that_a_roster_may_hold_do_not_push_anything_off_the_page():
    long = Name("很长" * 100, "Very long " * 20)
    full = tuple(Pupil(f"{n:064}", "W" * 200, "七3班") for n in range(60))
    leads = tuple(Person(f"T{n}", long, phone="1" * 200) for n in range(9))
    huge = sheet(name="班" * 64, grade="级" * 200, zone=long, assembly_point=long, leads=leads, pupils=full)
    wordy = [replace(huge, pupils=full[:1])] * (CLASSES_A_PAGE - 1)
    book = print_sheets([huge, *wordy], school=long, printed_on=DAY, has_cover=True)
    assert len(Pdf(book.pdf)) == book.pages == 1 + CLASSES_A_PAGE


def test_a_number_of_the_national_register_is_printed_whole():
    full = tuple(Pupil(f"G330106201309{n:06}", "阿卜杜热合曼·艾合买提", "七3班") for n in range(60))
    lines = printed(sheet(pupils=full)).lines(0)
    assert [pupil.student_no for pupil in full if pupil.student_no not in lines] == []


def test_all_leads_of_a_class_are_named():
    leads = tuple(Person(f"T{n}", Name(f"老师{n}"), phone=f"800{n}") for n in range(5))
    words = printed(sheet(leads=leads)).words(0)
    assert all(f"老师{n}800{n}" in words for n in range(5))


def test_a_class_of_which_nothing_is_known_is_a_form_to_fill_in():
    pdf = printed(sheet(0, grade="", zone=None, assembly_point=None, leads=()))
    assert len(pdf) == 1
    lines = pdf.lines(0)
    assert "40" in lines
    assert lines[lines.index("Expected") + 1] == "时间"


# ── the cover ──────────────────────────────────────────────────────────────────────────────────────────────
def test_the_cover_lists_every_class_with_point_lead_and_total():
    seven = sheet(42)
    eight = sheet(38, name="八1班", assembly_point=Name("篮球场", "Basketball court"))
    pdf = printed(seven, eight, has_cover=True)
    assert len(pdf) == 3
    words = pdf.words(0)
    assert "七3班操场Sportsfield王芳800142" in words
    assert "八1班篮球场Basketballcourt王芳800138" in words
    assert "全校合计Allclasses80" in words
    assert "操场Sportsfield1班classes42人pupils" in words
    assert "学生" not in words.replace("学生姓名", "")


@pytest.mark.parametrize(("classes", "covers"), [(1, 1), (36, 1), (37, 2), (90, 3)])
def test_thirty_six_classes_fit_on_a_cover_and_the_sum_stands_on_the_last(classes, covers):
    pdf = printed(*(sheet(1, name=f"{n}班") for n in range(classes)), has_cover=True)
    assert len(pdf) == covers + classes
    sums = [f"全校合计Allclasses{classes}" in pdf.words(page) for page in range(covers)]
    assert sums == [False] * (covers - 1) + [True]
    assert f"第{covers}/{covers}页" in pdf.words(covers - 1)


def test_a_class_without_a_point_is_counted_apart():
    words = printed(sheet(42), sheet(7, name="八1班", assembly_point=None), has_cover=True).words(0)
    assert "未定集合点nopoint1班classes7人pupils" in words


# ── as a picture ───────────────────────────────────────────────────────────────────────────────────────────
def test_pictures_show_the_same_pages():
    data = book_data([sheet(75)], school=SCHOOL, printed_on=DAY, has_cover=True)
    pictures = to_png(TEMPLATE, data)
    assert len(pictures) == 3
    assert len(set(pictures)) == 3
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_what_the_template_reads_is_json():
    data = book_data([sheet(2)], school=SCHOOL, printed_on=DAY, has_cover=True)
    assert json.loads(json.dumps(data)) == data
