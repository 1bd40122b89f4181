"""Plans: tasks and who was asked, calls outside, reports that fall due, people on scene; restricted incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _incident() -> sa.Column[int]:
    return sa.Column("incident_id", _ID, nullable=False)


def _of_incident(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f(f"fk_{table}_incident_id"))


def upgrade() -> None:
    """Make the tables."""
    op.add_column("incidents", sa.Column("is_restricted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "plan_runs",
        sa.Column("id", _ID, nullable=False),
        _incident(),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        _of_incident("plan_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_runs")),
    )
    op.create_index(op.f("ix_plan_runs_incident_id"), "plan_runs", ["incident_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", _ID, nullable=False),
        _incident(),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("reach", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("within_s", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(length=8), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("calls", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("given_by", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("proof_from", sa.String(length=64), nullable=True),
        _of_incident("tasks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("incident_id", "key", name=op.f("uq_tasks_incident_id_key")),
    )
    op.create_index(op.f("ix_tasks_look_at"), "tasks", ["look_at"], unique=False)
    op.create_index(op.f("ix_tasks_proof_from"), "tasks", ["proof_from"], unique=False)
    op.create_table(
        "task_offers",
        sa.Column("task_id", _ID, nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_above", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_offers_task_id")),
        sa.PrimaryKeyConstraint("task_id", "staff_id", name=op.f("pk_task_offers")),
    )
    op.create_index(op.f("ix_task_offers_staff_id_task_id"), "task_offers", ["staff_id", "task_id"], unique=False)
    op.create_table(
        "agency_calls",
        sa.Column("id", _ID, nullable=False),
        _incident(),
        sa.Column("agency_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=True),
        sa.Column("called_by", sa.String(length=64), nullable=True),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        _of_incident("agency_calls"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_calls")),
        sa.UniqueConstraint("incident_id", "agency_id", name=op.f("uq_agency_calls_incident_id_agency_id")),
    )
    op.create_table(
        "due_reports",
        sa.Column("id", _ID, nullable=False),
        _incident(),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_by", sa.String(length=64), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        _of_incident("due_reports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_reports")),
        sa.UniqueConstraint(
            "incident_id", "stage", "number", name=op.f("uq_due_reports_incident_id_stage_number")
        ),
    )
    op.create_index(op.f("ix_due_reports_incident_id"), "due_reports", ["incident_id"], unique=False)
    op.create_index(op.f("ix_due_reports_look_at"), "due_reports", ["look_at"], unique=False)
    op.create_table(
        "on_scene",
        _incident(),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_leader", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _of_incident("on_scene"),
        sa.PrimaryKeyConstraint("incident_id", "staff_id", name=op.f("pk_on_scene")),
    )
