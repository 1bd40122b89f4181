"""A duty in one incident: who was asked, who holds it, by when it has to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.agency import EDUCATION, EMERGENCY
from bot.domain.incident import Severity
from bot.domain.place import Name
from bot.domain.plan import Plan, PlanTask, Proof, Reach
from bot.domain.roster import Role


class TaskState(StrEnum):
    """`WAITING → OFFERED → ACCEPTED → DONE`; ESCALATED: nobody of the role took it, those above have it.

    DROPPED: another plan took this one's place, or the incident ended.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    DONE = "done"
    DROPPED = "dropped"


# Keys of tasks for the injured begin with these: to tell a guardian, to find out who they are.
GUARDIAN = "injured-guardian-"
WHO = "injured-who-"
# Nothing more is expected of these.
OVER = frozenset({TaskState.DONE, TaskState.DROPPED})
UNOWNED = frozenset({TaskState.OFFERED, TaskState.ESCALATED})


class OfferState(StrEnum):
    """What one person said to one task."""

    OPEN = "open"
    DECLINED = "declined"
    HELD = "held"


# What a task that nobody took waits before the next above is asked: never more than this part of its time.
PART_TO_ACCEPT = 2
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Task:
    """One row. `key` is the plan's id of it, `id@staff` when everybody has their own, `+n` when a person added it.

    `look_at`: when the clock looks again, None for never. `is_late`: it was not done in time. `words`: its proof.
    `proof_from`: who pressed "done" and still owes the proof, asked for
    when they said so.
    """

    id: int
    incident_id: int
    key: str
    title: Name
    role: Role
    reach: Reach
    state: TaskState
    within: timedelta
    proof: Proof = Proof.NONE
    after: tuple[str, ...] = ()
    grade: Severity = Severity.MINOR
    calls: str = ""
    owner_id: str | None = None
    given_by: str | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    look_at: datetime | None = None
    is_late: bool = False
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    words: str = ""
    proof_from: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected."""
        return self.state in OVER

    def outlasts_danger(self, plan: Plan | None) -> bool:
        """Whether it still has to be done after the all-clear, however soon it was to be done."""
        return self.key.startswith((GUARDIAN, WHO)) or (plan is not None and self.plan_key in plan.outlasting)

    @property
    def is_first_report(self) -> bool:
        """Whether it is the call by which the education bureau hears of it first."""
        return self.calls == EDUCATION

    @property
    def urgency(self) -> tuple[bool, datetime, int]:
        """To sort by: emergency calls, then by when they are due; what has not begun comes last."""
        never = datetime.max.replace(tzinfo=UTC)
        return self.calls not in EMERGENCY, self.due_at or never, self.id

    @property
    def plan_key(self) -> str:
        """The plan's id of it, without whose it is."""
        return self.key.partition("@")[0]

    @property
    def asked_id(self) -> str | None:
        """Whose own it is, of a task that each of a role has; None for any other."""
        return self.key.partition("@")[2] or None


@dataclass(frozen=True, slots=True)
class Offer:
    """One person was asked to do one task; nobody is asked the same twice.

    `is_above`: not for their role, but because nobody of the role did it.
    """

    task_id: int
    staff_id: str
    state: OfferState
    at: datetime
    is_above: bool = False


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """How the tasks of an incident stand; `total` is all that it ever had. `open`: nobody holds them yet."""

    total: int = 0
    done: int = 0
    accepted: int = 0
    open: int = 0
    late: int = 0
    escalated: int = 0
    dropped: int = 0

    def to_params(self) -> dict[str, int]:
        """For messages."""
        return {name: getattr(self, name) for name in self.__slots__}


def fresh(incident_id: int, planned: PlanTask, key: str) -> Task:
    """A plan's task that has not begun."""
    return Task(
        id=0,
        incident_id=incident_id,
        key=key,
        title=planned.title,
        role=planned.role,
        reach=planned.to,
        state=TaskState.WAITING,
        within=planned.within,
        proof=planned.proof,
        after=planned.after,
        grade=planned.grade,
        calls=planned.calls,
    )


def may_begin(task: Task, others: Sequence[Task]) -> bool:
    """Whether everything that it waits for is over; of a task that everybody has, everybody's."""
    return all(other.is_over for other in others if other.plan_key in task.after)


def due_by(task: Task, begun_at: datetime, latest: datetime) -> Task:
    """The task, due at `latest` at the latest; who hears of it when that is past has a minute."""
    return replace(task, within=min(task.within, max(latest - begun_at, A_MINUTE)))


def accept_by(task: Task, now: datetime, most: timedelta) -> datetime:
    """When somebody above is asked if nobody has accepted: soon, and well before it is due."""
    return now + min(most, task.within / PART_TO_ACCEPT)
