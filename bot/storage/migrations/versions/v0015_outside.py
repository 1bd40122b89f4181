"""How many are injured, and in what state; links for people outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "injured_numbers",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_injured_numbers_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "state", name=op.f("pk_injured_numbers")),
    )
    op.create_table(
        "injured_pupils",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("pupil_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_injured_pupils_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "pupil_id", name=op.f("pk_injured_pupils")),
    )
    op.create_table(
        "liaison_links",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_liaison_links_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_liaison_links")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_liaison_links_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_liaison_links_token_hash")),
    )
    op.create_index(
        op.f("ix_liaison_links_incident_id"), "liaison_links", ["incident_id"], unique=False
    )
