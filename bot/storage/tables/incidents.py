"""Incidents and what belongs to each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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
from sqlalchemy.sql import false

from bot.storage.tables.columns import Id, Instant, metadata

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("kind", String(32)),
    Column("zone", String(64)),
    Column("reporter_id", String(64)),
    Column("commander_id", String(64)),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_at", Instant),
    Column("action", String(16)),
    Column("action_zones", JSON, nullable=False),
    Column("action_at", Instant),
    Column("opened_at", Instant, nullable=False),
    Column("all_clear_at", Instant),
    Column("ended_at", Instant),
    Column("suspended_at", Instant),
    Column("outcome", Text, nullable=False, server_default=""),
    # Telegram's numbers; 0 as topic means that there can be none and everything goes to General.
    Column("topic_id", BigInteger),
    Column("card_message_id", BigInteger),
    # Known to the roles that its plan names, and to nobody else.
    Column("is_restricted", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("year", "seq"),
    Index(
        "ix_incidents_open",
        "opened_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(None, "topic_id"),
    Index(None, "opened_at"),
    Index(
        "ix_incidents_drills",
        "id",
        sqlite_where=text("mode = 'DRILL'"),
        postgresql_where=text("mode = 'DRILL'"),
    ),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("reporter_id", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("presses", Integer, nullable=False, server_default="1"),
    Column("kind", String(32)),
    Column("zone", String(64)),
    Column("words", Text, nullable=False, server_default=""),
    # The report that this one became when its reporter said "something else".
    Column("parted_to", Id),
    UniqueConstraint("incident_id", "number"),
    Index(None, "reporter_id", "at"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("event", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", String(64)),
    Column("params", JSON, nullable=False),
    Index(None, "incident_id", "id"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("action", String(16)),
    Column("zones", JSON, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    # Of an all-clear although somebody is not accounted for; of an action the words that go out with it.
    Column("reason", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
)

# Everything that must happen at a time is a row claimed when due, never a timer in memory.
deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False, index=True),
    UniqueConstraint("incident_id", "kind"),
)

# Who was already rung for an incident, so that "the next by name" is never the same one.
rings = Table(
    "rings",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)
