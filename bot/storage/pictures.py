"""Pictures that came with alerts before the vault kept them: the file by its hash, the row with its expiry.

Nothing is added any more; what an earlier version kept, or a backup of one brings back, is erased in its time.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, update

from bot.storage.tables import pictures


class PictureStore:
    """The rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
    """The files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def erase(self, sha256: str) -> None:
        """Remove the file; one that is gone already is as good."""
        (self._path / sha256).unlink(missing_ok=True)
