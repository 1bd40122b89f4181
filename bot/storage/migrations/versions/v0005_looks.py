"""Who looks through which camera, and which places were shown to an incident's commanders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('camera_looks',
    sa.Column('id', _ID, nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('camera_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', _ID, nullable=True),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('watch_until', sa.BigInteger(), nullable=True),
    sa.Column('next_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_camera_looks_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera_looks'))
    )
    op.create_index(op.f('ix_camera_looks_staff_id_asked_at'), 'camera_looks', ['staff_id', 'asked_at'], unique=False)
    op.create_index(op.f('ix_camera_looks_next_at'), 'camera_looks', ['next_at'], unique=False)
    op.create_table('camera_offers',
    sa.Column('incident_id', _ID, nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_camera_offers_incident_id')),
    sa.PrimaryKeyConstraint('incident_id', 'zone', name=op.f('pk_camera_offers'))
    )
