"""A change to one of the school's plans: proposed from a corrective action, decided by the principal, then a version.

`DRAFT → PROPOSED → APPROVED`, or back by `RETURNED`; what is never submitted is `DROPPED`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.incident import Kind
from bot.domain.plan import Plan, PlanTask

# Of a new task; a proposal's own number follows, so that no two can be alike.
NEW_TASK = "added_"


class Aspect(StrEnum):
    """What of a task would be different."""

    MINUTES = "minutes"
    ROLE = "role"
    TITLE = "title"
    AFTER = "after"
    ADD = "add"
    REMOVE = "remove"


class ChangeState(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    RETURNED = "returned"
    APPROVED = "approved"
    DROPPED = "dropped"


class Step(StrEnum):
    """What a draft still needs to be told; READY: nothing."""

    KIND = "kind"
    TASK = "task"
    ASPECT = "aspect"
    TITLE = "title"
    ROLE = "role"
    MINUTES = "minutes"
    AFTER = "after"
    REASON = "reason"
    READY = "ready"


# The keys of a plan's file that each aspect sets, and the step that asks for them.
_NEEDS: Mapping[Aspect, tuple[tuple[str, Step], ...]] = {
    Aspect.MINUTES: (("minutes", Step.MINUTES),),
    Aspect.ROLE: (("role", Step.ROLE),),
    Aspect.TITLE: (("zh", Step.TITLE),),
    Aspect.AFTER: (("after", Step.AFTER),),
    Aspect.ADD: (("zh", Step.TITLE), ("role", Step.ROLE), ("minutes", Step.MINUTES)),
    Aspect.REMOVE: (),
}


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A proposal. `keys`: what stands in the task's entry afterwards, named as in a plan's file.

    `base`: the digest of the plan that it was shown against; what is decided is what was read.
    """

    id: int
    action_id: int
    proposed_by: str
    begun_at: datetime
    state: ChangeState = ChangeState.DRAFT
    kind: Kind | None = None
    task: str = ""
    aspect: Aspect | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    base: str = ""
    submitted_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    remarks: str = ""

    @property
    def step(self) -> Step:
        """What is asked next."""
        if self.kind is None:
            return Step.KIND
        if not self.task:
            return Step.TASK
        if self.aspect is None:
            return Step.ASPECT
        open_keys = (step for key, step in _NEEDS[self.aspect] if key not in self.keys)
        return next(open_keys, Step.READY if self.reason else Step.REASON)

    @property
    def is_told(self) -> bool:
        """Whether it says what would be different."""
        return self.step in (Step.REASON, Step.READY)


@dataclass(frozen=True, slots=True)
class TypedChange:
    """A whole change in one line. `title`: as typed, when it has one."""

    task: str
    aspect: Aspect
    keys: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan as the principal approved it. `of_file`: the digest of the file's plan at that time."""

    plan: Plan
    change_id: int
    action_id: int
    reason: str
    proposed_by: str
    approved_by: str
    approved_at: datetime
    of_file: str

    @property
    def version(self) -> int:
        """Its number."""
        return self.plan.version


Amend = Callable[[Plan, PlanChange], Plan]
"""The plan with the change in it. RefusedError PLAN_CHANGE_BAD with what a bad file would be told."""


def digest_of(plan: Plan | None) -> str:
    """Two plans with the same digest say the same."""
    said = json.dumps(plan.to_params() if plan else None, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def in_force(of_file: Plan | None, approved: PlanVersion | None, *, is_own: bool) -> Plan | None:
    """Which of the two holds: what the principal approved, unless the school's own file has a higher version.

    A file that somebody edits, or that comes with a newer Muster, never takes back unseen what the principal
    decided; who means to replace it raises the file's `version` above the approved one.
    """
    if approved is None:
        return of_file
    if is_own and of_file is not None and of_file.version > approved.version:
        return of_file
    return approved.plan


def is_file_changed(of_file: Plan | None, approved: PlanVersion) -> bool:
    """Whether the file says something else than when the version was approved, and than the version itself."""
    return digest_of(of_file) not in (approved.of_file, digest_of(approved.plan))


def task_of(plan: Plan | None, task_id: str) -> PlanTask | None:
    """By id."""
    return next((task for task in plan.tasks if task.id == task_id), None) if plan else None
