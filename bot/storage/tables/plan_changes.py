"""Changes to the school's plans: who proposed what and why, what was decided, and the versions that came of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from bot.storage.tables.columns import Id, Instant, metadata

plan_changes = Table(
    "plan_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("action_id", Id, ForeignKey("corrective_actions.id"), nullable=False, index=True),
    Column("proposed_by", String(64), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("kind", String(32)),
    Column("task", String(64), nullable=False, server_default=""),
    Column("aspect", String(16)),
    Column("keys", JSON, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("base", String(64), nullable=False, server_default=""),
    Column("submitted_at", Instant),
    Column("decided_by", String(64)),
    Column("decided_at", Instant),
    Column("remarks", Text, nullable=False, server_default=""),
    Index(None, "state", "id"),
)

# Only ever added to: an incident of last year ran on what stands here.
plan_versions = Table(
    "plan_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("change_id", Id, ForeignKey("plan_changes.id"), nullable=False, unique=True),
    Column("action_id", Id, ForeignKey("corrective_actions.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("of_file", String(64), nullable=False),
    UniqueConstraint("kind", "version"),
)
