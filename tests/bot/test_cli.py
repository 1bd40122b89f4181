"""What a school's computer person types, in order, and what is printed back."""

from __future__ import annotations

import csv
import hashlib
import inspect
import json
import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

import openpyxl
import pytest
import typer

from bot.app import school_of
from bot.cli import cli
from bot.config import load
from bot.domain.incident import Kind
from bot.domain.sender import Sender
from bot.domain.snapshot import Act, Part, Snapshot
from bot.services.register import enter
from bot.services.reporting import Told, declare_or_join
from bot.services.signing import AUDIT_KEY, Signer, sign_head
from bot.services.turn import Turn
from bot.storage.key_file import load_or_make_key
from bot.storage.process_lock import ProcessLock
from bot.storage.vault import Label, Vault
from tests.integrations.documents.pdf import Pdf
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


NO_NUMBERS = (
    "hint: school.toml: agencies: plans call these, and they have no number yet: "
    "education, health, market, emergency, utility"
)


def test_check_says_that_the_token_is_still_missing(folder):
    result = muster("check")
    assert result.exit_code == 1
    assert result.stdout == (
        "error: school.toml: telegram.token: is still the placeholder; ask @BotFather for a token and put it here\n"
        f"{NO_NUMBERS}\n"
    )


def test_check_online_with_an_error_says_that_nobody_was_asked(folder):
    result = muster("check", "--online")
    assert result.exit_code == 1
    assert result.stdout.endswith(f"{NO_NUMBERS}\nNobody was asked online: mend the errors first.\n")


def test_check_is_content_once_the_token_is_there(school):
    result = muster("check", "-c", school / "school.toml")
    assert (result.exit_code, result.stdout) == (0, f"{NO_NUMBERS}\nNo errors, hints only.\n")
    silent = NO_NUMBERS.rsplit(": ", maxsplit=1)[-1].split(", ")
    numbers = [f'[[agencies]]\nid = "{one}"\nnumber = "0571-1"\n' for one in silent]
    with (school / "school.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(numbers))
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
        "hint: roster: staff: nobody has connected Telegram yet; hand out invites with: muster roster invite",
        NO_NUMBERS,
        "No errors, hints only.",
    ]


def test_check_of_a_database_of_an_older_muster_leaves_the_people_to_run(staffed):
    for older in ("DROP TABLE equipment", "UPDATE alembic_version SET version_num = '0013'"):
        database(staffed).write_now(lambda tx, words=older: tx.connection.exec_driver_sql(words))
    result = muster("check")
    assert (result.exit_code, result.stdout) == (0, f"{NO_NUMBERS}\nNo errors, hints only.\n")


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
        "2026-0001-tasks.csv",
        "2026-0001-calls.csv",
        "2026-0001-reports_due.csv",
    ]
    record = json.loads((staffed / "record" / names[0]).read_text("utf-8"))
    assert record["incident"]["number"] == "2026-0001"
    events = [entry["event"] for entry in record["timeline"]]
    assert [event for event in events if event != "task_escalated"] == ["reported", "rung", "plan_started"]
    assert record["reports"][0]["reporter_id"] == "T008"
    with (staffed / "record" / names[1]).open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["kind"] == "fire"
    assert row["words"] == '\'=HYPERLINK("http://example.org")'


def test_an_incident_that_never_was_cannot_be_exported(staffed):
    result = muster("export", "2026-0007", "-o", "record")
    assert (result.exit_code, result.stderr) == (1, "unknown incident: 2026-0007\n")
    assert not (staffed / "record").exists()


# ── evidence for the police ────────────────────────────────────────────────────────────────────────────────
TO = "青城派出所; 王警官; 案件调查"


def a_picture(folder: Path, data: bytes) -> int:
    """One of incident 1, in the vault; and one that was erased from the disk."""
    settings, kept = load(folder / "school.toml", {}), database(folder)
    master = load_or_make_key(settings.path_of(settings.camera_policy.key_file))
    vault = Vault(kept.folder / "vault", master, budget_bytes=10**6)

    def unit(tx):
        new = Snapshot(0, "gate", NOW, NOW, hashlib.sha256(data).hexdigest(), len(data), NOW, incident_id=1)
        new = replace(new, id=tx.snapshots.add(new))
        label = Label.of(new, Part.ORIGINAL)
        key = vault.make_key(label)
        tx.snapshots.add_key(new.id, Part.ORIGINAL, key)
        if data:
            vault.keep(label, key, data)
        return new.id

    return kept.write_now(unit)


def test_evidence_is_one_sealed_file_with_originals_that_opens_only_as_it_was(staffed):
    report(staffed, "smoke")
    a_picture(staffed, b"the camera's own bytes")
    a_picture(staffed, b"")
    load_or_make_key(database(staffed).folder / AUDIT_KEY)
    result = muster("export", "2026-0001", "-o", "record", "--key", "police.key", "--to", TO)
    assert result.exit_code == 0, result.output
    assert "not inside: originals/2-gate.jpg: " in result.stdout
    assert "Hand it over another way than the file" in result.stdout
    assert [path.name for path in (staffed / "record").iterdir()] == ["2026-0001.evidence"]
    sealed = staffed / "record" / "2026-0001.evidence"
    assert b"smoke" not in sealed.read_bytes()
    lines = database(staffed).read_now(lambda tx: tx.register.of_incident(1))
    assert [(one.act, one.unit, one.name, one.reason, one.snapshot_id) for one in lines] == [
        (Act.EXPORT, "青城派出所", "王警官", "案件调查", n) for n in (1, 2)
    ]

    result = muster("unpack", sealed, "--key", "police.key", "-o", "opened")
    assert (result.exit_code, "signed by key" in result.stdout) == (0, True), result.output
    opened = staffed / "opened"
    assert (opened / "originals" / "1-gate.jpg").read_bytes() == b"the camera's own bytes"
    assert json.loads((opened / "2026-0001.json").read_text("utf-8"))["reports"][0]["words"] == "smoke"
    assert "青城派出所" in (opened / "register.csv").read_text("utf-8-sig")
    manifest = json.loads((opened / "manifest.json").read_text("utf-8"))
    assert manifest["files"]["originals/1-gate.jpg"]["bytes"] == 22
    assert (manifest["unit"], list(manifest["missing"])) == ("青城派出所", ["originals/2-gate.jpg"])

    assert muster("export", "2026-0001", "-o", "record", "--key", "police.key", "--to", TO).exit_code == 1
    changed = bytearray(sealed.read_bytes())
    changed[-40] ^= 1
    sealed.write_bytes(changed)
    result = muster("unpack", sealed, "--key", "police.key", "-o", "again")
    assert (result.exit_code, "cut off or changed" in result.stderr) == (1, True)
    assert not (staffed / "again" / "2026-0001.json").exists()
    assert muster("unpack", sealed, "--key", AUDIT_KEY, "-o", "other").exit_code == 1


def test_evidence_needs_to_know_who_takes_it_and_why(staffed):
    report(staffed, "smoke")
    result = muster("export", "2026-0001", "-o", "record", "--key", "police.key", "--to", "派出所")
    assert (result.exit_code, "who takes it over, and why" in result.stderr) == (1, True)
    assert not (staffed / "police.key").exists()


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
    start = (sys.executable, "-c", "from bot.cli import main; main()", "run")
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
