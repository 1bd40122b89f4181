"""Readiness: training and what was entered about it, patrols, planned drills, and what was told once."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from bot.storage.tables.columns import Id, Instant, metadata

trainings = Table(
    "trainings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("topic", String(120), nullable=False),
    Column("held_on", Date, nullable=False, index=True),
    Column("expert", String(120), nullable=False, server_default=""),
    Column("unit", String(120), nullable=False, server_default=""),
    Column("certificate", String(120), nullable=False, server_default=""),
    Column("valid_until", Date, index=True),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("dropped_at", Instant),
)

# A row a person and entry; entries are taken back as they were made, the newest first, and stay on record.
training_entries = Table(
    "training_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("training_id", Id, ForeignKey("trainings.id"), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("camera_before", Date),
    Column("undone_at", Instant),
    Index("ix_training_entries_batch", "training_id", "batch"),
)

patrol_visits = Table(
    "patrol_visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("zone", String(64), nullable=False),
    Column("staff_id", String(64), nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("photo", Text, nullable=False, server_default=""),
)

planned_drills = Table(
    "planned_drills",
    metadata,
    Column("id", Id, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("zone", String(64)),
    Column("told", String(200), nullable=False, server_default=""),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("dropped_at", Instant),
)

# What is told once whatever happens meanwhile: about what, and how far.
told_once = Table(
    "told_once",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("told_at", Instant, nullable=False),
)
