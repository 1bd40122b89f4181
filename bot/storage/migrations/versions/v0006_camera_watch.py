"""Cameras' uptime by day and what is told of them, recorders, erasure certificates, looking back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, make the tables."""
    op.add_column("camera_health", sa.Column("trouble", sa.String(24), server_default="", nullable=False))
    op.add_column("camera_health", sa.Column("told", sa.String(16), server_default="", nullable=False))
    op.add_column("camera_health", sa.Column("notice_due_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_camera_health_notice_due_at"), "camera_health", ["notice_due_at"])
    op.add_column("camera_looks", sa.Column("snapshot_id", _ID, nullable=True))
    op.create_table(
        "camera_days",
        sa.Column("camera_id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("up_us", sa.BigInteger(), nullable=False),
        sa.Column("down_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "day", name=op.f("pk_camera_days")),
    )
    op.create_table(
        "erasure_certificates",
        sa.Column("snapshot_id", _ID, nullable=False),
        sa.Column("certificate", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_erasure_certificates_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_erasure_certificates")),
    )
    op.create_table(
        "footage_checks",
        sa.Column("camera_id", sa.String(32), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=True),
        sa.Column("newest_at", sa.BigInteger(), nullable=True),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_footage_checks")),
    )
    op.create_table(
        "footage_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("camera_id", sa.String(32), nullable=False),
        sa.Column("incident_id", _ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begin_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("failure", sa.String(24), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_footage_requests_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_requests")),
    )
    op.create_index(op.f("ix_footage_requests_state_id"), "footage_requests", ["state", "id"])
    op.create_table(
        "footage_frames",
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("snapshot_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["footage_requests.id"], name=op.f("fk_footage_frames_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_footage_frames_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "snapshot_id", name=op.f("pk_footage_frames")),
    )
