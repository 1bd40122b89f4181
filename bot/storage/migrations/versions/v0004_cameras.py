"""Kept pictures and their keys, the access register, the cameras' health."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('camera_health',
    sa.Column('camera_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('last_frame_at', sa.BigInteger(), nullable=True),
    sa.Column('baselines', sa.JSON(), nullable=False),
    sa.Column('up_us', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('down_us', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('counted_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('camera_id', name=op.f('pk_camera_health'))
    )
    op.create_table('snapshots',
    sa.Column('id', _ID, nullable=False),
    sa.Column('camera_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', _ID, nullable=True),
    sa.Column('captured_at', sa.BigInteger(), nullable=False),
    sa.Column('kept_at', sa.BigInteger(), nullable=False),
    sa.Column('original_sha256', sa.String(length=64), nullable=False),
    sa.Column('original_size', sa.Integer(), nullable=False),
    sa.Column('derivative_sha256', sa.String(length=64), nullable=True),
    sa.Column('derivative_size', sa.Integer(), nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('held_at', sa.BigInteger(), nullable=True),
    sa.Column('held_by', sa.String(length=64), nullable=True),
    sa.Column('held_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.Column('erased_why', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_snapshots_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshots'))
    )
    op.create_index(op.f('ix_snapshots_incident_id'), 'snapshots', ['incident_id'], unique=False)
    op.create_index(op.f('ix_snapshots_camera_id_captured_at'), 'snapshots', ['camera_id', 'captured_at'], unique=False)
    op.create_index(op.f('ix_snapshots_erased_at_expires_at'), 'snapshots', ['erased_at', 'expires_at'], unique=False)
    op.create_table('camera_views',
    sa.Column('id', _ID, nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('camera_id', sa.String(length=32), nullable=False),
    sa.Column('snapshot_id', _ID, nullable=True),
    sa.Column('incident_id', _ID, nullable=True),
    sa.Column('staff_id', sa.String(length=64), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_camera_views_incident_id')),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshots.id'], name=op.f('fk_camera_views_snapshot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera_views'))
    )
    op.create_index(op.f('ix_camera_views_camera_id_id'), 'camera_views', ['camera_id', 'id'], unique=False)
    op.create_table('picture_keys',
    sa.Column('snapshot_id', _ID, nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshots.id'], name=op.f('fk_picture_keys_snapshot_id')),
    sa.PrimaryKeyConstraint('snapshot_id', 'part', name=op.f('pk_picture_keys'))
    )
