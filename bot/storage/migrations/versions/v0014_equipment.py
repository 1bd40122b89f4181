"""Emergency equipment and its inspections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('equipment',
    sa.Column('id', _ID, nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('place', sa.Text(), server_default='', nullable=False),
    sa.Column('custodian_id', sa.String(length=64), nullable=True),
    sa.Column('amount', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('every_days', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('remind_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_equipment')),
    sa.UniqueConstraint('number', name=op.f('uq_equipment_number'))
    )
    op.create_index(op.f('ix_equipment_kind'), 'equipment', ['kind'], unique=False)
    op.create_index(op.f('ix_equipment_custodian_id'), 'equipment', ['custodian_id'], unique=False)
    op.create_index(op.f('ix_equipment_due_on'), 'equipment', ['due_on'], unique=False)
    op.create_index(op.f('ix_equipment_remind_at'), 'equipment', ['remind_at'], unique=False)
    op.create_table('inspections',
    sa.Column('id', _ID, nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('done_by', sa.String(length=64), nullable=False),
    sa.Column('done_at', sa.BigInteger(), nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('due_before', sa.Date(), nullable=True),
    sa.Column('due_after', sa.Date(), nullable=True),
    sa.Column('is_undone', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspections'))
    )
    op.create_index(op.f('ix_inspections_number'), 'inspections', ['number'], unique=False)
