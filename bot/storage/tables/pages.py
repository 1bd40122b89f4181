"""One-time links and the sessions that they open."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.storage.tables.columns import Instant, metadata

# Only hashes are kept, as with invites.
page_links = Table(
    "page_links",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", String(64), nullable=False),
    Column("page", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
)

page_sessions = Table(
    "page_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", String(64), nullable=False),
    Column("page", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)
