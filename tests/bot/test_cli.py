"""What a school's computer person types, in order, and what is printed back."""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from bot.app import school_of
from bot.cli import cli
from bot.config import load
from bot.domain.incident import Kind
from bot.domain.sender import Sender
from bot.services.reporting import Told, declare_or_join
from bot.services.turn import Turn
from bot.storage.database import Database, ProcessLock

ROSTERS = ("staff.csv", "classes.csv", "pupils.csv", "duty.csv")
STAFF = "工号,姓名,角色\nT101,钱伟,总指挥\nT102,沈悦,校长\nT103,姜楠,安全办\nT104,石磊,副校长\n"
NOW = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)


def muster(*words: object, answer: str = ""):
    """Run one command; `answer` is typed when it asks."""
    return CliRunner().invoke(cli, [str(word) for word in words], input=answer)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder in which the person sits, with what `muster init` writes."""
    assert muster("init", tmp_path / "school").exit_code == 0
    monkeypatch.chdir(tmp_path / "school")
    return tmp_path / "school"


@pytest.fixture
def school(folder):
    """The same with a token in it."""
    path = folder / "school.toml"
    told = path.read_text("utf-8").replace("PUT-THE-TOKEN-FROM-BOTFATHER-HERE", "AAE-invented")
    path.write_text(told, "utf-8")
    return folder


@pytest.fixture
def staffed(school):
    """… and the sample's people imported."""
    assert muster("roster", "import", *ROSTERS, "--yes").exit_code == 0
    return school


def database(folder: Path) -> Database:
    return Database(load(folder / "school.toml", {}).database.url)


def people(folder: Path) -> list[str]:
    return sorted(person.staff_id for person in database(folder).read_now(lambda tx: tx.people.list_all()))


# ── init and check ─────────────────────────────────────────────────────────────────────────────────────────
def test_init_names_every_file_that_it_writes(tmp_path):
    result = muster("init", tmp_path / "new")
    assert result.exit_code == 0
    written = [line.removeprefix("written: ") for line in result.stdout.splitlines()]
    assert [Path(name).name for name in written] == ["school.toml", *ROSTERS, ".gitignore"]
    assert all(Path(name).exists() for name in written)


def test_init_refuses_a_folder_that_is_in_use(folder):
    before = (folder / "school.toml").read_bytes()
    result = muster("init", folder)
    assert result.exit_code == 1
    assert f"{folder / 'school.toml'}: is there already and is not overwritten" in result.stderr
    assert (folder / "school.toml").read_bytes() == before


def test_check_says_that_the_token_is_still_missing(folder):
    result = muster("check")
    assert result.exit_code == 1
    assert result.stdout == (
        "school.toml: telegram.token: is still the placeholder; ask @BotFather for a token and put it here\n"
    )


def test_check_is_content_once_the_token_is_there(school):
    result = muster("check", "-c", school / "school.toml")
    assert (result.exit_code, result.stdout) == (0, "The settings are in order.\n")
    assert not (school / "var").exists()


def test_check_names_file_key_and_reason_of_every_problem(school):
    path = school / "school.toml"
    path.write_text(path.read_text("utf-8").replace('kind = "canteen"', 'knid = "canteen"'), "utf-8")
    result = muster("check")
    assert result.exit_code == 1
    assert "school.toml: zones.canteen.kind: is required" in result.stderr
    assert "school.toml: zones.canteen.knid: is not a setting that Muster knows; did you mean kind?" in (
        result.stderr
    )


