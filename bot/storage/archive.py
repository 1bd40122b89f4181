"""An encrypted file that is written and read from front to back: nothing of it is ever plain on a disk.

Chunks of 1 MiB under AES-256-GCM; each chunk's nonce is its number and whether it is the last one, so that chunks
cannot be changed, left out, put in another order or cut off (the STREAM construction,
https://eprint.iacr.org/2015/189). Each file has a key of its own, derived from the key file and a random salt, so
nonces never meet again.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import BackupError
from bot.storage.key_file import KEY_BYTES

_MAGIC: Final = b"MUSTER BACKUP 1\n"
_SALT: Final = 16
_KEY_ID: Final = 8
_HEAD: Final = len(_MAGIC) + _SALT + _KEY_ID
_CHUNK: Final = 1 << 20
_TAG: Final = 16
_NUMBER: Final = 11


def key_id(key: bytes) -> bytes:
    """By which a wrong key file is told from a damaged backup; it gives nothing of the key away."""
    return hashlib.sha256(b"muster backup key\0" + key).digest()[:_KEY_ID]


class _Chunks:
    """One file's cipher and the numbers of its chunks."""

    def __init__(self, key: bytes, head: bytes) -> None:
        salt = head[len(_MAGIC) :][:_SALT]
        derived = HKDF(SHA256(), KEY_BYTES, salt, b"muster backup").derive(key)
        self._cipher = AESGCM(derived)
        self._head = head
        self._count = 0

    def _nonce(self, *, is_last: bool) -> bytes:
        self._count += 1
        return self._count.to_bytes(_NUMBER) + bytes([is_last])

    def seal(self, data: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(is_last=is_last), data, self._head)

    def open(self, data: bytes, *, is_last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(is_last=is_last), data, self._head)


class Sealing(io.RawIOBase):
    """`write` as to a file; `finish` makes it whole. Without that nobody can read it to its end."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._file = file
        head = _MAGIC + secrets.token_bytes(_SALT) + key_id(key)
        self._chunks = _Chunks(key, head)
        self._waiting = bytearray()
        file.write(head)

    def writable(self) -> bool:
        """Only that."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Encrypted as soon as a chunk is full; at least one byte waits for the last chunk."""
        self._waiting += data
        while len(self._waiting) > _CHUNK:
            self._file.write(self._chunks.seal(bytes(self._waiting[:_CHUNK]), is_last=False))
            del self._waiting[:_CHUNK]
        return len(data)

    def finish(self) -> None:
        """The last chunk."""
        self._file.write(self._chunks.seal(bytes(self._waiting), is_last=True))
        self._waiting.clear()


class Unsealing(io.RawIOBase):
    """`read` gives only what was proven to be as it was written. BackupError says what is wrong otherwise."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._file = file
        head = file.read(_HEAD)
        if not head.startswith(_MAGIC) or len(head) < _HEAD:
            raise BackupError("this is no backup of Muster")
        if head[-_KEY_ID:] != key_id(key):
            raise BackupError("the backup was made with another key file")
        self._chunks = _Chunks(key, head)
        self._next = file.read(_CHUNK + _TAG)
        self._plain = bytearray()
        self._is_over = False

    def readable(self) -> bool:
        """Only that."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """As of a file."""
        while not self._is_over and (size < 0 or len(self._plain) < size):
            self._plain += self._chunk()
        given = bytes(self._plain if size < 0 else self._plain[:size])
        del self._plain[: len(given)]
        return given

    def _chunk(self) -> bytes:
        sealed, self._next = self._next, self._file.read(_CHUNK + _TAG)
        self._is_over = not self._next
        try:
            return self._chunks.open(sealed, is_last=self._is_over)
        except InvalidTag:
            raise BackupError("the backup was cut off or changed") from None
