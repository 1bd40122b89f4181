"""Files that the bot or a person sent, bounded by their total size, oldest forgotten first."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass

from integrations.telegram.simulator.params import Upload

KEEP_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`path` is what getFile names and /file serves."""

    id: str
    unique_id: str
    path: str
    filename: str
    content: bytes
    mime_type: str


class FileStore:
    """Files by file_id."""

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._held_bytes = 0
        self._count = 0
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, upload: Upload, folder: str) -> StoredFile:
        self._count += 1
        unique = "AQ" + hashlib.sha256(upload.content).hexdigest()[:14]
        guess = mimetypes.guess_type(upload.filename)[0]
        suffix = "." + upload.filename.rsplit(".", 1)[-1] if "." in upload.filename else ""
        stored = StoredFile(
            id=f"BQACAgUAAx{self._count:08d}{unique}",
            unique_id=unique,
            path=f"{folder}/file_{self._count}{suffix if suffix.isascii() else ''}",
            filename=upload.filename,
            content=upload.content,
            mime_type=guess or upload.mime_type or "application/octet-stream",
        )
        self._by_id[stored.id] = self._by_path[stored.path] = stored
        self._held_bytes += len(stored.content)
        self._forget_old()
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def _forget_old(self) -> None:
        while self._held_bytes > self._keep_bytes and len(self._by_id) > 1:
            old = self._by_id.pop(next(iter(self._by_id)))
            del self._by_path[old.path]
            self._held_bytes -= len(old.content)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, PNG, GIF or WebP; None when it is none of them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:  # noqa: PLR2004
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:  # noqa: PLR2004
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X" and len(content) >= 30:  # noqa: PLR2004
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if kind == b"VP8 " and len(content) >= 30:  # noqa: PLR2004
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(content) >= 25:  # noqa: PLR2004
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walks the segments up to the start of frame (SOF0 … SOF15 without DHT, JPG, DAC)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
