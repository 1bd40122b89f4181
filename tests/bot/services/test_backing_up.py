"""The restore drill: a school that was in use, brought back elsewhere, tells nobody anything twice."""

from __future__ import annotations

import io
import os
import secrets
import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.domain.incident import Incident, Mode, Severity, Status
from bot.domain.liaison import LiaisonLink
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.snapshot import Part, Snapshot
from bot.errors import BackupError, StorageError
from bot.services import backing_up
from bot.services.backing_up import back_up, restore
from bot.storage import postgres
from bot.storage.archive import Sealing, Unsealing
from bot.storage.database import Database
from bot.storage.dump import tables_of
from bot.storage.migrations import HEAD
from bot.storage.restored import WHY
from bot.storage.tables import deliveries, inbox
from tests.support import databases

pytestmark = pytest.mark.both_databases

KEY = secrets.token_bytes(32)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def source(tmp_path):
    """The school's database, filled with one of everything that is hard to carry over."""
    url = databases.place(tmp_path / "old" / "muster.db")
    database = Database(url, folder=tmp_path / "old")
    database.write_now(_fill)
    for name in ("pictures/ab12", "vault/cd34"):
        path = tmp_path / "old" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x00\xff picture " + name.encode())
    (tmp_path / "old" / "audit.key").write_text("secret of the log")
    return database


def _fill(tx):
    incident = tx.incidents.add(
        Incident(0, "", Mode.REAL, Status.REPORTED, Severity.SEVERE, YESTERDAY), year=2026
    )
    tx.facts.set("json", {"deep": [1, None, True, "集合\x00\ud800"]})
    tx.facts.set("null", None)
    tx.absences.mark(YESTERDAY.date(), ["S1"], said_by="T1", at=YESTERDAY)
    snapshot = tx.snapshots.add(
        Snapshot(
            id=0,
            camera_id="gate",
            incident_id=incident.id,
            captured_at=YESTERDAY,
            kept_at=YESTERDAY,
            original_sha256="a" * 64,
            original_size=3,
            expires_at=NOW,
        )
    )
    tx.snapshots.add_key(snapshot, Part.ORIGINAL, b"\x00wrapped\xff")
    for n in range(3):
        tx.audit.append("done", at=YESTERDAY, actor=f"T{n}", details={"n": n, "名": "字"})
    tx.invites.add("f" * 64, "T001", expires_at=NOW + timedelta(days=7))
    tx.inbox.add_many("telegram", [("1", "tg:1", "{}")], YESTERDAY)
    tx.inbox.add_many("telegram", [("2", "tg:2", "{}")], NOW)
    for text, lane, at in (
        ("old order", Lane.COMMAND, YESTERDAY),
        ("fresh order", Lane.COMMAND, NOW),
        ("fresh line", Lane.THREAD, NOW),
    ):
        tx.outbox.add(Draft(Address.person("T001"), MessageKind.DONE, {"text": text}, lane=lane), at)
    under_way = update(deliveries).where(deliveries.c.created_at == NOW)
    tx.connection.execute(under_way.values(claimed_by="the old program", claimed_until=NOW))


def _empty(tmp_path, kind):
    """A place of that kind for what comes back."""
    folder = tmp_path / "new"
    before, databases._Now.kind = databases._Now.kind, kind
    try:
        return Database(databases.database_url(folder / "muster.db"), folder=folder)
    finally:
        databases._Now.kind = before


def _rows(tx):
    return {
        table.name: sorted(map(repr, map(tuple, tx.connection.execute(select(table)))))
        for table in tables_of(tx.connection)
    }


def _brought_back(source, target, tmp_path, now=NOW):
    back_up(source, tmp_path / "backup", KEY, now=now)
    target.folder.mkdir(parents=True, exist_ok=True)
    with (tmp_path / "backup").open("rb") as file:
        return restore(target, file, KEY, now=now)


