"""A hold on all pictures of an incident, beside those on single ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# One command held count and pictures in the same instant, so that is how the pictures held with it are told.
_HOLDS = """
INSERT INTO incident_holds (incident_id, held_at, held_by, held_reason)
SELECT incident_id, held_at, held_by, held_reason FROM roll_calls AS newest
WHERE held_at IS NOT NULL AND id = (
    SELECT max(id) FROM roll_calls WHERE incident_id = newest.incident_id AND held_at IS NOT NULL
)
"""
_NOT_SINGLE = """
UPDATE snapshots SET held_at = NULL, held_by = NULL, held_reason = ''
WHERE EXISTS (
    SELECT 1 FROM incident_holds
    WHERE incident_holds.incident_id = snapshots.incident_id AND incident_holds.held_at = snapshots.held_at
)
"""


def upgrade() -> None:
    """Make the table, and put into it what is held with a count."""
    op.create_table(
        "incident_holds",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("held_at", sa.BigInteger(), nullable=False),
        sa.Column("held_by", sa.String(length=64), nullable=False),
        sa.Column("held_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_holds_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_holds")),
    )
    op.execute(_HOLDS)
    op.execute(_NOT_SINGLE)
