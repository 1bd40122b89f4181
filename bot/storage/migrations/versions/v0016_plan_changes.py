"""Changes to the school's plans, and the versions that came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('plan_changes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('action_id', _ID, nullable=False),
    sa.Column('proposed_by', sa.String(length=64), nullable=False),
    sa.Column('begun_at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('task', sa.String(length=64), server_default='', nullable=False),
    sa.Column('aspect', sa.String(length=16), nullable=True),
    sa.Column('keys', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('base', sa.String(length=64), server_default='', nullable=False),
    sa.Column('submitted_at', sa.BigInteger(), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.Column('remarks', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['corrective_actions.id'], name=op.f('fk_plan_changes_action_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_changes'))
    )
    op.create_index(op.f('ix_plan_changes_action_id'), 'plan_changes', ['action_id'], unique=False)
    op.create_index(op.f('ix_plan_changes_state_id'), 'plan_changes', ['state', 'id'], unique=False)
    op.create_table('plan_versions',
    sa.Column('id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('plan', sa.JSON(), nullable=False),
    sa.Column('change_id', _ID, nullable=False),
    sa.Column('action_id', _ID, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('proposed_by', sa.String(length=64), nullable=False),
    sa.Column('approved_by', sa.String(length=64), nullable=False),
    sa.Column('approved_at', sa.BigInteger(), nullable=False),
    sa.Column('of_file', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['corrective_actions.id'], name=op.f('fk_plan_versions_action_id')),
    sa.ForeignKeyConstraint(['change_id'], ['plan_changes.id'], name=op.f('fk_plan_versions_change_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_versions')),
    sa.UniqueConstraint('change_id', name=op.f('uq_plan_versions_change_id')),
    sa.UniqueConstraint('kind', 'version', name=op.f('uq_plan_versions_kind_version'))
    )