@pytest.mark.parametrize("kind", [databases.SQLITE, databases.POSTGRES])
def test_every_row_comes_back_from_either_database_into_either(source, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(backing_up, "settle_restored", lambda *_, **__: None)
    target = _empty(tmp_path, kind)
    before = source.read_now(_rows)
    summary = _brought_back(source, target, tmp_path)
    after = target.read_now(_rows)
    own = [row for row in after["audit"] if row not in before["audit"]]
    assert len(own) == 1
    assert "restored" in own[0]
    after["audit"].remove(own[0])
    assert after == before
    assert summary.total == sum(map(len, before.values()))
    assert target.read_now(lambda tx: tx.audit.first_broken()) is None
    assert target.read_now(lambda tx: tx.snapshots.key(1, Part.ORIGINAL)) == b"\x00wrapped\xff"


def test_what_is_new_after_a_restore_gets_numbers_of_its_own(source, tmp_path):
    target = _empty(tmp_path, databases.POSTGRES)
    _brought_back(source, target, tmp_path)
    assert target.write_now(_another).number == "2026-0201"


def test_no_number_that_may_have_been_given_out_meanwhile_is_given_again(source, tmp_path):
    target = _empty(tmp_path, databases.SQLITE)
    back_up(source, tmp_path / "backup", KEY, now=NOW)
    target.folder.mkdir(parents=True, exist_ok=True)
    with (tmp_path / "backup").open("rb") as file:
        restore(target, file, KEY, now=datetime(2027, 1, 3, tzinfo=UTC))

    def numbers(tx):
        fresh = Incident(0, "", Mode.REAL, Status.REPORTED, Severity.SEVERE, NOW)
        return [tx.incidents.add(fresh, year=year).number for year in (2025, 2026, 2026, 2027, 2028)]

    given = ["2025-0001", "2026-0201", "2026-0202", "2027-0101", "2028-0001"]
    assert target.write_now(numbers) == given


def _another(tx):
    return tx.incidents.add(Incident(0, "", Mode.REAL, Status.REPORTED, Severity.SEVERE, NOW), year=2026)


def test_nothing_that_may_have_been_sent_since_is_sent_as_if_it_were_new(source, tmp_path):
    target = _empty(tmp_path, databases.SQLITE)
    summary = _brought_back(source, target, tmp_path)
    found = target.read_now(
        lambda tx: {
            row.params["text"]: (row.state, row.is_repeat, row.claimed_by, row.error)
            for row in tx.connection.execute(select(deliveries))
        }
    )
    assert found == {
        "old order": ("uncertain", False, None, WHY),
        "fresh order": ("queued", True, None, None),
        "fresh line": ("uncertain", False, None, WHY),
    }
    assert (summary.unsettled.repeats, summary.unsettled.uncertain, summary.unsettled.dead) == (1, 2, 1)
    states = target.read_now(
        lambda tx: list(tx.connection.scalars(select(inbox.c.state).order_by(inbox.c.id)))
    )
    assert states == ["dead", "new"]
    assert target.write_now(lambda tx: tx.invites.use("f" * 64, NOW)) is None


def test_files_come_back_and_key_files_are_not_inside(source, tmp_path):
    target = _empty(tmp_path, databases.SQLITE)
    summary = _brought_back(source, target, tmp_path)
    assert summary.files == 2
    assert (target.folder / "vault" / "cd34").read_bytes() == b"\x00\xff picture vault/cd34"
    assert stat.S_IMODE((target.folder / "vault" / "cd34").stat().st_mode) == 0o600
    assert not (target.folder / "audit.key").exists()


def test_a_link_for_outside_ends_as_it_may_have_been_revoked_since(source, tmp_path):
    link = LiaisonLink(0, 1, "Fire brigade", "T001", NOW, NOW + timedelta(hours=1))
    source.write_now(lambda tx: tx.liaison_links.add(link, "c" * 64))
    target = _empty(tmp_path, databases.SQLITE)
    _brought_back(source, target, tmp_path)
    assert not target.read_now(lambda tx: tx.liaison_links.by_code("c" * 64)).is_good(NOW)


def test_only_pictures_are_inside_whatever_lies_beside_the_database(source, tmp_path):
    """A database right beside school.toml has the token and every key beside it."""
    for name in ("secrets/telegram.token", "secrets/backup.key", "var/picture.key", "old/vault/cd34"):
        path = source.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a secret")
    target = _empty(tmp_path, databases.SQLITE)
    (target.folder / "secrets").mkdir(parents=True)
    (target.folder / "secrets" / "telegram.token").write_text("of the new place")
    assert _brought_back(source, target, tmp_path).files == 2
    back = {str(path.relative_to(target.folder)) for path in target.folder.rglob("*") if path.is_file()}
    assert {name for name in back if "/" in name} == {"pictures/ab12", "vault/cd34", "secrets/telegram.token"}


def test_a_picture_that_is_still_to_be_taken_away_is_taken_away(source, tmp_path):
    removal = Draft(Address.user(1003), MessageKind.CAMERA_REMOVAL, {"message_id": 77}, lane=Lane.THREAD)
    source.write_now(lambda tx: tx.outbox.add(removal, YESTERDAY))
    target = _empty(tmp_path, databases.SQLITE)
    _brought_back(source, target, tmp_path)
    wanted = select(deliveries.c.state).where(deliveries.c.kind == MessageKind.CAMERA_REMOVAL.value)
    assert target.read_now(lambda tx: tx.connection.scalar(wanted)) == "queued"


def test_files_may_take_longer_than_a_server_lets_a_unit_of_work_stand_still(tmp_path, monkeypatch):
    impatient = postgres._OPTIONS.replace("timeout=60000", "timeout=1000")
    assert impatient != postgres._OPTIONS
    monkeypatch.setattr(postgres, "_OPTIONS", impatient)
    for name in ("add_entry", "_keep_file"):
        monkeypatch.setattr(backing_up, name, _slowly(getattr(backing_up, name)))
    old = _empty(tmp_path, databases.POSTGRES)
    old.migrate()
    (old.folder / "vault").mkdir(parents=True)
    (old.folder / "vault" / "cd34").write_bytes(b"picture")
    _brought_back(old, _empty(tmp_path / "other", databases.POSTGRES), tmp_path)


def _slowly(work):
    def slow(*args):
        if any("files/" in str(arg) or "/vault/" in str(arg) for arg in args):
            time.sleep(1.5)
        return work(*args)

    return slow


def test_a_move_to_another_database_finds_the_pictures_where_they_are(source, tmp_path):
    target = _empty(tmp_path, databases.POSTGRES)
    beside = Database(target.driver.url, folder=source.folder)
    picture = source.folder / "vault" / "cd34"
    before = picture.stat().st_mtime_ns, picture.stat().st_ino
    assert _brought_back(source, beside, tmp_path).files == 2
    assert (picture.stat().st_mtime_ns, picture.stat().st_ino) == before
    assert (source.folder / "audit.key").exists()


@pytest.mark.parametrize("found", ["another picture", "changed"])
def test_what_is_in_the_way_is_named_and_left_as_it_is(source, tmp_path, found):
    target = _empty(tmp_path, databases.SQLITE)
    path = target.folder / "vault" / ("ef56" if found == "another picture" else "cd34")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"of another time")
    with pytest.raises(BackupError, match=r"Move \S+/new/vault away; leave every \*\.key"):
        _brought_back(source, target, tmp_path)
    assert not target.exists()
    assert [one for one in target.folder.rglob("*") if one.is_file()] == [path]
    assert path.read_bytes() == b"of another time"


