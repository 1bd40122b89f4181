"""The school: staff, classes, pupils, duty, invites."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, String, Table, Text, text

from bot.storage.tables.columns import Id, Instant, metadata

people = Table(
    "people",
    metadata,
    Column("staff_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("department", Text, nullable=False, server_default=""),
    Column("roles", JSON, nullable=False),
    Column("classes", JSON, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("telegram_id", BigInteger, unique=True),
    Column("roster_locale", String(16)),
    Column("chosen_locale", String(16)),
    Column("phone_locale", String(16)),
    Column("camera_training_until", Date),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("is_unreachable", Boolean, nullable=False, server_default=text("false")),
)

classes = Table(
    "classes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("grade", Text, nullable=False, server_default=""),
    Column("zone", String(64)),
    Column("assembly_point", String(64)),
)

pupils = Table(
    "pupils",
    metadata,
    Column("student_no", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("class", String(64), nullable=False, index=True),
)

duty_shifts = Table(
    "duty_shifts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("role", String(32), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Index(None, "role", "ends_at"),
)

# Only the hash of a code is kept: who reads the table cannot use it.
invites = Table(
    "invites",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
