"""What people outside ask for first: how many are injured; and links by which they read how an incident stands."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from bot.storage.tables.columns import Id, Instant, metadata

injured_numbers = Table(
    "injured_numbers",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("said_by", String(64), nullable=False),
    Column("said_at", Instant, nullable=False),
)

# The counted pupil is erased with the roll call's names; the figure stays.
injured_pupils = Table(
    "injured_pupils",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("pupil_id", Id, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("said_by", String(64), nullable=False),
    Column("said_at", Instant, nullable=False),
)

# Who they are only the commander and the clinic are told.
injured_staff = Table(
    "injured_staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("said_by", String(64), nullable=False),
    Column("said_at", Instant, nullable=False),
    UniqueConstraint("incident_id", "staff_id"),
)

# Only hashes are kept, as with invites.
liaison_links = Table(
    "liaison_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("unit", String(120), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("token_hash", String(64), unique=True),
    Column("opened_at", Instant),
    Column("seen_at", Instant),
    Column("revoked_at", Instant),
)
