"""Since when, and after which statement, a roll call counts again at the assembly points."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the columns."""
    op.add_column("roll_calls", sa.Column("recount_from", sa.BigInteger(), nullable=True))
    op.add_column("roll_calls", sa.Column("recount_after", _ID, server_default="0", nullable=False))
