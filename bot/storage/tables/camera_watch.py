"""How long cameras worked, what recorders have of them, and proof of what was erased."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table, Text

from bot.storage.tables.columns import Id, Instant, metadata

# How long a camera gave a picture that shows something, and how long it did not; a row for each of the school's days.
camera_days = Table(
    "camera_days",
    metadata,
    Column("camera_id", String(32), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("up_us", BigInteger, nullable=False),
    Column("down_us", BigInteger, nullable=False),
)

# The signed certificate of each erasure; the key's owner can prove with it what went, when and why.
erasure_certificates = Table(
    "erasure_certificates",
    metadata,
    Column("snapshot_id", Id, ForeignKey("snapshots.id"), primary_key=True),
    Column("certificate", JSON, nullable=False),
)

# What the recorder had of a camera when it was last asked; `faults` were told, `gaps` are [begin, end] in ISO 8601.
footage_checks = Table(
    "footage_checks",
    metadata,
    Column("camera_id", String(32), primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("oldest_at", Instant),
    Column("newest_at", Instant),
    Column("gaps", JSON, nullable=False),
    Column("faults", JSON, nullable=False),
)

# Somebody wants to see what was recorded. The key frames lie in the vault like every other picture.
footage_requests = Table(
    "footage_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", String(64), nullable=False),
    Column("camera_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("reason", Text, nullable=False),
    Column("begin_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("failure", String(24), nullable=False, server_default=""),
    Index(None, "state", "id"),
)

footage_frames = Table(
    "footage_frames",
    metadata,
    Column("request_id", Id, ForeignKey("footage_requests.id"), primary_key=True),
    Column("snapshot_id", Id, ForeignKey("snapshots.id"), primary_key=True),
)
