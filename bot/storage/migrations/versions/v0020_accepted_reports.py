"""What was accepted stays: an accepted report's document and what was decided about a version do not change."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


_ON_SQLITE = (
    """
    CREATE TRIGGER documents_accepted_stay_update BEFORE UPDATE ON documents
    WHEN EXISTS (SELECT 1 FROM after_action_versions WHERE document_id = OLD.id AND decision = 'accepted')
    BEGIN SELECT RAISE(ABORT, 'an accepted report does not change'); END
    """,
    """
    CREATE TRIGGER documents_accepted_stay_delete BEFORE DELETE ON documents
    WHEN EXISTS (SELECT 1 FROM after_action_versions WHERE document_id = OLD.id AND decision = 'accepted')
    BEGIN SELECT RAISE(ABORT, 'an accepted report does not change'); END
    """,
    """
    CREATE TRIGGER after_action_versions_decided_stay_update
    BEFORE UPDATE ON after_action_versions WHEN OLD.decision IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'what was decided about a report does not change'); END
    """,
    """
    CREATE TRIGGER after_action_versions_decided_stay_delete
    BEFORE DELETE ON after_action_versions WHEN OLD.decision IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'what was decided about a report does not change'); END
    """,
)


def upgrade() -> None:
    """Make the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for trigger in _ON_SQLITE:
            op.execute(trigger)
        return
    op.execute("""
        CREATE FUNCTION documents_accepted_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM after_action_versions WHERE document_id = OLD.id AND decision = 'accepted'
            )
            THEN RAISE EXCEPTION 'an accepted report does not change';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION after_action_versions_decided_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.decision IS NOT NULL
            THEN RAISE EXCEPTION 'what was decided about a report does not change';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
    """)
    # They name no column: a server refuses to change the collation of one that a trigger names.
    for name, table in (
        ("documents_accepted_stay", "documents"),
        ("after_action_versions_decided_stay", "after_action_versions"),
    ):
        op.execute(f"""
            CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}()
        """)
