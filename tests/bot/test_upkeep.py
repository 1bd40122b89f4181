"""What whoever looks after the installation types, and what is printed back."""

from __future__ import annotations

import pytest

from bot.errors import StorageBusyError
from bot.storage import sqlite
from bot.storage.database import Database
from tests.support.process import free_port
from tests.support.shell import ROSTERS, muster, people


# ── doctor ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_doctor_before_the_first_start_says_what_to_do_and_makes_nothing(school, monkeypatch):
    monkeypatch.setenv("MUSTER_TELEGRAM__API_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("MUSTER_WEB__LISTEN", f"127.0.0.1:{free_port()}")
    result = muster("doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["✗ Muster", "✗ clock", "✗ database"]
    assert "there is none at" in lines[2]
    assert "muster roster import or muster run makes it" in lines[2]
    assert not (school / "var").exists()


@pytest.mark.parametrize("left", ["nothing in it", "an opened file"])
def test_an_empty_database_file_counts_as_none(school, tmp_path, left):
    assert muster("roster", "import", *ROSTERS, "--yes").exit_code == 0
    assert muster("backup", tmp_path / "monday").exit_code == 0
    for path in (school / "var").iterdir():
        path.unlink()
    file = school / "var" / "muster.db"
    file.touch()
    if left == "an opened file":
        sqlite.connect(file).close()
        assert file.stat().st_size > 0
    assert muster("check").exit_code == 0
    assert "there is no database at" in muster("roster", "invite", "T001").stderr
    restored = muster("restore", tmp_path / "monday")
    assert restored.exit_code == 0, restored.stderr
    assert len(people(school)) == 9


# ── backup and restore ─────────────────────────────────────────────────────────────────────────────────────
def test_a_backup_into_a_folder_that_is_not_there_is_refused_in_a_sentence_and_makes_no_key(
    staffed, tmp_path
):
    refused = muster("backup", tmp_path / "nope" / "monday")
    assert refused.exit_code == 1
    assert refused.stderr.strip() == (
        f"the folder {tmp_path / 'nope'} does not exist: make it first, or name another"
    )
    assert not (staffed / "secrets" / "backup.key").exists()


def test_a_backup_before_any_database_is_refused_in_a_sentence_and_makes_nothing(school, tmp_path):
    refused = muster("backup", tmp_path / "monday")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("there is no database at")
    assert not (school / "var").exists()
    assert not (school / "secrets" / "backup.key").exists()


def test_a_whole_backup_that_a_locked_database_cannot_note_is_told_as_written(staffed, tmp_path, monkeypatch):
    def locked(*_):
        raise StorageBusyError("database is locked")

    monkeypatch.setattr(Database, "write_now", locked)
    made = muster("backup", tmp_path / "monday")
    assert made.exit_code == 0
    assert made.stdout.startswith("written: ")
    assert "could not be noted" in made.stdout
    assert "without it nobody can read the backup" in made.stdout


def test_a_backup_is_made_and_brought_back_by_two_commands(staffed, tmp_path):
    made = muster("backup", tmp_path / "monday")
    assert made.exit_code == 0
    assert "without it nobody can read the backup" in made.stdout
    assert "secrets/backup.key" in made.stdout
    before = people(staffed)
    refused = muster("restore", tmp_path / "monday")
    assert refused.exit_code == 1
    assert "a restore replaces nothing" in refused.stderr
    for path in (staffed / "var").iterdir():
        path.unlink()
    restored = muster("restore", tmp_path / "monday")
    assert restored.exit_code == 0, restored.stderr
    assert "The log's hash chain is unbroken." in restored.stdout
    assert "Revocations and roster changes since 20" in restored.stdout
    assert people(staffed) == before
    assert muster("audit", "verify").exit_code == 0


def test_a_restore_with_another_key_says_so(staffed, tmp_path):
    assert muster("backup", tmp_path / "monday").exit_code == 0
    assert muster("backup", tmp_path / "other", "--key", tmp_path / "other.key").exit_code == 0
    for path in (staffed / "var").iterdir():
        path.unlink()
    result = muster("restore", tmp_path / "monday", "--key", tmp_path / "other.key")
    assert result.exit_code == 1
    assert "made with another key file" in result.stderr
    assert not (staffed / "var" / "muster.db").exists()
