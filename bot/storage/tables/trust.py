"""The hash-chained log."""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table, Text

from bot.storage.tables.columns import Id, Instant, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(96), nullable=False),
    Column("act", String(64), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
)
