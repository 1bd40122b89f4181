"""What is told once, whatever happens meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.storage.new_id import is_new
from bot.storage.tables import told_once


class ToldOnceStore:
    """A row for each subject and step that was told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, subject: str, step: int, at: datetime) -> bool:
        """Whether it was not told yet; from now on it was."""
        return is_new(self._connection, told_once, {"subject": subject, "step": step, "told_at": at})
