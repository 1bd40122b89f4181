"""Pictures that came with alerts: the file by its hash, the row with its expiry.

Nobody sees one here; the cameras' rules decide who may (and no group ever).
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import pictures


class PictureStore:
    """The rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        sha256: str,
        *,
        source: str,
        content_type: str,
        size: int,
        received_at: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep the row; the same picture again only lives longer."""
        statement = insert(pictures).values(
            sha256=sha256,
            source=source,
            content_type=content_type,
            size=size,
            received_at=received_at,
            expires_at=expires_at,
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["sha256"], set_={"expires_at": expires_at, "erased_at": None}
            )
        )

    def expired(self, now: datetime, limit: int = 500) -> list[str]:
        """Hashes whose time is over and whose file is still there."""
        return list(
            self._connection.scalars(
                select(pictures.c.sha256)
                .where(pictures.c.expires_at <= now, pictures.c.erased_at.is_(None))
                .limit(limit)
            )
        )

    def mark_erased(self, sha256: str, now: datetime) -> None:
        """The file is gone; the hash stays."""
        self._connection.execute(update(pictures).where(pictures.c.sha256 == sha256).values(erased_at=now))


class PictureFolder:
    """The files, readable by Muster's own account only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, data: bytes) -> str:
        """Write it durably; its SHA-256. The same picture twice is one file."""
        name = hashlib.sha256(data).hexdigest()
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._path / name
        if target.exists():
            return name
        part = self._path / f"{name}.{os.getpid()}.part"
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name

    def erase(self, sha256: str) -> None:
        """Remove the file; one that is gone already is as good."""
        (self._path / sha256).unlink(missing_ok=True)
