"""What leaves the house about one incident: its record, and sealed evidence for the police."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.app import school_of
from bot.config import load
from bot.domain.incident import Kind
from bot.domain.sender import Sender
from bot.domain.snapshot import Act, Part, Snapshot
from bot.services.reporting import Told, declare_or_join
from bot.services.signing import AUDIT_KEY
from bot.services.turn import Turn
from bot.storage.key_file import load_or_make_key
from bot.storage.vault import Label, Vault
from tests.support.shell import database, muster

NOW = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)


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
