"""Alerts from machines, their sources and pictures."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("fingerprint", String(128), nullable=False),
    # The sender's start, or the time of receipt: a later alarm of the same thing is a new alert.
    Column("starts_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("kind", String(32)),
    Column("zone", String(64)),
    Column("severity", Integer),
    Column("mode", String(8), nullable=False),
    Column("alarms", Integer, nullable=False, server_default="1"),
    Column("received_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    # The first alert of its zone and kind that asks the command centre, or that opened the incident.
    Column("leader_id", Id),
    Column("content", JSON, nullable=False),
    UniqueConstraint("source", "fingerprint", "starts_at"),
    Index(None, "incident_id"),
    Index(None, "state", "last_at"),
    Index(
        "ix_alerts_on",
        "source",
        "fingerprint",
        "id",
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
)

# How often each source alarmed about an incident, so that a flood costs one row and no counting.
alert_tallies = Table(
    "alert_tallies",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("firing", Integer, nullable=False),
)

# A webhook-id that was accepted is refused for as long as its signature would still hold.
webhooks = Table(
    "webhooks",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("webhook_id", String(128), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("receipts", JSON, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("last_seen_at", Instant),
    Column("last_alert_at", Instant),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("window_at", Instant),
    Column("window_count", Integer, nullable=False, server_default="0"),
    Column("last_rate", Integer, nullable=False, server_default="0"),
    Column("muted_until", Instant),
    Column("muted_count", Integer, nullable=False, server_default="0"),
    Column("silent_since", Instant),
)

# Pictures that came with alerts before the vault kept them; nothing is added any more.
pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("content_type", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("erased_at", Instant),
)
