"""What a school's computer person types, in order, and what is printed back."""

from __future__ import annotations

import csv
import inspect
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

import openpyxl
import pytest
import typer

from bot.cli import cli
from bot.services.signing import AUDIT_KEY, Signer, sign_head
from bot.storage.key_file import load_or_make_key
from bot.storage.process_lock import ProcessLock
from bot.storage.revoked import bar_account, note_revoked
from tests.support.shell import ROSTERS, database, muster, people

STAFF = "工号,姓名,角色\nT101,钱伟,总指挥\nT102,沈悦,校长\nT103,姜楠,安全办\nT104,石磊,副校长\n"
NOW = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)


# ── init and check ─────────────────────────────────────────────────────────────────────────────────────────
def test_init_names_every_file_that_it_writes(tmp_path):
    result = muster("init", tmp_path / "new")
    assert result.exit_code == 0
    found = re.findall(r"^written: (.*)$", result.stdout, re.MULTILINE)
    assert [Path(name).name for name in found] == ["school.toml", *ROSTERS, ".gitignore"]
    assert all(Path(name).exists() for name in found)


def test_init_says_what_comes_next_and_that_is_what_works(school):
    said = muster("init", school.parent / "other").stdout
    assert f"in {school.parent / 'other'}: fill school.toml, then: muster check\n" in said
    words = re.search(r"^  muster (roster import .*)$", said, re.MULTILINE)[1].split()
    assert muster("check").exit_code == 0
    assert muster(*words, answer="y\n").exit_code == 0
    assert muster("roster", "invite", "T001").exit_code == 0


def test_init_refuses_a_folder_that_is_in_use(folder):
    before = (folder / "school.toml").read_bytes()
    result = muster("init", folder)
    assert result.exit_code == 1
    assert f"{folder / 'school.toml'}: is there already and is not overwritten" in result.stderr
    assert (folder / "school.toml").read_bytes() == before


NO_LINKS = (
    "hint: school.toml: web.public_url: links to the pages would begin with http://127.0.0.1:8080, which opens on "
    "this machine alone: write the address that phones reach it by"
)
NO_NUMBERS = (
    "hint: school.toml: agencies: plans call these, and they have no number yet: "
    "education, health, market, emergency, utility"
)


def test_check_says_that_the_token_is_still_missing(folder):
    result = muster("check")
    assert result.exit_code == 1
    assert result.stdout == (
        "error: school.toml: telegram.token: is still the placeholder; ask @BotFather for a token and put it here\n"
        f"{NO_LINKS}\n{NO_NUMBERS}\n"
    )


def test_check_online_with_an_error_says_that_nobody_was_asked(folder):
    result = muster("check", "--online")
    assert result.exit_code == 1
    assert result.stdout.endswith(f"{NO_NUMBERS}\nNobody was asked online: mend the errors first.\n")


def test_check_is_content_once_the_token_is_there(school):
    result = muster("check", "-c", school / "school.toml")
    assert (result.exit_code, result.stdout) == (0, f"{NO_LINKS}\n{NO_NUMBERS}\nNo errors, hints only.\n")
    silent = NO_NUMBERS.rsplit(": ", maxsplit=1)[-1].split(", ")
    numbers = [f'[[agencies]]\nid = "{one}"\nnumber = "0571-1"\n' for one in silent]
    text = (school / "school.toml").read_text("utf-8")
    text = text.replace('public_url = ""', 'public_url = "https://muster.school.example"')
    (school / "school.toml").write_text(text + "\n" + "\n".join(numbers), "utf-8")
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
        NO_LINKS,
        "hint: roster: staff: nobody has connected Telegram yet; hand out invites with: muster roster invite",
        NO_NUMBERS,
        "No errors, hints only.",
    ]


def test_check_of_a_database_of_an_older_muster_leaves_the_people_to_run(staffed):
    for older in ("DROP TABLE equipment", "UPDATE alembic_version SET version_num = '0013'"):
        database(staffed).write_now(lambda tx, words=older: tx.connection.exec_driver_sql(words))
    result = muster("check")
    assert (result.exit_code, result.stdout) == (0, f"{NO_LINKS}\n{NO_NUMBERS}\nNo errors, hints only.\n")


# ── roster import ──────────────────────────────────────────────────────────────────────────────────────────
def test_an_import_is_shown_first_and_applied_when_confirmed(school):
    result = muster("roster", "import", *ROSTERS, answer="y\n")
    assert result.exit_code == 0
    assert "people: 9 added, 0 changed, 0 removed, 0 unchanged" in result.stdout
    assert "pupils: 6 added" in result.stdout
    assert "absences: 2 added, 0 removed, 0 unchanged" in result.stdout
    assert result.stdout.endswith("Applied.\n")
    assert len(people(school)) == 9


def test_an_import_that_is_declined_changes_nothing(school):
    result = muster("roster", "import", "staff.csv", answer="n\n")
    assert result.exit_code == 1
    assert "Nothing was changed." in result.stdout
    assert people(school) == []


def test_the_same_files_again_change_nothing(staffed):
    result = muster("roster", "import", *ROSTERS)
    assert result.exit_code == 0
    assert "people: 0 added, 0 changed, 0 removed, 9 unchanged" in result.stdout
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


