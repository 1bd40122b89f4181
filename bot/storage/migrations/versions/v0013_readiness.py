"""Training and what was entered about it, patrols, planned drills, and what was told once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('trainings',
    sa.Column('id', _ID, nullable=False),
    sa.Column('topic', sa.String(length=120), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('expert', sa.String(length=120), server_default='', nullable=False),
    sa.Column('unit', sa.String(length=120), server_default='', nullable=False),
    sa.Column('certificate', sa.String(length=120), server_default='', nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('dropped_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trainings'))
    )
    op.create_index(op.f('ix_trainings_held_on'), 'trainings', ['held_on'], unique=False)
    op.create_index(op.f('ix_trainings_valid_until'), 'trainings', ['valid_until'], unique=False)
    op.create_table('training_entries',
    sa.Column('id', _ID, nullable=False),
    sa.Column('training_id', _ID, nullable=False),
    sa.Column('batch', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('result', sa.String(length=16), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('camera_before', sa.Date(), nullable=True),
    sa.Column('undone_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['training_id'], ['trainings.id'], name=op.f('fk_training_entries_training_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_entries'))
    )
    op.create_index('ix_training_entries_batch', 'training_entries', ['training_id', 'batch'], unique=False)
    op.create_table('patrol_visits',
    sa.Column('id', _ID, nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('incident_id', _ID, nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_patrol_visits_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_visits'))
    )
    op.create_index(op.f('ix_patrol_visits_at'), 'patrol_visits', ['at'], unique=False)
    op.create_index(op.f('ix_patrol_visits_staff_id'), 'patrol_visits', ['staff_id'], unique=False)
    op.create_table('planned_drills',
    sa.Column('id', _ID, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=True),
    sa.Column('told', sa.String(length=200), server_default='', nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('dropped_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_drills'))
    )
    op.create_index(op.f('ix_planned_drills_day'), 'planned_drills', ['day'], unique=False)
    op.create_table('told_once',
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('told_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'step', name=op.f('pk_told_once'))
    )
