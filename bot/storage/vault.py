"""Pictures of cameras at rest: each file encrypted with a key of its own, each key wrapped by the master key.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce. The label (which snapshot, camera, part, and the picture's
SHA-256) is authenticated with the bytes, so that no file passes for another. Overwriting erases nothing on an SSD;
destroying the wrapped key does, also for copies (NIST SP 800-88, cryptographic erase). Keys lie in the database.
"""

from __future__ import annotations

import hashlib
import math
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.snapshot import Part, Snapshot
from bot.errors import StorageBusyError, VaultError
from bot.storage.key_file import KEY_BYTES, sync_folder, write_private

_MAGIC: Final = b"MUSTER1\n"
_LENGTH: Final = 8
_NONCE: Final = 12
_TAG: Final = 16
_HEAD: Final = len(_MAGIC) + _LENGTH + _NONCE
_KEY_ID: Final = 8
OVERHEAD: Final = _HEAD + _TAG
"""Bytes that encryption adds to each file."""
_WRITING_S: Final = 3600
"""No write takes this long: a half older than this was left by a crash."""
WARN_AT: Final = 0.8
"""Of the disk budget; what is above it is told before anything is refused."""


@dataclass(frozen=True, slots=True)
class Label:
    """Which file this is. `sha256`: of the picture, before encryption."""

    snapshot_id: int
    camera_id: str
    part: Part
    sha256: str

    @classmethod
    def of(cls, snapshot: Snapshot, part: Part) -> Label:
        """The label of one of a kept picture's files. KeyError when it has no such part."""
        return cls(snapshot.id, snapshot.camera_id, part, snapshot.hashes()[part])

    def to_bytes(self) -> bytes:
        """What is authenticated; no two labels have the same."""
        return "\0".join((str(self.snapshot_id), self.camera_id, self.part.value, self.sha256)).encode()

    @property
    def file_name(self) -> str:
        """64 hex digits, from which nobody learns whether two pictures are the same."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes on the disk beside the budget."""

    used: int
    budget: int

    @property
    def is_tight(self) -> bool:
        """Whether it is time to warn."""
        return self.used >= self.budget * WARN_AT

    @property
    def is_over(self) -> bool:
        """Whether nothing more is kept."""
        return self.used >= self.budget


class Vault:
    """The folder. All calls block on the disk and belong in a thread; any number of processes may share it."""

    def __init__(self, path: Path, master_key: bytes, *, budget_bytes: int) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._path = path
        self._master = AESGCM(master_key)
        self._key_id = hashlib.sha256(b"muster picture key\0" + master_key).digest()[:_KEY_ID]
        self._budget = budget_bytes

    def make_key(self, label: Label) -> bytes:
        """A fresh key for this file, wrapped: for the database, in the same unit of work as the snapshot's row."""
        nonce = secrets.token_bytes(_NONCE)
        key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        return self._key_id + nonce + self._master.encrypt(nonce, key, label.to_bytes())

    def keep(self, label: Label, wrapped_key: bytes, data: bytes) -> None:
        """Write it durably, whole or not at all; the same again changes nothing.

        VaultError when `data` is not what the label says; StorageBusyError when disk or budget is full.
        """
        if hashlib.sha256(data).hexdigest() != label.sha256:
            raise VaultError(f"{_told(label)}: is not the picture that its hash says")
        target = self._path / label.file_name
        if target.exists():
            return
        if self.usage().is_over:
            raise StorageBusyError(f"the disk budget for pictures is spent: {self._budget} bytes")
        nonce = secrets.token_bytes(_NONCE)
        head = _MAGIC + len(data).to_bytes(_LENGTH) + nonce
        sealed = AESGCM(self._unwrap(label, wrapped_key)).encrypt(nonce, data, head + label.to_bytes())
        try:
            self._write(target, head + sealed)
        except OSError as error:
            raise StorageBusyError(f"{_told(label)}: cannot be kept: {error.strerror}") from error

    def read(self, label: Label, wrapped_key: bytes) -> bytes:
        """The picture, proven to be the one that was kept. VaultError says what is wrong otherwise."""
        key = self._unwrap(label, wrapped_key)
        try:
            file = (self._path / label.file_name).read_bytes()
        except FileNotFoundError:
            raise VaultError(f"{_told(label)}: the file is missing") from None
        except OSError as error:
            raise VaultError(f"{_told(label)}: cannot be read: {error.strerror}") from None
        _require_whole(label, file)
        head, sealed = file[:_HEAD], file[_HEAD:]
        try:
            data = AESGCM(key).decrypt(head[-_NONCE:], sealed, head + label.to_bytes())
        except InvalidTag:
            raise VaultError(f"{_told(label)}: the file was changed") from None
        if hashlib.sha256(data).hexdigest() != label.sha256:
            raise VaultError(f"{_told(label)}: is not the picture that its hash says")
        return data

    def erase(self, label: Label) -> None:
        """Remove the file, after its key was destroyed; one that is gone already is as good."""
        (self._path / label.file_name).unlink(missing_ok=True)

    def usage(self) -> Usage:
        """What the folder holds, unfinished files included."""
        return Usage(sum(size for _, size in self._scan()), self._budget)

    def files(self) -> list[Path]:
        """Every whole file, for a backup; encrypted as they are."""
        return sorted(self._path / name for name, _ in self._scan() if "." not in name)

    def halves(self) -> list[Path]:
        """What writes that a crash cut short left; they count as used until somebody removes them."""
        begun_before = time.time() - _WRITING_S
        return [path for path in self._path.glob("*.part") if _modified(path) < begun_before]

    def _scan(self) -> Iterator[tuple[str, int]]:
        try:
            with os.scandir(self._path) as found:
                names = [entry.name for entry in found]
        except FileNotFoundError:
            return
        for name in names:
            with suppress(FileNotFoundError):  # erased meanwhile
                yield name, (self._path / name).lstat().st_size

    def _write(self, target: Path, content: bytes) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.chmod(0o700)
        part = target.with_name(f"{target.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
        try:
            write_private(part, content)
            part.replace(target)
            sync_folder(self._path)
        finally:
            part.unlink(missing_ok=True)

    def _unwrap(self, label: Label, wrapped: bytes) -> bytes:
        key_id, nonce, sealed = wrapped[:_KEY_ID], wrapped[_KEY_ID:][:_NONCE], wrapped[_KEY_ID + _NONCE :]
        if key_id != self._key_id:
            raise VaultError(f"{_told(label)}: was encrypted with another key file")
        try:
            return self._master.decrypt(nonce, sealed, label.to_bytes())
        except (InvalidTag, ValueError):
            raise VaultError(f"{_told(label)}: its key was changed, or belongs to another picture") from None


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _require_whole(label: Label, file: bytes) -> None:
    if len(file) < OVERHEAD or not file.startswith(_MAGIC):
        problem = "was cut off" if _MAGIC.startswith(file[: len(_MAGIC)]) else "is no file of the vault"
        raise VaultError(f"{_told(label)}: the file {problem}")
    said = int.from_bytes(file[len(_MAGIC) :][:_LENGTH])
    if len(file) != said + OVERHEAD:
        problem = "was cut off" if len(file) < said + OVERHEAD else "was changed"
        raise VaultError(f"{_told(label)}: the file {problem}")


def _told(label: Label) -> str:
    return f"snapshot {label.snapshot_id} of camera {label.camera_id} ({label.part.value})"
