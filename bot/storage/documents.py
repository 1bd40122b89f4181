"""Documents: written once, read whenever one is printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.document import Document, DocumentKind
from bot.storage.new_id import new_id
from bot.storage.tables import documents


class DocumentStore:
    """Add and read; there is no update."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: DocumentKind, data: dict[str, Any], at: datetime) -> int:
        """Keep one; its id."""
        values = {"kind": kind.value, "made_at": at, "data": data}
        return new_id(self._connection.execute(documents.insert(), values))

    def get(self, document_id: int) -> Document | None:
        """By id."""
        row = self._connection.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
        return None if row is None else Document(row.id, DocumentKind(row.kind), row.made_at, row.data)