def test_a_backup_is_for_its_owner_and_shows_nothing(source, tmp_path):
    back_up(source, tmp_path / "backup", KEY, now=NOW)
    held = (tmp_path / "backup").read_bytes()
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert not [word for word in (b"incidents", b"manifest", "集合".encode(), b"order") if word in held]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_backup_replaces_nothing(source, tmp_path):
    (tmp_path / "backup").write_text("mine")
    with pytest.raises(BackupError, match="already"):
        back_up(source, tmp_path / "backup", KEY, now=NOW)
    assert (tmp_path / "backup").read_text() == "mine"


def test_a_restore_replaces_nothing(source, tmp_path):
    back_up(source, tmp_path / "backup", KEY, now=NOW)
    before = source.read_now(_rows)
    with (tmp_path / "backup").open("rb") as file, pytest.raises(BackupError, match="database already"):
        restore(source, file, KEY, now=NOW)
    assert source.read_now(_rows) == before


@pytest.mark.parametrize("kind", [databases.SQLITE, databases.POSTGRES])
@pytest.mark.parametrize("damage", ["cut", "bit", "tail", "other key", "no backup", "empty"])
def test_a_damaged_backup_is_refused_and_leaves_nothing_behind(source, tmp_path, damage, kind):
    back_up(source, tmp_path / "backup", KEY, now=NOW)
    held = (tmp_path / "backup").read_bytes()
    middle = len(held) // 2
    damaged = {
        "cut": held[:middle],
        "bit": held[:middle] + bytes([held[middle] ^ 1]) + held[middle + 1 :],
        "tail": held + b"more",
        "no backup": b"PK\x03\x04" + held,
        "empty": b"",
    }.get(damage, held)
    key = secrets.token_bytes(32) if damage == "other key" else KEY
    target = _empty(tmp_path, kind)
    target.folder.mkdir(parents=True, exist_ok=True)
    with pytest.raises(BackupError):
        restore(target, io.BytesIO(damaged), key, now=NOW)
    assert not target.exists()
    assert [path for path in target.folder.rglob("*") if path.is_file()] == []
    with (tmp_path / "backup").open("rb") as file:
        restore(target, file, KEY, now=NOW)


