"""Changes to the school's plans, and the versions that the principal approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from bot.domain.incident import Kind
from bot.domain.plan import Plan
from bot.domain.plan_change import Aspect, ChangeState, PlanChange, PlanVersion
from bot.storage.new_id import new_id
from bot.storage.tables import plan_changes, plan_versions

_c, _v = plan_changes.c, plan_versions.c

# Every report asks for it.
_NEWEST = select(plan_versions).where(_v.kind == bindparam("of_kind")).order_by(_v.version.desc()).limit(1)


class PlanChangeStore:
    """Proposals by id; versions are only ever added."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, change: PlanChange) -> PlanChange:
        """Keep a new one; its id is given here."""
        return replace(change, id=new_id(self._connection.execute(plan_changes.insert(), _values(change))))

    def save(self, change: PlanChange, **changes: Any) -> PlanChange:
        """Write back."""
        change = replace(change, **changes)
        self._connection.execute(update(plan_changes).where(_c.id == change.id).values(**_values(change)))
        return change

    def get(self, change_id: int) -> PlanChange | None:
        """By id."""
        found = self._list(select(plan_changes).where(_c.id == change_id))
        return found[0] if found else None

    def draft_of(self, action_id: int, staff_id: str) -> PlanChange | None:
        """What this person began to propose and has not submitted."""
        mine = select(plan_changes).where(
            _c.state == ChangeState.DRAFT.value, _c.action_id == action_id, _c.proposed_by == staff_id
        )
        found = self._list(mine.order_by(_c.id.desc()).limit(1))
        return found[0] if found else None

    def proposed(self) -> list[PlanChange]:
        """All that wait for a decision, oldest first."""
        return self._list(select(plan_changes).where(_c.state == ChangeState.PROPOSED.value).order_by(_c.id))

    def add_version(self, version: PlanVersion) -> None:
        """Keep what was approved."""
        self._connection.execute(
            plan_versions.insert(),
            {
                "kind": version.plan.kind.value,
                "version": version.version,
                "plan": version.plan.to_params(),
                "change_id": version.change_id,
                "action_id": version.action_id,
                "reason": version.reason,
                "proposed_by": version.proposed_by,
                "approved_by": version.approved_by,
                "approved_at": version.approved_at,
                "of_file": version.of_file,
            },
        )

    def newest(self, kind: Kind) -> PlanVersion | None:
        """What was approved last of this kind's plan."""
        row = self._connection.execute(_NEWEST, {"of_kind": kind.value}).one_or_none()
        return None if row is None else _version(row)

    def newest_of_all(self) -> dict[Kind, PlanVersion]:
        """Of every kind that has one."""
        last = select(_v.kind, func.max(_v.version).label("version")).group_by(_v.kind).subquery()
        wanted = select(plan_versions).join(last, (_v.kind == last.c.kind) & (_v.version == last.c.version))
        rows = self._connection.execute(wanted.order_by(_v.id))
        return {Kind(row.kind): _version(row) for row in rows}

    def of_plan(self, plan: Plan) -> PlanVersion | None:
        """The approval of exactly this plan; None for one that comes from a file."""
        wanted = select(plan_versions).where(_v.kind == plan.kind.value, _v.version == plan.version)
        row = self._connection.execute(wanted).one_or_none()
        found = None if row is None else _version(row)
        return found if found is not None and found.plan == plan else None

    def _list(self, statement: Select[Any]) -> list[PlanChange]:
        return [_change(row) for row in self._connection.execute(statement)]


def _values(change: PlanChange) -> dict[str, Any]:
    return {
        "action_id": change.action_id,
        "proposed_by": change.proposed_by,
        "begun_at": change.begun_at,
        "state": change.state.value,
        "kind": change.kind and change.kind.value,
        "task": change.task,
        "aspect": change.aspect and change.aspect.value,
        "keys": dict(change.keys),
        "reason": change.reason,
        "base": change.base,
        "submitted_at": change.submitted_at,
        "decided_by": change.decided_by,
        "decided_at": change.decided_at,
        "remarks": change.remarks,
    }


def _change(row: Row[Any]) -> PlanChange:
    kept = row._asdict()
    kept["state"] = ChangeState(kept["state"])
    kept["kind"] = Kind(kept["kind"]) if kept["kind"] else None
    kept["aspect"] = Aspect(kept["aspect"]) if kept["aspect"] else None
    return PlanChange(**kept)


def _version(row: Row[Any]) -> PlanVersion:
    return PlanVersion(
        plan=Plan.from_params(row.plan),
        change_id=row.change_id,
        action_id=row.action_id,
        reason=row.reason,
        proposed_by=row.proposed_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        of_file=row.of_file,
    )
