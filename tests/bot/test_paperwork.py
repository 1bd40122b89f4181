"""What is printed for the office: roll sheets, the access register, the book of plans, the codes of patrols."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime

import pytest

from bot.domain.snapshot import Act
from bot.services.register import enter
from bot.storage.process_lock import ProcessLock
from tests.integrations.documents.pdf import Pdf
from tests.support.shell import database, muster

NOW = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)


# ── roll sheets ────────────────────────────────────────────────────────────────────────────────────────────
def test_roll_sheets_are_a_cover_and_a_page_a_class(staffed):
    result = muster("rollsheets", "-o", "sheets.pdf")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "written: sheets.pdf (3 pages)"
    pdf = Pdf((staffed / "sheets.pdf").read_bytes())
    assert len(pdf) == 3
    assert "全校合计Allclasses6" in pdf.words(0)
    assert [name in pdf.words(1) for name in ("七1班", "何雪", "S0001", "示例三")] == [True] * 4
    assert [name in pdf.words(2) for name in ("七2班", "SarahGreen", "S0006", "示例四")] == [True] * 4


def test_one_class_is_printed_without_the_cover(staffed):
    result = muster("rollsheets", "--output", "sheets.pdf", "--class", "七2班")
    assert result.stdout.splitlines()[0] == "written: sheets.pdf (1 page)"
    words = Pdf((staffed / "sheets.pdf").read_bytes()).words(0)
    assert ("七2班" in words, "示例一" in words) == (True, False)


def test_several_classes_are_printed_once_each_in_the_schools_order(staffed):
    result = muster("rollsheets", "-o", "x.pdf", "--class", "七2班", "--class", "七1班", "--class", "七2班")
    assert result.exit_code == 0
    pdf = Pdf((staffed / "x.pdf").read_bytes())
    assert ["七1班" in pdf.words(page) for page in range(len(pdf))] == [True, False]


def test_a_file_of_pupils_names_is_its_owners_alone(staffed):
    old = staffed / "sheets.pdf"
    old.write_bytes(b"old" * 100_000)
    old.chmod(0o644)
    before = os.umask(0)
    try:
        assert muster("rollsheets", "-o", "sheets.pdf").exit_code == 0
        assert muster("rollsheets", "-o", "new.pdf").exit_code == 0
    finally:
        os.umask(before)
    assert [(staffed / name).stat().st_mode & 0o777 for name in ("sheets.pdf", "new.pdf")] == [0o600, 0o600]
    assert len(Pdf(old.read_bytes())) == 3


def test_roll_sheets_of_a_class_that_is_not_there_name_those_that_are(staffed):
    result = muster("rollsheets", "-o", "sheets.pdf", "--class", "七9班")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "there is no class 七9班\nknown are: 七1班, 七2班\n"
    assert not (staffed / "sheets.pdf").exists()


def test_roll_sheets_need_a_roster_first(school):
    result = muster("rollsheets", "-o", "sheets.pdf")
    assert result.exit_code == 1
    assert result.stderr.startswith("there is no database at ")
    assert muster("roster", "import", "staff.csv", "--yes").exit_code == 0
    result = muster("rollsheets", "-o", "sheets.pdf")
    assert result.exit_code == 1
    assert result.stderr == "there are no classes yet; bring them with: muster roster import classes.csv\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere/sheets.pdf", "there is no folder nowhere; make it first\n"),
        ("var", "var is a folder; name a file in it, as in var/rollsheets.pdf\n"),
    ],
)
def test_roll_sheets_need_a_place_to_go(staffed, path, told):
    result = muster("rollsheets", "-o", path)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)
    assert not (staffed / "nowhere").exists()


def test_roll_sheets_are_printed_while_muster_runs(staffed):
    with ProcessLock(staffed / "var" / "muster.db.lock"):
        assert muster("rollsheets", "-o", "sheets.pdf").exit_code == 0


# ── the access register ────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def viewed(staffed):
    """… and a camera was looked at, late on 23 November and early on the 24th of the school's days."""

    def look(tx, at):
        person = tx.people.get("T001")
        enter(tx, person, Act.VIEW, "gate", at=at, reason="火警核实", content="东门画面")

    for hour in (15, 17):
        database(staffed).write_now(look, NOW.replace(hour=hour))
    return staffed


