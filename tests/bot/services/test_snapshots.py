"""A picture stays at least its thirty days, longer only for a reason, and leaves its hash and a certificate."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.signature import is_genuine
from bot.domain.snapshot import Act, Part, Snapshot, expiry
from bot.errors import Reason, RefusedError, VaultError
from bot.services import register, snapshots
from bot.services.register import COLUMNS, RegisterService, as_csv, export_register
from bot.services.signing import Seal, Signer, check_head, sign_head
from bot.services.turn import Turns
from bot.storage.tables import audit
from bot.storage.vault import Label, Vault
from tests.support.cast import CHEN, LI
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases

SIGNER = Signer(bytes(range(32)))
PICTURE, MASKED = b"\xff\xd8 the gate as it is", b"\xff\xd8 the gate, masked"
DAY = timedelta(days=1)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault", bytes(32), budget_bytes=1_000_000)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def label(snapshot: Snapshot, part: Part) -> Label:
    return Label(snapshot.id, snapshot.camera_id, part, snapshot.hashes()[part])


async def keep(door, vault, days: int = 30, at=MONDAY) -> Snapshot:
    new = Snapshot(
        0, "gate", at, at, sha256(PICTURE), len(PICTURE), expiry(at, days), None, sha256(MASKED), len(MASKED)
    )
    kept, keys = await door.database.write(
        lambda tx: snapshots.keep(tx, new, lambda it, part: vault.make_key(label(it, part)), by=CHEN.staff_id)
    )
    for part, data in ((Part.ORIGINAL, PICTURE), (Part.DERIVATIVE, MASKED)):
        vault.keep(label(kept, part), keys[part], data)
    return kept


async def erase_due(door, at):
    return await door.database.write(lambda tx: snapshots.erase_due(tx, SIGNER, at=at))


@pytest.mark.parametrize(("asked", "kept"), [(1, 30), (29, 30), (30, 30), (31, 31), (90, 90)])
def test_the_law_is_the_floor_of_every_retention(asked, kept):
    assert expiry(MONDAY, asked) == MONDAY + kept * DAY


async def test_a_picture_is_read_back_with_its_key_from_the_database(door, vault):
    kept = await keep(door, vault)
    assert await door.read(lambda tx: tx.snapshots.get(kept.id)) == kept
    for part, data in ((Part.ORIGINAL, PICTURE), (Part.DERIVATIVE, MASKED)):
        key = await door.read(lambda tx, part=part: tx.snapshots.key(kept.id, part))
        assert vault.read(label(kept, part), key) == data
    assert await door.read(lambda tx: tx.snapshots.bytes_kept()) == len(PICTURE) + len(MASKED)


async def test_it_is_erased_on_time_once_and_the_hashes_stay(door, vault):
    kept = await keep(door, vault)
    assert await erase_due(door, MONDAY + 30 * DAY - timedelta(seconds=1)) == []
    ((erased, certificate),) = await erase_due(door, MONDAY + 30 * DAY)
    assert await erase_due(door, MONDAY + 31 * DAY) == []
    row = await door.read(lambda tx: tx.snapshots.get(kept.id))
    assert (row.erased_at, row.erased_why) == (MONDAY + 30 * DAY, "retention over")
    assert row.hashes() == {Part.ORIGINAL: sha256(PICTURE), Part.DERIVATIVE: sha256(MASKED)}
    assert await door.read(lambda tx: tx.snapshots.key(kept.id, Part.ORIGINAL)) is None
    assert (erased.id, certificate["original_sha256"]) == (kept.id, sha256(PICTURE))
    (line,) = await door.read(lambda tx: tx.register.last())
    assert (line.act, line.snapshot_id, line.sha256) == (Act.DELETION, kept.id, sha256(PICTURE))
    with pytest.raises(VaultError):
        vault.read(label(kept, Part.ORIGINAL), vault.make_key(label(kept, Part.ORIGINAL)))


async def test_who_holds_it_says_why_and_it_stays_until_released(door, vault):
    kept = await keep(door, vault)
    who = {"by": LI.staff_id, "at": MONDAY}
    with pytest.raises(RefusedError) as refused:
        await door.database.write(lambda tx: snapshots.hold(tx, kept.id, reason=" 看 ", **who))
    assert refused.value.refusal.reason is Reason.REASON_TOO_SHORT
    await door.database.write(lambda tx: snapshots.hold(tx, kept.id, reason="派出所调查取证", **who))
    assert await erase_due(door, MONDAY + 400 * DAY) == []
    row = await door.read(lambda tx: tx.snapshots.get(kept.id))
    assert (row.held_by, row.held_reason, row.is_held) == (LI.staff_id, "派出所调查取证", True)
    await door.database.write(lambda tx: snapshots.release(tx, kept.id, **who))
    assert len(await erase_due(door, MONDAY + 400 * DAY)) == 1
    with pytest.raises(RefusedError):
        await door.database.write(lambda tx: snapshots.hold(tx, kept.id, reason="再看一次吧", **who))


async def test_a_certificate_verifies_and_a_forged_one_does_not(door, vault):
    await keep(door, vault)
    ((_, certificate),) = await erase_due(door, MONDAY + 30 * DAY)
    certificate = json.loads(json.dumps(certificate, indent=4))

    async def holds(told, key=SIGNER.public_key):
        return await door.read(lambda tx: snapshots.is_certified(tx, told, public_key=key))

    assert await holds(certificate)
    assert not await holds(certificate, Signer(bytes(32)).public_key)
    for field in certificate:
        assert not is_genuine({**certificate, field: "0"}), field
        assert not is_genuine({key: value for key, value in certificate.items() if key != field}), field
    other = {key: value for key, value in certificate.items() if key != "signature"}
    assert not await holds(SIGNER.sign({**other, "original_sha256": "0" * 64}))
    assert not await holds(SIGNER.sign({**other, "audit_hash": "0" * 64}))


# ── the signed head ────────────────────────────────────────────────────────────────────────────────────────
async def append(door, count: int) -> None:
    for number in range(count):
        await door.database.write(
            lambda tx, number=number: tx.audit.append(f"act {number}", at=MONDAY, actor="test")
        )


async def sign(door) -> None:
    await door.database.write(lambda tx: sign_head(tx, SIGNER, at=door.now))


async def seal(door, key: str | None = SIGNER.public_key) -> Seal:
    return (await door.read(lambda tx: check_head(tx, public_key=key))).seal


async def test_a_signed_head_holds_while_the_chain_grows(door):
    assert await seal(door) is Seal.NONE
    await append(door, 3)
    await sign(door)
    await append(door, 3)
    assert await seal(door) is Seal.HOLDS
    assert await seal(door, None) is Seal.HOLDS
    assert await seal(door, Signer(bytes(32)).public_key) is Seal.FOREIGN


async def test_signing_an_unchanged_chain_writes_nothing(door):
    await sign(door)
    before = await door.read(lambda tx: tx.facts.get("audit-head"))
    door.now += DAY
    await sign(door)
    assert await door.read(lambda tx: tx.facts.get("audit-head")) == before


async def test_a_chain_cut_at_its_end_is_found_out_by_the_signature_alone(door):
    await append(door, 3)
    await sign(door)

    def cut(tx):
        tx.connection.execute(audit.delete().where(audit.c.id == tx.audit.head()[0]))

    await door.database.write(cut)
    assert await door.read(lambda tx: tx.audit.first_broken()) is None
    assert await seal(door) is Seal.CUT


async def test_a_chain_written_anew_is_found_out(door):
    await append(door, 2)
    await sign(door)

    def rewrite(tx):
        tx.connection.execute(audit.delete())
        for number in range(9):
            tx.audit.append(f"lie {number}", at=MONDAY, actor="test")

    await door.database.write(rewrite)
    assert await door.read(lambda tx: tx.audit.first_broken()) is None
    assert await seal(door) is Seal.REWRITTEN


async def test_a_head_that_was_edited_is_no_head(door):
    await append(door, 2)
    await sign(door)
    await door.database.write(
        lambda tx: tx.facts.set("audit-head", {**tx.facts.get("audit-head"), "hash": "0" * 64})
    )
    assert await seal(door) is Seal.FORGED


# ── the register ───────────────────────────────────────────────────────────────────────────────────────────
def service(door) -> RegisterService:
    return RegisterService(Turns(door.database, door.school, lambda: door.now))


async def look(door, act: Act = Act.VIEW, reason: str = "火警核实") -> None:
    await door.database.write(
        lambda tx: register.enter(
            tx, CHEN, act, "gate", at=door.now, reason=reason, content="东门画面", sha256=sha256(MASKED)
        )
    )


async def test_a_view_stands_in_the_register_and_in_the_chain(door):
    await look(door)
    (line,) = await service(door).last(LI.staff_id)
    assert (line.act, line.name, line.reason, line.content) == (Act.VIEW, "陈刚", "火警核实", "东门画面")
    assert (CHEN.staff_id, "register view", "done") in await door.audited()


async def test_only_the_safety_office_reads_it_or_enters_visitors(door):
    with pytest.raises(RefusedError):
        await service(door).last(CHEN.staff_id)
    with pytest.raises(RefusedError):
        await service(door).enter_outside_view(
            CHEN.staff_id, "gate", name="民警甲", unit="派出所", reason="调查案件", content="10时录像"
        )
    assert await service(door).last(LI.staff_id) == []


async def test_police_who_look_are_entered_with_the_four_that_the_law_asks_for(door):
    told = {"name": "民警甲", "unit": "城关派出所", "reason": "调查失窃案", "content": "11月20日10时东门录像"}
    line = await service(door).enter_outside_view(LI.staff_id, "gate", **told)
    assert (line.act, line.staff_id, line.outcome) == (Act.OUTSIDE_VIEW, None, f"entered by {LI.staff_id}")
    for missing in told:
        with pytest.raises(RefusedError):
            await service(door).enter_outside_view(LI.staff_id, "gate", **{**told, missing: " "})
    assert await service(door).last(LI.staff_id) == [line]


async def test_the_export_has_the_laws_columns_in_order_and_is_noted(door):
    for act in Act:
        await look(door, act)
        door.now += DAY
    rows = await door.database.write(
        lambda tx: export_register(tx, MONDAY, MONDAY + 4 * DAY, by="shell", at=door.now)
    )
    assert [row["行为"] for row in rows] == ["查看", "拒绝", "调取", "删除"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [rows[0][name] for name in ("事由", "内容", "单位", "姓名")] == [
        "火警核实",
        "东门画面",
        "",
        "陈刚",
    ]
    assert all(one["时间"] < other["时间"] for one, other in pairwise(rows))
    assert ("shell", "export register", "done") in await door.audited()


async def test_a_reason_that_looks_like_a_formula_stays_words_in_a_spreadsheet(door):
    await look(door, reason='=HYPERLINK("http://x")')
    rows = await door.database.write(
        lambda tx: export_register(tx, MONDAY, MONDAY + DAY, by="shell", at=door.now)
    )
    told = as_csv(rows)
    assert told.startswith("\ufeff编号,时间,事由,内容,单位,姓名".encode())
    (row,) = list(csv.DictReader(io.StringIO(told.decode("utf-8-sig"))))
    assert row["事由"] == '\'=HYPERLINK("http://x")'
    assert as_csv([]).decode("utf-8-sig").strip() == ",".join(COLUMNS)
