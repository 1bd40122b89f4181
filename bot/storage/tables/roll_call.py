"""The roll call: who was counted, and who said what."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
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

roll_calls = Table(
    "roll_calls",
    metadata,
    Column("id", Id, primary_key=True),
    # Where it is told now; it moves on when that incident ends and another still needs the count.
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("mode", String(8), nullable=False),
    Column("action", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    # When classes that were counted in their rooms were told to walk, and the last statement from before.
    Column("recount_from", Instant),
    Column("recount_after", Id, nullable=False, server_default="0"),
    Column("closed_at", Instant),
    Column("close_reason", Text, nullable=False, server_default=""),
    # Class-level figures only: they stay when the pupils' statuses are purged.
    Column("result", JSON),
    Column("purged_at", Instant),
    Column("held_at", Instant),
    Column("held_by", String(64)),
    Column("held_reason", Text, nullable=False, server_default=""),
    Index(
        "ix_roll_calls_running",
        "mode",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

# One class in one roll call: what was expected when it began, and the sum of what was said since.
counted_classes = Table(
    "counted_classes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("roll_call_id", Id, ForeignKey("roll_calls.id"), nullable=False),
    Column("class", String(64), nullable=False),
    Column("grade", Text, nullable=False, server_default=""),
    Column("zone", String(64)),
    Column("assembly_point", String(64)),
    Column("joined_at", Instant, nullable=False),
    Column("enrolled", Integer, nullable=False),
    # Known to be absent today by number only, without saying who.
    Column("absent_unnamed", Integer, nullable=False, server_default="0"),
    # Whose chats have the question; without a lead who can be reached it goes to the grade's.
    Column("asked", JSON, nullable=False),
    Column("is_leaderless", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(16), nullable=False),
    Column("tally", JSON, nullable=False),
    Column("is_disputed", Boolean, nullable=False, server_default=text("false")),
    Column("needs_help", Boolean, nullable=False, server_default=text("false")),
    Column("is_paper", Boolean, nullable=False, server_default=text("false")),
    Column("said_by", String(64)),
    Column("first_at", Instant),
    Column("complete_at", Instant),
    Column("last_at", Instant),
    UniqueConstraint("roll_call_id", "class"),
)

# The pupils as they were enrolled when the roll call began: an import in its middle makes nobody vanish.
counted_pupils = Table(
    "counted_pupils",
    metadata,
    Column("id", Id, primary_key=True),
    Column("roll_call_id", Id, ForeignKey("roll_calls.id"), nullable=False),
    Column("student_no", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("class", String(64), nullable=False),
    Column("was_absent", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(16), nullable=False),
    Column("is_disputed", Boolean, nullable=False, server_default=text("false")),
    # The class whose lead has them, when that is not their own.
    Column("with_class", String(64)),
    Column("said_by", String(64)),
    Column("said_at", Instant),
    Column("words", Text, nullable=False, server_default=""),
    UniqueConstraint("roll_call_id", "student_no"),
    Index(None, "roll_call_id", "class"),
    Index(None, "roll_call_id", "with_class"),
)

# Who said what: append-only until it is purged.
statements = Table(
    "statements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("roll_call_id", Id, ForeignKey("roll_calls.id"), nullable=False),
    # The class it was said for; about a pupil, the class whose lead said it.
    Column("class", String(64), nullable=False),
    Column("pupil_id", Id),
    Column("said", String(16), nullable=False),
    Column("number", Integer),
    Column("words", Text, nullable=False, server_default=""),
    Column("said_by", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", String(16), nullable=False),
    Column("is_final", Boolean, nullable=False, server_default=text("false")),
    Index(None, "roll_call_id", "class", "id"),
    Index(None, "pupil_id", "id"),
)

# A list page sends again what it could not send; each of its marks counts once.
page_marks = Table(
    "page_marks",
    metadata,
    Column("roll_call_id", Id, ForeignKey("roll_calls.id"), primary_key=True),
    Column("mark_id", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("roll_call_id", Id, ForeignKey("roll_calls.id"), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Index(None, "roll_call_id", "staff_id", "id"),
)

covers = Table(
    "covers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("class", String(64), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", String(64)),
)

absences = Table(
    "absences",
    metadata,
    Column("day", Date, primary_key=True),
    Column("student_no", String(64), primary_key=True),
    Column("said_by", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)

# "6 absent today", without saying who.
absence_counts = Table(
    "absence_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("class", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("said_by", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)
