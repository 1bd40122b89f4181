"""What goes in comes out, or it is said plainly why not; nothing lies on the disk in clear."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.snapshot import Part
from bot.errors import StorageBusyError, VaultError
from bot.storage import vault as vault_module
from bot.storage.vault import OVERHEAD, Label, Vault

MASTER = bytes(range(32))
BUDGET = 1_000_000
PICTURE = b"\xff\xd8 a face at the gate " * 40
_any = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault", MASTER, budget_bytes=BUDGET)


def label_of(data: bytes, number: int = 1, camera: str = "gate", part: Part = Part.ORIGINAL) -> Label:
    return Label(number, camera, part, hashlib.sha256(data).hexdigest())


def keep(vault: Vault, data: bytes = PICTURE, **which) -> tuple[Label, bytes]:
    label = label_of(data, **which)
    key = vault.make_key(label)
    vault.keep(label, key, data)
    return label, key


def only_file(vault: Vault):
    (path,) = vault.files()
    return path


@_any
@given(data=st.binary(max_size=3000))
def test_any_bytes_come_back_as_they_were(vault, data):
    label, key = keep(vault, data)
    assert vault.read(label, key) == data
    assert (vault._path / label.file_name).stat().st_size == len(data) + OVERHEAD
    vault.erase(label)


def test_every_flipped_bit_of_the_file_is_noticed(vault):
    label, key = keep(vault, b"forty bytes of a picture, more or less..")
    path = only_file(vault)
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with pytest.raises(VaultError):
            vault.read(label, key)
    path.write_bytes(whole)
    vault.read(label, key)


def test_every_flipped_bit_of_the_key_is_noticed(vault):
    label, key = keep(vault)
    for bit in range(8 * len(key)):
        flipped = bytearray(key)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VaultError):
            vault.read(label, bytes(flipped))


def test_every_cut_is_named(vault):
    label, key = keep(vault, b"short")
    path = only_file(vault)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(
            VaultError, match="snapshot 1 of camera gate \\(original\\): the file was cut off"
        ):
            vault.read(label, key)


def test_what_is_wrong_is_said(vault, tmp_path):
    label, key = keep(vault)
    path = only_file(vault)
    whole = path.read_bytes()
    other = Vault(tmp_path / "vault", bytes(32), budget_bytes=BUDGET)
    with pytest.raises(VaultError, match="was encrypted with another key file"):
        other.read(label, key)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(VaultError, match="the file was changed"):
        vault.read(label, key)
    path.write_bytes(whole + b"!")
    with pytest.raises(VaultError, match="the file was changed"):
        vault.read(label, key)
    path.write_bytes(b"\xff\xd8 a plain JPEG" + whole)
    with pytest.raises(VaultError, match="the file is no file of the vault"):
        vault.read(label, key)
    path.unlink()
    with pytest.raises(VaultError, match="the file is missing"):
        vault.read(label, key)


@pytest.mark.parametrize("key", [b"", b"x" * 8, b"x" * 100])
def test_a_key_of_any_other_shape_is_refused(vault, key):
    label, _ = keep(vault)
    with pytest.raises(VaultError):
        vault.read(label, key)
    with pytest.raises(VaultError):
        vault.read(label, vault._key_id + key)


@pytest.mark.parametrize(
    "change", [{"snapshot_id": 2}, {"camera_id": "hall"}, {"part": Part.DERIVATIVE}, {"sha256": "0" * 64}]
)
def test_one_picture_never_passes_for_another(vault, change):
    label, key = keep(vault)
    foreign = replace(label, **change)
    only_file(vault).rename(vault._path / foreign.file_name)
    with pytest.raises(VaultError):
        vault.read(foreign, key)
    with pytest.raises(VaultError):
        vault.read(foreign, vault.make_key(foreign))


def test_what_is_not_what_its_label_says_is_not_kept(vault):
    label = label_of(PICTURE)
    with pytest.raises(VaultError, match="is not the picture that its hash says"):
        vault.keep(label, vault.make_key(label), PICTURE + b"!")
    assert vault.files() == []


def test_nothing_lies_on_the_disk_in_clear_and_nobody_else_may_look(vault):
    label, key = keep(vault)
    path = only_file(vault)
    assert b"face" not in path.read_bytes()
    assert label.sha256 not in path.name
    assert MASTER not in key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_was_open_to_others_is_closed(vault):
    vault._path.mkdir(mode=0o755)
    keep(vault)
    assert stat.S_IMODE(vault._path.stat().st_mode) == 0o700


def test_the_same_picture_twice_has_two_keys_and_two_unlike_files(vault):
    first, _ = keep(vault, number=1)
    second, key = keep(vault, number=2)
    one, two = (path.read_bytes() for path in vault.files())
    assert one[8:] != two[8:]
    vault.erase(first)
    assert vault.read(second, key) == PICTURE


def test_keeping_again_after_a_crash_changes_nothing(vault):
    label, key = keep(vault)
    before = only_file(vault).read_bytes()
    vault.keep(label, key, PICTURE)
    assert only_file(vault).read_bytes() == before


def test_without_its_key_a_copy_of_the_file_is_worth_nothing(vault):
    label, key = keep(vault)
    copy = only_file(vault).read_bytes()
    vault.erase(label)
    vault.erase(label)
    del key
    (vault._path / label.file_name).write_bytes(copy)
    with pytest.raises(VaultError, match="the file was changed"):
        vault.read(label, vault.make_key(label))


def test_a_full_disk_leaves_nothing_and_trying_again_helps(vault, monkeypatch):
    label = label_of(PICTURE)
    key = vault.make_key(label)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageBusyError, match="cannot be kept: No space left on device"):
        vault.keep(label, key, PICTURE)
    assert list(vault._path.iterdir()) == []
    monkeypatch.undo()
    vault.keep(label, key, PICTURE)
    assert vault.read(label, key) == PICTURE


def die_while_writing(folder, label, key):
    def die(*_):
        os._exit(9)

    vault_module.sync_folder = die
    os.fsync = die
    Vault(folder, MASTER, budget_bytes=BUDGET).keep(label, key, PICTURE)


def test_a_program_killed_while_writing_leaves_a_half_that_is_found_later(vault):
    label = label_of(PICTURE)
    key = vault.make_key(label)
    process = get_context("spawn").Process(target=die_while_writing, args=(vault._path, label, key))
    process.start()
    process.join(30)
    assert process.exitcode == 9
    (half,) = vault._path.iterdir()
    assert half.name.endswith(".part")
    assert vault.files() == []
    assert vault.halves() == []
    os.utime(half, (time.time() - 7200,) * 2)
    assert vault.halves() == [half]
    vault.keep(label, key, PICTURE)
    assert vault.read(label, key) == PICTURE


def keep_many(folder, numbers):
    vault = Vault(folder, MASTER, budget_bytes=BUDGET)
    return [keep(vault, f"picture {number}".encode(), number=number) for number in numbers]


def test_two_processes_share_the_folder(vault):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        kept = pool.map(keep_many, [vault._path] * 2, [range(30), range(20, 50)])
        pairs = {label.snapshot_id: (label, key) for both in kept for label, key in both}
    assert len(vault.files()) == len(pairs) == 50
    readable = [number for number in [*range(20), *range(30, 50)] if vault.read(*pairs[number])]
    assert len(readable) == 40


def test_the_budget_warns_before_it_refuses(tmp_path):
    one = len(PICTURE) + OVERHEAD
    vault = Vault(tmp_path / "vault", MASTER, budget_bytes=5 * one)
    told = []
    for number in range(5):
        told.append((vault.usage().is_tight, vault.usage().is_over))
        keep(vault, number=number)
    assert told == [(False, False)] * 4 + [(True, False)]
    assert vault.usage().used == 5 * one
    with pytest.raises(StorageBusyError, match="disk budget"):
        keep(vault, number=6)
    vault.erase(label_of(PICTURE, 0))
    keep(vault, number=6)


def test_an_empty_vault_has_no_folder_and_no_files(vault):
    assert (vault.files(), vault.usage().used, vault.halves()) == ([], 0, [])
    assert not vault._path.exists()


def test_a_master_key_of_the_wrong_length_is_a_mistake_in_the_program(tmp_path):
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(tmp_path, b"short", budget_bytes=1)
