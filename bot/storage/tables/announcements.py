"""Official announcements: a row a revision, who was told, and what they answered."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.storage.tables.columns import Id, Instant, metadata

announcements = Table(
    "announcements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("msg_type", String(8), nullable=False),
    Column("author_id", String(64), nullable=False),
    Column("approver_id", String(64)),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("kind", String(32)),
    Column("action", String(16)),
    Column("severity", Integer),
    Column("template", String(64), nullable=False, server_default=""),
    Column("is_urgent", Boolean, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("asks", String(8), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("publish_at", Instant),
    Column("expires_at", Instant),
    Column("published_at", Instant),
    Column("said", Text, nullable=False, server_default=""),
    # When the clock looks at it next: to publish, to let it expire, to bring its figures up to date.
    Column("due_at", Instant),
    UniqueConstraint("year", "seq", "revision"),
    Index(
        "ix_announcements_due_at",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(None, "incident_id"),
    Index(None, "is_public", "published_at"),
)

# Everyone whom a revision is for, whether a chat reaches them or not, and their last answer.
announcement_readers = Table(
    "announcement_readers",
    metadata,
    Column("announcement_id", Id, ForeignKey("announcements.id"), primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("answer", String(8)),
    Column("answered_at", Instant),
)

# What somebody was asked in private and answers with their next words.
announcement_questions = Table(
    "announcement_questions",
    metadata,
    Column("staff_id", String(64), primary_key=True),
    Column("announcement_id", Id, nullable=False),
    Column("wanted", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
)
