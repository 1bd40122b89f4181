"""The inbox, the outbox, and small facts of the running program."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.storage.tables.columns import Id, Instant, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("sender", String(96), nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", Instant),
    Column("error", Text),
    UniqueConstraint("source", "external_id"),
    Index(
        "ix_inbox_new",
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_inbox_new_sender",
        "sender",
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_inbox_dead",
        "id",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)

_QUEUED: dict[str, Any] = {
    "sqlite_where": text("state = 'queued'"),
    "postgresql_where": text("state = 'queued'"),
}

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat", String(96), nullable=False),
    Column("topic_of", Id),
    Column("queue", String(128), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("params", JSON, nullable=False),
    Column("incident_id", Id),
    Column("announcement_id", Id),
    Column("is_silent", Boolean, nullable=False),
    Column("needs_right", String(32)),
    Column("coalesce_key", String(128)),
    Column("edit_of", BigInteger),
    # One message that stands: edits the last one sent with the same key, however many are still under way.
    Column("is_standing", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("retry_at", Instant),
    Column("expires_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("is_repeat", Boolean, nullable=False, server_default=text("false")),
    Column("claimed_by", String(32)),
    Column("claimed_until", Instant),
    Column("settled_at", Instant),
    Column("message_id", BigInteger),
    Column("error", Text),
    Index("ix_deliveries_queued", "lane", "id", **_QUEUED),
    Index("ix_deliveries_coalesce", "coalesce_key", **_QUEUED),
    Index("ix_deliveries_queued_incident", "incident_id", **_QUEUED),
    Index(
        "ix_deliveries_out",
        "coalesce_key",
        sqlite_where=text("message_id IS NOT NULL"),
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index(None, "incident_id", "kind"),
    Index(
        "ix_deliveries_announcement",
        "announcement_id",
        sqlite_where=text("announcement_id IS NOT NULL"),
        postgresql_where=text("announcement_id IS NOT NULL"),
    ),
)

# A penalty that Telegram imposed on one chat, or on the whole bot (chat '*'), kept over a restart. It lasts no longer
# than its seconds, whatever happens to the clock meanwhile.
gates = Table(
    "gates",
    metadata,
    Column("chat", String(96), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("seconds", Float, nullable=False, server_default="86400"),
)

# Small facts of the running program: poll offset, the bot's identity, a migrated group's new id.
facts = Table(
    "facts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)