def test_an_absence_list_replaces_exactly_the_days_that_it_names(staffed):
    (staffed / "away.csv").write_text(
        "学号,缺勤日期,事由\nS0001,2027-03-23,发烧\nS0002,2027-03-24,\n", "utf-8"
    )
    assert muster("roster", "import", "away.csv", "--yes").exit_code == 0
    (staffed / "again.csv").write_text("学号,缺勤日期\nS0003,2027-03-24\n", "utf-8")
    result = muster("roster", "import", "again.csv", answer="y\n")
    assert "absences: 1 added, 1 removed, 0 unchanged" in result.stdout
    assert "More than half" not in result.stderr
    away = database(staffed).read_now(lambda tx: [tx.absences.named(date(2027, 3, day)) for day in (23, 24)])
    assert away == [{"S0001"}, {"S0003"}]
    kept = b"".join(path.read_bytes() for path in (staffed / "var").glob("muster.db*"))
    assert "发烧".encode() not in kept


def test_an_absent_pupil_who_is_not_on_the_roster_stops_the_import(staffed):
    (staffed / "away.csv").write_text("学号,缺勤日期\nS0001,2027-03-23\nS0099,2027-03-23\n", "utf-8")
    result = muster("roster", "import", "away.csv", "--yes")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        'away.csv: line 3: the student number "S0099" is not on the roster',
        "Nothing was changed.",
    ]
    assert database(staffed).read_now(lambda tx: tx.absences.named(date(2027, 3, 23))) == set()


def test_what_the_roster_would_lack_is_said_before_the_question(staffed):
    lines = (staffed / "staff.csv").read_text("utf-8-sig").replace("COMMANDER", "STAFF").replace("总指挥", "")
    (staffed / "fewer.csv").write_text(lines, "utf-8")
    shown = muster("roster", "import", "fewer.csv", answer="n\n").stdout
    assert shown.index("warning: roster: staff: nobody holds the role COMMANDER\n") < shown.index("Apply?")


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


def test_an_invite_for_who_was_revoked_says_what_opening_it_does(staffed):
    def lose(tx):
        tx.people.revoke("T001")
        note_revoked(tx.facts, "T001")
        bar_account(tx.facts, 77)

    database(staffed).write_now(lose)
    said = muster("roster", "invite", "T001").stdout.splitlines()[-1]
    assert said == "T001 was revoked: opening it gives the rights back, to the phone that opens it alone."
    (staffed / "lost.csv").write_text("工号,姓名,Telegram\nT001,钱伟,77\n", "utf-8")
    shown = muster("roster", "import", "lost.csv", answer="n\n").stdout
    assert "Revoked, so the file's account is not taken; an invite binds one: T001 钱伟\n" in shown


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


@pytest.fixture
def signed(logged):
    """… and its head signed, with the key file beside the database."""
    signer = Signer(load_or_make_key(database(logged).path.parent / AUDIT_KEY))
    database(logged).write_now(sign_head, signer, at=NOW)
    return logged


def test_a_signed_audit_log_says_up_to_where_and_by_which_key(signed):
    result = muster("audit", "verify")
    assert result.exit_code == 0
    assert re.search(
        rf"signed up to row 3 at {re.escape(NOW.isoformat())}, key [0-9a-f]{{16}}\n$", result.stdout
    )
    (signed / "var" / AUDIT_KEY).unlink()
    assert "is not here to compare with" in muster("audit", "verify").stdout


def test_a_log_cut_at_its_end_breaks_the_signature(signed):
    tamper(signed, "DELETE FROM audit WHERE id = 3")
    result = muster("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "not what was signed: rows that were signed are missing\n"


# ── the shell ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_second_program_on_the_same_database_is_refused(staffed):
    # In a process of its own, because `run` takes over the process's logging.
    start = (sys.executable, "-m", "bot", "run")
    with ProcessLock(staffed / "var" / "muster.db.lock"):
        result = subprocess.run(start, cwd=staffed, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1
    assert f"already running: process {os.getpid()} holds " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_server_that_does_not_answer_is_told_without_its_password(school, monkeypatch):
    monkeypatch.setenv("MUSTER_DATABASE__URL", "postgresql://muster:geheim@127.0.0.1:1/muster")
    result = muster("audit", "verify")
    assert result.exit_code == 1
    assert "postgresql://muster@127.0.0.1:1/muster cannot be reached" in result.stderr
    assert "geheim" not in result.stderr


@pytest.mark.parametrize(
    "words", [("audit", "verify"), ("roster", "invite", "T001"), ("export", "1", "-o", "x")]
)
def test_a_database_of_a_newer_muster_is_left_alone(staffed, words):
    newer = "UPDATE alembic_version SET version_num = '9999'"
    database(staffed).write_now(lambda tx: tx.connection.exec_driver_sql(newer))
    result = muster(*words)
    assert result.exit_code == 1
    assert "newer version of Muster" in result.stderr
    assert "restore a backup" in result.stderr


def test_the_version_is_that_of_the_installed_package():
    result = muster("--version")
    assert (result.exit_code, result.stdout) == (0, f"muster {metadata.version('muster')}\n")


@pytest.mark.parametrize(("name", "command"), sorted(typer.main.get_command(cli).commands.items()))
def test_help_loses_nothing_in_brackets(name, command):
    told = " ".join(inspect.cleandoc(command.help or "").replace("\\[", "[").split())
    shown = " ".join(re.sub(r"[│╭╮╰╯─]", " ", muster(name, "--help").stdout).split())
    assert told in shown


def test_an_unknown_command_exits_with_2():
    result = muster("evacuate")
    assert result.exit_code == 2
    assert "No such command" in result.stderr
