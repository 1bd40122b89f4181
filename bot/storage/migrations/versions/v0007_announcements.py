"""Official announcements, who was told, what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table('announcements',
    sa.Column('id', _ID, nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('msg_type', sa.String(length=8), nullable=False),
    sa.Column('author_id', sa.String(length=64), nullable=False),
    sa.Column('approver_id', sa.String(length=64), nullable=True),
    sa.Column('incident_id', _ID, nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('action', sa.String(length=16), nullable=True),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('template', sa.String(length=64), server_default='', nullable=False),
    sa.Column('is_urgent', sa.Boolean(), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('audience', sa.JSON(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('asks', sa.String(length=8), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('publish_at', sa.BigInteger(), nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('published_at', sa.BigInteger(), nullable=True),
    sa.Column('said', sa.Text(), server_default='', nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_announcements_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announcements')),
    sa.UniqueConstraint('year', 'seq', 'revision', name=op.f('uq_announcements_year_seq_revision'))
    )
    op.create_index('ix_announcements_due_at', 'announcements', ['due_at'], unique=False,
                    sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index(op.f('ix_announcements_incident_id'), 'announcements', ['incident_id'], unique=False)
    op.create_index(op.f('ix_announcements_is_public_published_at'), 'announcements', ['is_public', 'published_at'],
                    unique=False)
    op.create_table('announcement_readers',
    sa.Column('announcement_id', _ID, nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.String(length=8), nullable=True),
    sa.Column('answered_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'],
                            name=op.f('fk_announcement_readers_announcement_id')),
    sa.PrimaryKeyConstraint('announcement_id', 'staff_id', name=op.f('pk_announcement_readers'))
    )
    op.create_table('announcement_questions',
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', _ID, nullable=False),
    sa.Column('wanted', sa.String(length=16), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_announcement_questions'))
    )
    op.add_column('deliveries', sa.Column('announcement_id', _ID, nullable=True))
    op.create_index('ix_deliveries_announcement', 'deliveries', ['announcement_id'], unique=False,
                    sqlite_where=sa.text('announcement_id IS NOT NULL'),
                    postgresql_where=sa.text('announcement_id IS NOT NULL'))
    # A published revision is a record: what was said to whom and when never changes.
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("""
            CREATE TRIGGER announcements_published_stay
            BEFORE UPDATE OF texts, audience, mode, msg_type, author_id, approver_id, published_at, incident_id
            ON announcements WHEN OLD.published_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'a published revision does not change'); END
        """)
    else:
        # It names no column: a server refuses to change the collation of one that a trigger names.
        op.execute("""
            CREATE FUNCTION announcements_published_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.published_at IS NOT NULL AND
                    (CAST(OLD.texts AS text), CAST(OLD.audience AS text),
                     OLD.mode, OLD.msg_type, OLD.author_id, OLD.approver_id,
                     OLD.published_at, OLD.incident_id) IS DISTINCT FROM
                    (CAST(NEW.texts AS text), CAST(NEW.audience AS text),
                     NEW.mode, NEW.msg_type, NEW.author_id, NEW.approver_id,
                     NEW.published_at, NEW.incident_id)
                THEN RAISE EXCEPTION 'a published revision does not change';
                END IF;
                RETURN NEW;
            END $$
        """)
        op.execute("""
            CREATE TRIGGER announcements_published_stay BEFORE UPDATE ON announcements
            FOR EACH ROW EXECUTE FUNCTION announcements_published_stay()
        """)
