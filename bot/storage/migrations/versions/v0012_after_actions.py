"""After-action reports, corrective actions, digests, documents; incidents by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('documents',
    sa.Column('id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents'))
    )
    op.create_table('after_actions',
    sa.Column('incident_id', _ID, nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('is_short', sa.Boolean(), nullable=False),
    sa.Column('begun_at', sa.BigInteger(), nullable=False),
    sa.Column('build_at', sa.BigInteger(), nullable=True),
    sa.Column('remind_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_after_actions_incident_id')),
    sa.PrimaryKeyConstraint('incident_id', name=op.f('pk_after_actions'))
    )
    op.create_index(op.f('ix_after_actions_build_at'), 'after_actions', ['build_at'], unique=False)
    op.create_index(op.f('ix_after_actions_remind_at'), 'after_actions', ['remind_at'], unique=False)
    op.create_index('ix_after_actions_waiting', 'after_actions', ['begun_at'], unique=False, sqlite_where=sa.text("stage != 'accepted' AND NOT is_short"), postgresql_where=sa.text("stage != 'accepted' AND NOT is_short"))
    op.create_table('after_action_versions',
    sa.Column('incident_id', _ID, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('document_id', _ID, nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('decision', sa.String(length=16), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.Column('remarks', sa.Text(), server_default='', nullable=False),
    sa.Column('signature', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_after_action_versions_document_id')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_after_action_versions_incident_id')),
    sa.PrimaryKeyConstraint('incident_id', 'version', name=op.f('pk_after_action_versions'))
    )
    op.create_index(op.f('ix_after_action_versions_document_id'), 'after_action_versions', ['document_id'], unique=False)
    op.create_table('after_action_words',
    sa.Column('id', _ID, nullable=False),
    sa.Column('incident_id', _ID, nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('question', sa.String(length=16), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('is_official', sa.Boolean(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_after_action_words_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_after_action_words'))
    )
    op.create_index(op.f('ix_after_action_words_incident_id'), 'after_action_words', ['incident_id'], unique=False)
    op.create_table('awaited_words',
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('subject', _ID, nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_awaited_words'))
    )
    op.create_table('corrective_actions',
    sa.Column('id', _ID, nullable=False),
    sa.Column('incident_id', _ID, nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.String(length=64), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('remind_at', sa.BigInteger(), nullable=True),
    sa.Column('done_by', sa.String(length=64), nullable=True),
    sa.Column('done_at', sa.BigInteger(), nullable=True),
    sa.Column('proof', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_corrective_actions_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrective_actions'))
    )
    op.create_index(op.f('ix_corrective_actions_incident_id'), 'corrective_actions', ['incident_id'], unique=False)
    op.create_index(op.f('ix_corrective_actions_remind_at'), 'corrective_actions', ['remind_at'], unique=False)
    op.create_index('ix_corrective_actions_open', 'corrective_actions', ['due_on'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('digests',
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('rule', sa.String(length=96), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_digests'))
    )
    op.create_index(op.f('ix_digests_due_at'), 'digests', ['due_at'], unique=False)
    op.create_index(op.f('ix_incidents_opened_at'), 'incidents', ['opened_at'], unique=False)
    op.create_index('ix_incidents_drills', 'incidents', ['id'], unique=False, sqlite_where=sa.text("mode = 'DRILL'"), postgresql_where=sa.text("mode = 'DRILL'"))
