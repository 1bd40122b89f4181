"""Emergency equipment, and every inspection of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Text, text
from sqlalchemy.sql import false

from bot.storage.tables.columns import Id, Instant, metadata

equipment = Table(
    "equipment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("zone", String(64), nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("custodian_id", String(64), index=True),
    Column("amount", Integer, nullable=False, server_default=text("1")),
    Column("every_days", Integer),
    Column("due_on", Date, index=True),
    Column("note", Text, nullable=False, server_default=""),
    Column("remind_at", Instant, index=True),
)

# They stay when a list no longer has the piece: by its number, without a reference.
inspections = Table(
    "inspections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(64), nullable=False, index=True),
    Column("done_by", String(64), nullable=False),
    Column("done_at", Instant, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("due_before", Date),
    Column("due_after", Date),
    Column("is_undone", Boolean, nullable=False, server_default=false()),
)