def test_a_backup_with_a_broken_log_is_refused(source, tmp_path):
    source.write_now(lambda tx: tx.connection.exec_driver_sql("UPDATE audit SET actor = 'X' WHERE id = 2"))
    target = _empty(tmp_path, databases.SQLITE)
    with pytest.raises(BackupError, match="row 2"):
        _brought_back(source, target, tmp_path)
    assert not target.exists()


def test_a_backup_of_a_newer_version_is_refused_by_name(source, tmp_path):
    source.write_now(
        lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num='9999'")
    )
    target = _empty(tmp_path, databases.SQLITE)
    with pytest.raises(StorageError, match="newer version of Muster"):
        _brought_back(source, target, tmp_path)


def test_a_backup_of_an_older_version_is_brought_back_and_brought_up_to_date(tmp_path):
    """As the first release left it."""
    old = Database(databases.database_url(tmp_path / "old" / "muster.db"), folder=tmp_path / "old")
    old.fill_new(lambda tx: old.make_tables(tx, version="0001"))
    old.write_now(lambda tx: tx.facts.set("kept", 1))
    target = _empty(tmp_path, databases.SQLITE)
    _brought_back(old, target, tmp_path)
    assert target.read_now(lambda tx: tx.facts.get("kept")) == 1
    version = "SELECT version_num FROM alembic_version"
    assert target.read_now(lambda tx: tx.connection.exec_driver_sql(version).scalar()) == HEAD


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
@pytest.mark.sqlite_only("no database is in it")
def test_what_is_sealed_is_unsealed_whatever_its_length(size):
    data, file = os.urandom(size), io.BytesIO()
    sealing = Sealing(file, KEY)
    sealing.write(data)
    sealing.finish()
    file.seek(0)
    assert Unsealing(file, KEY).read() == data


@pytest.mark.sqlite_only("no database is in it")
def test_chunks_cannot_be_left_out_or_change_places():
    file = io.BytesIO()
    sealing = Sealing(file, KEY)
    sealing.write(os.urandom(3 << 20))
    sealing.finish()
    held, chunk, head = file.getvalue(), (1 << 20) + 16, 40
    first, second = held[head : head + chunk], held[head + chunk : head + 2 * chunk]
    rest = held[head + 2 * chunk :]
    for forged in (second + first + rest, first + rest, first + second):
        with pytest.raises(BackupError):
            Unsealing(io.BytesIO(held[:head] + forged), KEY).read()
