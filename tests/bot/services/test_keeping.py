"""Pictures go when their time is over, with a certificate; who needs one keeps it; and the disk is looked after."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta

import pytest

from bot.domain.message import MessageKind
from bot.domain.snapshot import Act, Part, Snapshot, expiry
from bot.errors import VaultError
from bot.services import snapshots
from bot.services.keeping import KeepingService
from bot.services.signing import Signer
from bot.storage.vault import Label, Vault
from tests.support.cast import CHEN, EMILY, LI, WU
from tests.support.door import open_door

pytestmark = pytest.mark.both_databases

SIGNER = Signer(bytes(range(32)))
PICTURE = b"\xff\xd8 the gate as it is"
DAY = timedelta(days=1)


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        yield one


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault", bytes(32), budget_bytes=10_000)


@pytest.fixture
def keeping(door, vault):
    return KeepingService(door.turns, vault, SIGNER)


async def keep(door, vault, *, incident_id=None, size=0) -> Snapshot:
    data = PICTURE + bytes(size)
    new = Snapshot(
        id=0,
        camera_id="gate",
        captured_at=door.now,
        kept_at=door.now,
        original_sha256=hashlib.sha256(data).hexdigest(),
        original_size=len(data),
        expires_at=expiry(door.now, 30),
        incident_id=incident_id,
    )

    def make_key(kept, part):
        return vault.make_key(Label.of(kept, part))

    kept, keys = await door.database.write(lambda tx: snapshots.keep(tx, new, make_key, by=CHEN.staff_id))
    vault.keep(Label.of(kept, Part.ORIGINAL), keys[Part.ORIGINAL], data)
    return kept


async def an_incident(door):
    await door.send(EMILY, "/sos")
    return (await door.incident()).id


async def test_what_is_over_goes_with_key_file_register_line_and_certificate(door, vault, keeping):
    kept = await keep(door, vault)
    door.now += 29 * DAY
    assert await keeping.tick() == 0
    key = await door.read(lambda tx: tx.snapshots.key(kept.id, Part.ORIGINAL))
    assert vault.read(Label.of(kept, Part.ORIGINAL), key) == PICTURE
    door.now += DAY
    assert await keeping.tick() == 1
    assert vault.files() == []
    assert await door.read(lambda tx: tx.snapshots.key(kept.id, Part.ORIGINAL)) is None
    (line,) = await door.read(lambda tx: tx.register.last())
    assert (line.act, line.snapshot_id) == (Act.DELETION, kept.id)
    certificate = await door.read(lambda tx: tx.snapshots.certificate(kept.id))
    told = {"public_key": SIGNER.public_key}
    assert await door.read(lambda tx: snapshots.is_certified(tx, certificate, **told))
    assert await keeping.tick() == 0


async def test_hundreds_go_in_one_tick(door, vault, keeping):
    for _ in range(120):
        await keep(door, vault)
    door.now += 30 * DAY
    assert await keeping.tick() == 120
    assert vault.files() == []


async def test_the_safety_office_holds_a_picture_by_its_number_and_releases_it(door, vault, keeping):
    kept = await keep(door, vault)
    (short,) = await door.send(LI, f"/retain #{kept.id} 看")
    assert "写明事由" in short.text
    (refused,) = await door.send(CHEN, f"/retain #{kept.id} 派出所调查取证")
    assert refused.kind is MessageKind.REFUSED
    (held,) = await door.send(LI, f"/retain #{kept.id} 派出所调查取证")
    assert f"图片 #{kept.id} 将一直留存" in held.text
    door.now += 400 * DAY
    assert await keeping.tick() == 0
    await door.send(LI, f"/release ＃{kept.id}")
    assert await keeping.tick() == 1
    (gone,) = await door.send(LI, f"/retain #{kept.id} 派出所调查取证")
    assert "没有这张图片" in gone.text


async def test_an_incidents_pictures_are_held_with_it(door, vault, keeping):
    incident_id = await an_incident(door)
    kept = await keep(door, vault, incident_id=incident_id)
    other = await keep(door, vault)
    await door.send(LI, "/retain 2026-0001 保险理赔")
    taken_later = await keep(door, vault, incident_id=incident_id)
    door.now += 30 * DAY
    assert await keeping.tick() == 1
    left = [row.id for row in await door.read(lambda tx: tx.snapshots.list_kept())]
    assert left == [taken_later.id, kept.id]
    assert other.id not in left
    await door.send(LI, "/release 2026-0001")
    assert await keeping.tick() == 2


async def test_a_picture_held_by_itself_stays_so_whatever_happens_to_its_incident(door, vault, keeping):
    incident_id = await an_incident(door)
    kept = await keep(door, vault, incident_id=incident_id)
    await keep(door, vault, incident_id=incident_id)
    await door.send(LI, f"/retain #{kept.id} 派出所调查取证")
    await door.send(LI, "/retain 2026-0001 保险理赔")
    await door.send(LI, "/release 2026-0001")
    row = await door.read(lambda tx: tx.snapshots.get(kept.id))
    assert (row.held_by, row.held_reason) == (LI.staff_id, "派出所调查取证")
    door.now += 30 * DAY
    assert await keeping.tick() == 1
    await door.send(LI, f"/release #{kept.id}")
    assert await keeping.tick() == 1


async def test_an_incident_without_count_and_pictures_has_nothing_to_hold(door):
    await an_incident(door)
    (answer,) = await door.send(LI, "/retain 2026-0001 保险理赔")
    assert answer.kind is MessageKind.REFUSED


async def test_a_crash_between_key_and_file_leaves_nothing_that_can_be_read(door, vault, keeping):
    kept = await keep(door, vault)
    door.now += 30 * DAY
    await door.database.write(lambda tx: snapshots.erase_due(tx, SIGNER, at=door.now))
    assert len(vault.files()) == 1
    with pytest.raises(VaultError):
        vault.read(Label.of(kept, Part.ORIGINAL), vault.make_key(Label.of(kept, Part.ORIGINAL)))
    assert await keeping.tick() == 0
    assert vault.files() == []


async def test_a_half_that_a_crash_left_does_not_count_against_the_budget_for_ever(door, vault, keeping):
    kept = await keep(door, vault)
    folder = vault.files()[0].parent
    left, under_way = folder / "left.1.part", folder / "under-way.2.part"
    for half in (left, under_way):
        half.write_bytes(bytes(1_000))
    os.utime(left, (time.time() - 7200,) * 2)
    await keeping.tick()
    assert {path.name for path in folder.iterdir()} == {
        Label.of(kept, Part.ORIGINAL).file_name,
        under_way.name,
    }
    assert keeping.usage.used < 2_000


async def test_the_disk_is_warned_of_once_a_day_before_it_is_full(door, vault, keeping):
    await keep(door, vault, size=7_000)
    await keeping.tick()
    assert await door.collect() == []
    await keep(door, vault, size=1_500)
    for _ in range(3):
        await keeping.tick()
    (warning,) = await door.collect()
    assert (warning.to, warning.kind) == (f"person:{WU.staff_id}", MessageKind.VAULT_TIGHT)
    assert keeping.usage.is_tight
    door.now += DAY
    await keeping.tick()
    assert len(await door.collect()) == 1
