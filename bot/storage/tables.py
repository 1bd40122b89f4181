"""Every table, in SQLAlchemy Core, portable between SQLite and PostgreSQL.

Times are whole microseconds since 1970 UTC: they compare and index alike in both databases and cannot be naive.
Alembic (`migrations/`) makes the tables; this file is what the code believes, and a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC; a naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        """To an aware datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


# SQLite numbers rows by itself only for INTEGER primary keys.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ── the school ─────────────────────────────────────────────────────────────────────────────────────────────
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

# ── incidents ──────────────────────────────────────────────────────────────────────────────────────────────
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
    UniqueConstraint("year", "seq"),
    Index(
        "ix_incidents_open",
        "opened_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(None, "topic_id"),
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

# ── in and out ─────────────────────────────────────────────────────────────────────────────────────────────
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("sender", String(96), nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", Instant),
    Column("error", Text),
    UniqueConstraint("source", "external_id"),
    Index(
        "ix_inbox_new",
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_inbox_new_sender",
        "sender",
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_inbox_dead",
        "id",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)

_QUEUED: dict[str, Any] = {
    "sqlite_where": text("state = 'queued'"),
    "postgresql_where": text("state = 'queued'"),
}

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat", String(96), nullable=False),
    Column("topic_of", Id),
    Column("queue", String(128), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("params", JSON, nullable=False),
    Column("incident_id", Id),
    Column("is_silent", Boolean, nullable=False),
    Column("needs_right", String(32)),
    Column("coalesce_key", String(128)),
    Column("edit_of", BigInteger),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("retry_at", Instant),
    Column("expires_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("is_repeat", Boolean, nullable=False, server_default=text("false")),
    Column("claimed_by", String(32)),
    Column("claimed_until", Instant),
    Column("settled_at", Instant),
    Column("message_id", BigInteger),
    Column("error", Text),
    Index("ix_deliveries_queued", "lane", "id", **_QUEUED),
    Index("ix_deliveries_coalesce", "coalesce_key", **_QUEUED),
    Index("ix_deliveries_queued_incident", "incident_id", **_QUEUED),
    Index(
        "ix_deliveries_out",
        "coalesce_key",
        sqlite_where=text("message_id IS NOT NULL"),
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index(None, "incident_id", "kind"),
)

# A penalty that Telegram imposed on one chat, or on the whole bot (chat '*'), kept over a restart.
gates = Table(
    "gates",
    metadata,
    Column("chat", String(96), primary_key=True),
    Column("until", Instant, nullable=False),
)

# Small facts of the running program: poll offset, the bot's identity, a migrated group's new id.
facts = Table(
    "facts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

# ── trust ──────────────────────────────────────────────────────────────────────────────────────────────────
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(96), nullable=False),
    Column("act", String(64), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
)

# ── alerts from machines ───────────────────────────────────────────────────────────────────────────────────
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

# Pictures that came with alerts: the file lies beside the database; nobody sees it without clearance.
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
