"""Which version of a plan holds: that of its file, or what the principal approved."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import SEVERITY_OF, Kind, Severity
from bot.domain.plan import Plan, PlanTask
from bot.domain.plan_change import Aspect, PlanChange, PlanVersion, is_file_changed, task_of
from bot.errors import Reason, RefusedError
from bot.services.school import School
from bot.services.turn import Turn


def plan_of_kind(turn: Turn, kind: Kind | None) -> Plan | None:
    """The plan that an incident of this kind would run on if it began now; None for no kind."""
    return turn.school.plan_in_force(kind, turn.tx.plan_changes.newest(kind)) if kind else None


def severity_of(turn: Turn, kind: Kind) -> Severity:
    """The grade at which such an incident begins: its plan's."""
    plan = plan_of_kind(turn, kind)
    return plan.severity if plan else SEVERITY_OF[kind]


def approval_params(turn: Turn, plan: Plan) -> dict[str, Any] | None:
    """Why this version is as it is, for messages; None for a plan as its file has it."""
    version = turn.tx.plan_changes.of_plan(plan)
    if version is None:
        return None
    people = turn.tx.people
    proposer, approver = people.get(version.proposed_by), people.get(version.approved_by)
    return {
        "reason": version.reason,
        "by": approver and approver.name.to_params(),
        "proposed_by": proposer and proposer.name.to_params(),
        "on": turn.school.day(version.approved_at).isoformat(),
    }


def file_params(school: School, version: PlanVersion | None) -> dict[str, Any] | None:
    """How the file differs from what was approved; None when nobody changed it since."""
    if version is None:
        return None
    kind = version.plan.kind
    of_file = school.plans.get(kind)
    if not is_file_changed(of_file, version):
        return None
    return {
        "kind": kind.value,
        "is_own": kind in school.own_plans,
        "file_version": of_file.version if of_file else 0,
        "approved_version": version.version,
        "is_file_in_force": school.plan_in_force(kind, version) is of_file,
    }


def plan_of(turn: Turn, kind: Kind | None) -> Plan:
    """The plan in force. NO_PLAN when there is none, UNKNOWN_BUTTON for a step out of order."""
    if kind is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    plan = plan_of_kind(turn, kind)
    if plan is None:
        raise RefusedError(Reason.NO_PLAN)
    return plan


def require_task(plan: Plan, task_id: str) -> PlanTask:
    """The task named."""
    task = task_of(plan, task_id)
    if task is None:
        raise RefusedError(Reason.UNKNOWN_PLAN_TASK, word=task_id)
    return task


def require_difference(turn: Turn, draft: PlanChange) -> Plan:
    """The plan with the change in it; refused when a file like that would be, or when nothing would be different."""
    plan = plan_of(turn, draft.kind)
    if draft.aspect is not Aspect.ADD:
        require_task(plan, draft.task)
    changed = turn.school.amend(plan, draft)
    if changed.tasks == plan.tasks:
        raise RefusedError(Reason.PLAN_CHANGE_SAME)
    return changed
