"""Plans as incidents run on them: tasks and who was asked, calls outside, reports that fall due, people on scene."""

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
)
from sqlalchemy.sql import false

from bot.storage.tables.columns import Id, Instant, metadata

# The plan as it was when the incident began to run on it: files change.
plan_runs = Table(
    "plan_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("started_at", Instant, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("key", String(128), nullable=False),
    Column("title", JSON, nullable=False),
    Column("role", String(32), nullable=False),
    Column("reach", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("within_s", Integer, nullable=False),
    Column("proof", String(8), nullable=False),
    Column("after", JSON, nullable=False),
    Column("grade", Integer, nullable=False),
    Column("calls", String(32), nullable=False),
    Column("owner_id", String(64)),
    Column("given_by", String(64)),
    Column("opened_at", Instant),
    Column("due_at", Instant),
    Column("look_at", Instant, index=True),
    Column("is_late", Boolean, nullable=False, server_default=false()),
    Column("accepted_at", Instant),
    Column("done_at", Instant),
    Column("words", Text, nullable=False, server_default=""),
    Column("proof_from", String(64), index=True),
    UniqueConstraint("incident_id", "key"),
)

# Who was asked: a second row for the same person and task cannot be.
task_offers = Table(
    "task_offers",
    metadata,
    Column("task_id", Id, ForeignKey("tasks.id"), primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    # Asked because nobody of the role did it.
    Column("is_above", Boolean, nullable=False, server_default=false()),
    Column("at", Instant, nullable=False),
    Index(None, "staff_id", "task_id"),
)

agency_calls = Table(
    "agency_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("agency_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", String(64)),
    Column("called_by", String(64)),
    Column("called_at", Instant),
    Column("answer", Text, nullable=False, server_default=""),
    UniqueConstraint("incident_id", "agency_id"),
)

# Reports to the authorities; kept when late or never sent, because that has to be visible.
due_reports = Table(
    "due_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("stage", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("look_at", Instant, index=True),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("sent_by", String(64)),
    Column("words", Text, nullable=False, server_default=""),
    UniqueConstraint("incident_id", "stage", "number"),
)

on_scene = Table(
    "on_scene",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("is_leader", Boolean, nullable=False, server_default=false()),
    Column("at", Instant, nullable=False),
)
