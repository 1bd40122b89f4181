"""Afterwards: reports and their versions, what was said to them, corrective actions, digests, printed documents."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from bot.storage.tables.columns import Id, Instant, metadata

# The data that a document was printed from; never changed, so that it can be printed again as it was.
documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("data", JSON, nullable=False),
)

after_actions = Table(
    "after_actions",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("stage", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("is_short", Boolean, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("build_at", Instant, index=True),
    Column("remind_at", Instant, index=True),
    Index(
        "ix_after_actions_waiting",
        "begun_at",
        sqlite_where=text("stage != 'accepted' AND NOT is_short"),
        postgresql_where=text("stage != 'accepted' AND NOT is_short"),
    ),
)

after_action_versions = Table(
    "after_action_versions",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document_id", Id, ForeignKey("documents.id"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("decision", String(16)),
    Column("decided_by", String(64)),
    Column("decided_at", Instant),
    Column("remarks", Text, nullable=False, server_default=""),
    Column("signature", JSON),
)

# Each word that was said; of one person and question the last holds.
after_action_words = Table(
    "after_action_words",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("staff_id", String(64), nullable=False),
    Column("question", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("is_official", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

# Whose next message is an answer, and to what.
awaited_words = Table(
    "awaited_words",
    metadata,
    Column("staff_id", String(64), primary_key=True),
    Column("subject", Id, nullable=False),
    Column("what", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
)

corrective_actions = Table(
    "corrective_actions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), index=True),
    Column("words", Text, nullable=False),
    Column("owner_id", String(64), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("remind_at", Instant, index=True),
    Column("done_by", String(64)),
    Column("done_at", Instant),
    Column("proof", Text, nullable=False, server_default=""),
    Index(
        "ix_corrective_actions_open",
        "due_on",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

# What was sent last of each kind of digest, and when the next is due by which rule.
digests = Table(
    "digests",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("period", Date, nullable=False),
    Column("rule", String(96), nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
)