def test_check_without_a_file_says_so(tmp_path):
    result = muster("check", "-c", tmp_path / "nowhere.toml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{tmp_path / 'nowhere.toml'}: there is no such file\n"


def test_check_with_people_hints_that_nobody_has_connected_yet(staffed):
    result = muster("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "roster: staff: nobody has connected Telegram yet; hand out invites with: muster roster invite",
        "No errors, hints only.",
    ]


# ── roster import ──────────────────────────────────────────────────────────────────────────────────────────
def test_an_import_is_shown_first_and_applied_when_confirmed(school):
    result = muster("roster", "import", *ROSTERS, answer="y\n")
    assert result.exit_code == 0
    assert "people: 8 added, 0 changed, 0 removed, 0 unchanged" in result.stdout
    assert "pupils: 6 added" in result.stdout
    assert result.stdout.endswith("Applied.\n")
    assert len(people(school)) == 8


def test_an_import_that_is_declined_changes_nothing(school):
    result = muster("roster", "import", "staff.csv", answer="n\n")
    assert result.exit_code == 1
    assert "Nothing was changed." in result.stdout
    assert people(school) == []


def test_the_same_files_again_change_nothing(staffed):
    result = muster("roster", "import", *ROSTERS)
    assert result.exit_code == 0
    assert "people: 0 added, 0 changed, 0 removed, 8 unchanged" in result.stdout
    assert result.stdout.endswith("Nothing would change.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_may_come_in_the_school_offices_encoding(school, encoding):
    (school / "new.csv").write_text(STAFF, encoding)
    assert muster("roster", "import", "new.csv", "--yes").exit_code == 0
    assert people(school) == ["T101", "T102", "T103", "T104"]
    names = database(school).read_now(lambda tx: tx.people.get("T101").name)
    assert names.zh == "钱伟"


def test_a_workbook_is_read_like_a_csv_file(school):
    book = openpyxl.Workbook()
    for row in csv.reader(STAFF.splitlines()):
        book.active.append(row)
    book.save(school / "new.xlsx")
    assert muster("roster", "import", "new.xlsx", "--yes").exit_code == 0
    assert people(school) == ["T101", "T102", "T103", "T104"]


def test_bad_rows_are_listed_with_line_and_reason_and_nothing_is_applied(school):
    (school / "bad.csv").write_text(
        "工号,姓名,角色\nT101,钱伟,总指挥\nT102,,校长\nT103,姜楠,国王\nT101,石磊,\n", "utf-8"
    )
    result = muster("roster", "import", "bad.csv", "--yes")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0] == "bad.csv: line 3: 姓名 is empty"
    assert lines[1].startswith('bad.csv: line 4: "国王" is no role; known are: PRINCIPAL,')
    assert lines[2].startswith("bad.csv: line 5: ")
    assert "stands in line 2 already" in lines[2]
    assert lines[-1] == "Nothing was changed."
    assert people(school) == []


def test_one_bad_file_stops_the_good_ones_beside_it(school):
    (school / "bad.csv").write_text("学号,姓名,班级\nS1,甲,九9班\n", "utf-8")
    result = muster("roster", "import", "staff.csv", "classes.csv", "bad.csv", "--yes")
    assert result.exit_code == 1
    assert "bad.csv: line 2: " in result.stderr
    assert "九9班" in result.stderr
    assert people(school) == []


def test_a_roster_that_would_lose_most_people_warns_before_it_asks(staffed):
    (staffed / "few.csv").write_text("工号,姓名\nT001,林静\n", "utf-8")
    result = muster("roster", "import", "few.csv", answer="n\n")
    assert result.exit_code == 1
    assert "More than half of these would go: people" in result.stderr


# ── invites ────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_invite_is_printed_once_and_kept_as_a_hash_only(staffed):
    result = muster("roster", "invite", "T001")
    assert result.exit_code == 0
    link, note = result.stdout.splitlines()
    code = re.fullmatch(r"/start ([A-Za-z0-9_-]{32})", link)[1]
    assert note == "Single use, valid for 7 days. Send it to this person only."
    kept = sqlite3.connect(staffed / "var" / "muster.db")
    assert code not in "\n".join(kept.iterdump())
    kept.close()


def test_the_invite_is_a_link_once_the_bot_knows_its_name(staffed):
    database(staffed).write_now(lambda tx: tx.facts.set("identity", {"username": "qingcheng_bot"}))
    result = muster("roster", "invite", "T001")
    assert re.match(r"https://t\.me/qingcheng_bot\?start=[A-Za-z0-9_-]{32}\n", result.stdout)


def test_nobody_is_invited_who_is_not_on_the_roster(staffed):
    result = muster("roster", "invite", "T999")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "unknown person: T999\n"


# ── export ─────────────────────────────────────────────────────────────────────────────────────────────────
def report(folder: Path, words: str) -> None:
    """T008 reports a fire in A2."""
    settings = load(folder / "school.toml", {})

    def unit(tx):
        sender = Sender(1008, ("test", "1"), "en", is_private=True, is_press=False, message_id=1)
        turn = Turn(tx, school_of(settings), NOW, sender, tx.people.get("T008"))
        declare_or_join(turn, Told(Kind.FIRE, "A2", words))
        turn.finish()

    database(folder).write_now(unit)


def test_an_export_holds_the_whole_record_as_json_and_csv(staffed):
    report(staffed, '=HYPERLINK("http://example.org")')
    result = muster("export", "2026-0001", "-o", "record")
    assert result.exit_code == 0
    names = [Path(line.removeprefix("written: ")).name for line in result.stdout.splitlines()]
    assert names == [
        "2026-0001.json",
        "2026-0001-reports.csv",
        "2026-0001-timeline.csv",
        "2026-0001-deliveries.csv",
    ]
    record = json.loads((staffed / "record" / names[0]).read_text("utf-8"))
    assert record["incident"]["number"] == "2026-0001"
    assert [entry["event"] for entry in record["timeline"]] == ["reported", "rung"]
    assert record["reports"][0]["reporter_id"] == "T008"
    with (staffed / "record" / names[1]).open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["kind"] == "fire"
    assert row["words"] == '\'=HYPERLINK("http://example.org")'


def test_an_incident_that_never_was_cannot_be_exported(staffed):
    result = muster("export", "2026-0007", "-o", "record")
    assert (result.exit_code, result.stderr) == (1, "unknown incident: 2026-0007\n")
    assert not (staffed / "record").exists()


# ── audit ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def logged(staffed):
    """Three audit rows: an import, two invites."""
    muster("roster", "invite", "T001")
    muster("roster", "invite", "T002")
    return staffed


def tamper(folder: Path, statement: str) -> None:
    kept = sqlite3.connect(folder / "var" / "muster.db")
    kept.execute(statement)
    kept.commit()
    kept.close()


def test_an_untouched_audit_log_is_unbroken(logged):
    result = muster("audit", "verify")
    assert result.exit_code == 0
    assert re.fullmatch(r"unbroken: 3 rows, head [0-9a-f]{64}\n", result.stdout)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE id = 2", 2),
        ("UPDATE audit SET details = '{}' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 2", 3),
    ],
)
def test_a_tampered_audit_log_names_its_first_broken_row(logged, statement, row):
    tamper(logged, statement)
    result = muster("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"broken at row {row}: it was changed, or a row before it is missing\n"


# ── the shell ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_second_program_on_the_same_database_is_refused(staffed):
    # In a process of its own, because `run` takes over the process's logging.
    start = (sys.executable, "-c", "from bot.cli import main; main()", "run")
    with ProcessLock(staffed / "var" / "muster.db.lock"):
        result = subprocess.run(start, cwd=staffed, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1
    assert f"already running: process {os.getpid()} holds " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_this_version_does_not_speak_is_refused_in_words(school, monkeypatch):
    monkeypatch.setenv("MUSTER_DATABASE__URL", "postgresql://muster@localhost/muster")
    result = muster("audit", "verify")
    assert result.exit_code == 1
    assert "PostgreSQL comes with a later version" in result.stderr


def test_an_unknown_command_exits_with_2():
    result = muster("evacuate")
    assert result.exit_code == 2
    assert "No such command" in result.stderr
