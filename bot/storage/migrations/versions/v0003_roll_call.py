"""The roll call, absences and covers; pages' links and sessions; messages that stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('absence_counts',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('class', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('said_by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'class', name=op.f('pk_absence_counts'))
    )
    op.create_table('absences',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('student_no', sa.String(length=64), nullable=False),
    sa.Column('said_by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'student_no', name=op.f('pk_absences'))
    )
    op.create_table('covers',
    sa.Column('id', _ID, nullable=False),
    sa.Column('class', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_covers'))
    )
    op.create_index(op.f('ix_covers_day'), 'covers', ['day'], unique=False)
    op.create_table('page_links',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('page', sa.String(length=16), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_page_links'))
    )
    op.create_index(op.f('ix_page_links_expires_at'), 'page_links', ['expires_at'], unique=False)
    op.create_table('page_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('page', sa.String(length=16), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_page_sessions'))
    )
    op.create_index(op.f('ix_page_sessions_expires_at'), 'page_sessions', ['expires_at'], unique=False)
    op.create_table('roll_calls',
    sa.Column('id', _ID, nullable=False),
    sa.Column('incident_id', _ID, nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('opened_at', sa.BigInteger(), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('close_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('purged_at', sa.BigInteger(), nullable=True),
    sa.Column('held_at', sa.BigInteger(), nullable=True),
    sa.Column('held_by', sa.String(length=64), nullable=True),
    sa.Column('held_reason', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_roll_calls_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_calls'))
    )
    op.create_index(op.f('ix_roll_calls_incident_id'), 'roll_calls', ['incident_id'], unique=False)
    op.create_index('ix_roll_calls_running', 'roll_calls', ['mode'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('check_ins',
    sa.Column('id', _ID, nullable=False),
    sa.Column('roll_call_id', _ID, nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['roll_call_id'], ['roll_calls.id'], name=op.f('fk_check_ins_roll_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_ins'))
    )
    op.create_index(op.f('ix_check_ins_roll_call_id_staff_id_id'), 'check_ins', ['roll_call_id', 'staff_id', 'id'], unique=False)
    op.create_table('counted_classes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('roll_call_id', _ID, nullable=False),
    sa.Column('class', sa.String(length=64), nullable=False),
    sa.Column('grade', sa.Text(), server_default='', nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=True),
    sa.Column('assembly_point', sa.String(length=64), nullable=True),
    sa.Column('joined_at', sa.BigInteger(), nullable=False),
    sa.Column('enrolled', sa.Integer(), nullable=False),
    sa.Column('absent_unnamed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('is_leaderless', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('tally', sa.JSON(), nullable=False),
    sa.Column('is_disputed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('needs_help', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_paper', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('said_by', sa.String(length=64), nullable=True),
    sa.Column('first_at', sa.BigInteger(), nullable=True),
    sa.Column('complete_at', sa.BigInteger(), nullable=True),
    sa.Column('last_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['roll_call_id'], ['roll_calls.id'], name=op.f('fk_counted_classes_roll_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counted_classes')),
    sa.UniqueConstraint('roll_call_id', 'class', name=op.f('uq_counted_classes_roll_call_id_class'))
    )
    op.create_table('counted_pupils',
    sa.Column('id', _ID, nullable=False),
    sa.Column('roll_call_id', _ID, nullable=False),
    sa.Column('student_no', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('class', sa.String(length=64), nullable=False),
    sa.Column('was_absent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('is_disputed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('with_class', sa.String(length=64), nullable=True),
    sa.Column('said_by', sa.String(length=64), nullable=True),
    sa.Column('said_at', sa.BigInteger(), nullable=True),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['roll_call_id'], ['roll_calls.id'], name=op.f('fk_counted_pupils_roll_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counted_pupils')),
    sa.UniqueConstraint('roll_call_id', 'student_no', name=op.f('uq_counted_pupils_roll_call_id_student_no'))
    )
    op.create_index(op.f('ix_counted_pupils_roll_call_id_class'), 'counted_pupils', ['roll_call_id', 'class'], unique=False)
    op.create_index(op.f('ix_counted_pupils_roll_call_id_with_class'), 'counted_pupils', ['roll_call_id', 'with_class'], unique=False)
    op.create_table('page_marks',
    sa.Column('roll_call_id', _ID, nullable=False),
    sa.Column('mark_id', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['roll_call_id'], ['roll_calls.id'], name=op.f('fk_page_marks_roll_call_id')),
    sa.PrimaryKeyConstraint('roll_call_id', 'mark_id', name=op.f('pk_page_marks'))
    )
    op.create_table('statements',
    sa.Column('id', _ID, nullable=False),
    sa.Column('roll_call_id', _ID, nullable=False),
    sa.Column('class', sa.String(length=64), nullable=False),
    sa.Column('pupil_id', _ID, nullable=True),
    sa.Column('said', sa.String(length=16), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('said_by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('is_final', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['roll_call_id'], ['roll_calls.id'], name=op.f('fk_statements_roll_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statements'))
    )
    op.create_index(op.f('ix_statements_pupil_id_id'), 'statements', ['pupil_id', 'id'], unique=False)
    op.create_index(op.f('ix_statements_roll_call_id_class_id'), 'statements', ['roll_call_id', 'class', 'id'], unique=False)
    op.add_column("orders", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column('deliveries', sa.Column('is_standing', sa.Boolean(), server_default=sa.text('false'), nullable=False))