def test_the_register_is_written_in_the_laws_columns_and_the_schools_time(viewed):
    told = muster("register", "-o", "register.csv")
    assert "written: register.csv (2 lines)" in told.output
    rows = list(csv.DictReader((viewed / "register.csv").read_text("utf-8-sig").splitlines()))
    assert [row["时间"] for row in rows] == ["2026-11-23 23:42:00+08:00", "2026-11-24 01:42:00+08:00"]
    assert (rows[0]["事由"], rows[0]["内容"], rows[0]["姓名"]) == ("火警核实", "东门画面", "林静")
    assert (viewed / "register.csv").stat().st_mode & 0o077 == 0


def test_days_are_the_schools_and_both_included(viewed):
    told = muster("register", "-o", "register.csv", "--from", "2026-11-24", "--to", "2026-11-24")
    assert "(1 line)" in told.output
    assert "2026-11-24 01:42" in (viewed / "register.csv").read_text("utf-8-sig")


def test_the_register_is_printed(viewed):
    assert muster("register", "-o", "register.pdf").exit_code == 0
    assert "火警核实" in Pdf((viewed / "register.pdf").read_bytes()).words(0)


def test_a_register_of_another_kind_is_refused(viewed):
    told = muster("register", "-o", "register.docx")
    assert told.exit_code == 1
    assert "must end in .csv or .pdf" in told.output


# ── plans ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_book_of_plans_is_printed(school):
    result = muster("plans", "-o", "plan.pdf")
    assert (result.exit_code, result.stdout) == (0, "written: plan.pdf (16 plans)\n")
    assert (school / "plan.pdf").read_bytes().startswith(b"%PDF-")


def test_a_bad_plan_is_named_by_file_and_key_and_nothing_is_printed(school):
    (school / "own").mkdir()
    (school / "own" / "fire.toml").write_text("version = 0\nseverity = 2\ntasks = []\n", "utf-8")
    path = school / "school.toml"
    path.write_text(path.read_text("utf-8").replace('folder = ""', 'folder = "own"'), "utf-8")
    result = muster("plans", "-o", "plan.pdf")
    assert result.exit_code == 1
    assert result.stderr == "own/fire.toml: version: must be at least 1 (got 0)\n"
    assert not (school / "plan.pdf").exists()


# ── the patrol's codes ─────────────────────────────────────────────────────────────────────────────────────
def test_a_code_for_each_key_area_is_printed_and_a_renewed_one_is_another(staffed):
    path = staffed / "school.toml"
    text = path.read_text("utf-8")
    areas = 'patrol_zones = ["gate", "canteen"]'
    assert areas in text
    path.write_text(text.replace(areas, "patrol_zones = []"), "utf-8")
    result = muster("patrols", "-o", "patrol.pdf")
    assert (result.exit_code, "patrol_zones" in result.stderr) == (1, True)
    path.write_text(text, "utf-8")
    assert "start muster run once" in muster("patrols", "-o", "patrol.pdf").stderr
    database(staffed).write_now(lambda tx: tx.facts.set("identity", {"username": "qingcheng_bot"}))
    assert muster("patrols", "-o", "patrol.pdf").stdout == "written: patrol.pdf (2 points)\n"
    pdf = Pdf((staffed / "patrol.pdf").read_bytes())
    assert (len(pdf), "Scantocheckin,atleast5timesaday" in pdf.words(0)) == (1, True)
    key = database(staffed).read_now(lambda tx: tx.facts.get("patrol:key"))
    assert muster("patrols", "-o", "patrol.pdf", "--renew").exit_code == 0
    assert database(staffed).read_now(lambda tx: tx.facts.get("patrol:key")) != key
