"""The school's plan for a kind of incident: what it sets in motion, for whom, and by when. Values and rules only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.domain.equipment import EquipmentKind
from bot.domain.incident import Kind, Severity
from bot.domain.place import Name
from bot.domain.response import ResponseAction
from bot.domain.roster import Role

# More than anybody can follow on one day; it also keeps a plan's start inside one short transaction.
MOST_TASKS = 60


class Reach(StrEnum):
    """Who of a role is asked: everybody for themselves, whoever accepts first, or first of those on duty."""

    ALL = "all"
    FIRST = "first"
    DUTY = "duty"


class Proof(StrEnum):
    """What has to come with "done"."""

    NONE = "none"
    TEXT = "text"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class PlanTask:
    """One duty of a plan.

    `within` counts from the moment when it can begin: the plan's start, or when all of `after` is done. `grade`: it
    belongs to incidents this grave or graver. `calls`: the agency that it is about, empty for none. `ordered`: it is
    to order an action, and done when somebody has; True for the plan's own. `afterwards`: it
    still has to be done when the danger is over.
    """

    id: str
    title: Name
    role: Role
    within: timedelta
    to: Reach = Reach.DUTY
    proof: Proof = Proof.NONE
    after: tuple[str, ...] = ()
    grade: Severity = Severity.MINOR
    calls: str = ""
    ordered: bool | ResponseAction = False
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in one version. `roles`: of a restricted one, who may know of it at all.

    `report_from`: incidents this grave or graver are reported to the authorities; None: none is. `is_public_health`:
    then the health authority's clock holds too. `equipment`: what those who go there will look for.
    """

    kind: Kind
    version: int
    severity: Severity
    tasks: tuple[PlanTask, ...]
    action: ResponseAction | None = None
    is_restricted: bool = False
    roles: tuple[Role, ...] = ()
    report_from: Severity | None = None
    is_public_health: bool = False
    equipment: tuple[EquipmentKind, ...] = ()

    def tasks_at(self, severity: Severity) -> tuple[PlanTask, ...]:
        """What belongs to an incident of this grade; a graver one never has less."""
        return tuple(task for task in self.tasks if severity <= task.grade)

    def ordering(self, action: ResponseAction | None) -> frozenset[str]:
        """The tasks that are done when this is ordered."""
        meant = {action, action is self.action} - {None, False}
        return frozenset(task.id for task in self.tasks if action and task.ordered in meant)

    @property
    def outlasting(self) -> frozenset[str]:
        """The tasks that outlast the danger."""
        return frozenset(task.id for task in self.tasks if task.afterwards)

    @property
    def agencies(self) -> tuple[str, ...]:
        """Who outside is called, in the plan's order."""
        return tuple(dict.fromkeys(task.calls for task in self.tasks if task.calls))

    def to_params(self) -> dict[str, Any]:
        """As an incident keeps it: what it ran on stays readable when the file has changed."""
        return {
            "kind": self.kind.value,
            "version": self.version,
            "severity": int(self.severity),
            "action": self.action and self.action.value,
            "is_restricted": self.is_restricted,
            "roles": [role.value for role in self.roles],
            "report_from": self.report_from and int(self.report_from),
            "is_public_health": self.is_public_health,
            "equipment": [kind.value for kind in self.equipment],
            "tasks": [_task_params(task) for task in self.tasks],
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Plan:
        """The kept plan again."""
        return cls(
            kind=Kind(params["kind"]),
            version=params["version"],
            severity=Severity(params["severity"]),
            tasks=tuple(map(_task, params["tasks"])),
            action=ResponseAction(params["action"]) if params["action"] else None,
            is_restricted=params["is_restricted"],
            roles=tuple(Role(role) for role in params["roles"]),
            report_from=Severity(params["report_from"]) if params["report_from"] else None,
            is_public_health=params["is_public_health"],
            equipment=tuple(EquipmentKind(kind) for kind in params.get("equipment", ())),
        )


def _task_params(task: PlanTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title.to_params(),
        "role": task.role.value,
        "within_s": int(task.within.total_seconds()),
        "to": task.to.value,
        "proof": task.proof.value,
        "after": list(task.after),
        "grade": int(task.grade),
        "calls": task.calls,
        "ordered": task.ordered,
        "afterwards": task.afterwards,
    }


def _task(params: Mapping[str, Any]) -> PlanTask:
    ordered = params.get("ordered", False)
    return PlanTask(
        id=params["id"],
        title=Name(**params["title"]),
        role=Role(params["role"]),
        within=timedelta(seconds=params["within_s"]),
        to=Reach(params["to"]),
        proof=Proof(params["proof"]),
        after=tuple(params["after"]),
        grade=Severity(params["grade"]),
        calls=params["calls"],
        ordered=ResponseAction(ordered) if isinstance(ordered, str) else ordered,
        afterwards=params.get("afterwards", False),
    )


class OrderFlaw(StrEnum):
    """Why a plan's task could never begin."""

    UNKNOWN = "unknown_task"
    CYCLE = "cycle"
    RARER = "rarer"


def order_flaws(tasks: Sequence[PlanTask]) -> Iterator[tuple[str, OrderFlaw, str]]:
    """(task, flaw, the task it waits for): unknown ones, circles, and such as only graver incidents have."""
    by_id = {task.id: task for task in tasks}
    for task in tasks:
        for name in task.after:
            if name not in by_id:
                yield task.id, OrderFlaw.UNKNOWN, name
            elif by_id[name].grade < task.grade:
                yield task.id, OrderFlaw.RARER, name
    for name in sorted(_in_circles(by_id)):
        yield name, OrderFlaw.CYCLE, ", ".join(by_id[name].after)


def _in_circles(by_id: Mapping[str, PlanTask]) -> set[str]:
    """Tasks that wait for themselves, or for such: what is left when all that can begin has been done."""
    left = set(by_id)
    while ready := {name for name in left if left.isdisjoint(by_id[name].after)}:
        left -= ready
    return left
