"""A secret key in a file of its own: made when it is missing, refused when others could have read it."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.errors import StartError

KEY_BYTES: Final = 32
"""AES-256 (NIST SP 800-38D), and the seed of Ed25519 (RFC 8032)."""


def load_or_make_key(path: Path) -> bytes:
    """The key's 32 bytes; the file holds them in hex. Of two processes that make it at once, both get the same.

    StartError when the file is readable by others, belongs to somebody else, or holds no key.
    """
    if not path.exists():
        _make(path)
    return load_key(path)


def load_key(path: Path) -> bytes:
    """The key of a file that must be there. StartError as above."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        raise StartError(f"the key file {path} cannot be read: {error.strerror}") from None
    try:
        _require_private(path, os.fstat(number))
        text = os.read(number, 4 * KEY_BYTES)
    finally:
        os.close(number)
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StartError(f"the key file {path} holds no key: it must be {2 * KEY_BYTES} hexadecimal digits")
    return key


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StartError(f"the key file {path} is no plain file")
    if status.st_uid not in (os.geteuid(), 0):
        raise StartError(f"the key file {path} belongs to another account")
    if status.st_mode & 0o077:
        raise StartError(f"the key file {path} can be read by others; run: chmod 600 {path}")


def _make(path: Path) -> None:
    """Written whole beside it, then linked: a name that is taken meanwhile stays as it is."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(part, f"{secrets.token_hex(KEY_BYTES)}\n".encode())
        with suppress(FileExistsError):
            os.link(part, path)
        sync_folder(path.parent)
    except OSError as error:
        raise StartError(f"the key file {path} cannot be made: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """A new file for its owner alone, on the disk when this returns. FileExistsError when the name is taken."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(number)


def sync_folder(path: Path) -> None:
    """Names made or renamed in the folder survive a power cut from here on."""
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
