"""Look-ups of alerts that are still on; how long a penalty was meant to last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index and the column."""
    is_on = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_alerts_on", "alerts", ["source", "fingerprint", "id"], sqlite_where=is_on, postgresql_where=is_on
    )
    op.add_column("gates", sa.Column("seconds", sa.Float(), server_default="86400", nullable=False))
