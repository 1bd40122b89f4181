"""Injured members of staff, by name; the photo of what a patrol found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "injured_staff",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_injured_staff_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_injured_staff")),
        sa.UniqueConstraint("incident_id", "staff_id", name=op.f("uq_injured_staff_incident_id_staff_id")),
    )
    op.add_column("patrol_visits", sa.Column("photo", sa.Text(), server_default="", nullable=False))
