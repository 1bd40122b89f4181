"""Tasks of incidents, who was asked to do them, and the plans that they came from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.incident import Severity
from bot.domain.place import Name
from bot.domain.plan import Plan, Proof, Reach
from bot.domain.roster import Role
from bot.domain.task import OVER, UNOWNED, Offer, OfferState, Task, TaskFigures, TaskState
from bot.storage.new_id import is_new
from bot.storage.tables import plan_runs, task_offers, tasks

_t, _o = tasks.c, task_offers.c


_ADD_ALL = tasks.insert().returning(_t.id, sort_by_parameter_order=True)


class TaskStore:
    """Tasks by id; offers by task and person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ── the plan that an incident runs on ──────────────────────────────────────────────────────────────────
    def start_plan(self, incident_id: int, plan: Plan, at: datetime) -> None:
        """The incident runs on this plan from now on; earlier ones stay on record."""
        self._connection.execute(
            plan_runs.insert().values(
                incident_id=incident_id,
                kind=plan.kind.value,
                version=plan.version,
                plan=plan.to_params(),
                started_at=at,
            )
        )

    def plan_of(self, incident_id: int) -> Plan | None:
        """The plan that the incident runs on now, in the version that it began with."""
        newest = select(plan_runs.c.plan).where(plan_runs.c.incident_id == incident_id)
        params = self._connection.scalar(newest.order_by(plan_runs.c.id.desc()).limit(1))
        return None if params is None else Plan.from_params(params)

    def plans_of(self, incident_id: int) -> list[Plan]:
        """All that it ran on, newest first."""
        every = select(plan_runs.c.plan).where(plan_runs.c.incident_id == incident_id)
        return [
            Plan.from_params(one) for one in self._connection.scalars(every.order_by(plan_runs.c.id.desc()))
        ]

    # ── tasks ──────────────────────────────────────────────────────────────────────────────────────────────
    def add(self, task: Task) -> Task | None:
        """Keep a new task; None when the incident has one with this key already."""
        values = {"incident_id": task.incident_id, "key": task.key, **_values(task)}
        added = insert(tasks).values(values).on_conflict_do_nothing().returning(tasks.c.id)
        key = self._connection.execute(added).scalar_one_or_none()
        return None if key is None else replace(task, id=key)

    def add_all(self, fresh: Sequence[Task]) -> list[Task]:
        """Keep many at once, in their order; keys that the incident has already are left out."""
        known = {key for task in fresh[:1] for key in self._keys(task.incident_id)}
        new = [task for task in fresh if task.key not in known]
        if not new:
            return []
        rows = [{"incident_id": task.incident_id, "key": task.key, **_values(task)} for task in new]
        ids = self._connection.scalars(_ADD_ALL, rows).all()
        return [replace(task, id=key) for task, key in zip(new, ids, strict=True)]

    def _keys(self, incident_id: int) -> set[str]:
        return set(self._connection.scalars(select(_t.key).where(_t.incident_id == incident_id)))

    def save(self, task: Task, **changes: Any) -> Task:
        """Write back all that can change."""
        task = replace(task, **changes)
        self._connection.execute(update(tasks).where(_t.id == task.id).values(**_values(task)))
        return task

    def get(self, task_id: int) -> Task | None:
        """By id."""
        found = self._list(select(tasks).where(_t.id == task_id))
        return found[0] if found else None

    def of_incident(self, incident_id: int) -> list[Task]:
        """All of an incident, in the plan's order."""
        return self._list(select(tasks).where(_t.incident_id == incident_id).order_by(_t.id))

    def due(self, now: datetime) -> list[Task]:
        """Those that the clock has to look at, earliest first."""
        return self._list(select(tasks).where(_t.look_at <= now).order_by(_t.look_at, _t.id))

    def owing_proof(self, staff_id: str) -> tuple[Task, datetime] | None:
        """The task whose proof this person was asked for last, and when."""
        asked = select(tasks, _o.at).join(task_offers, _o.task_id == _t.id)
        mine = asked.where(_t.proof_from == staff_id, _o.staff_id == staff_id, _t.state == TaskState.ACCEPTED)
        row = self._connection.execute(mine.order_by(_o.at.desc(), _t.id.desc()).limit(1)).one_or_none()
        return None if row is None else (_task(row), row.at)

    def open_of(self, staff_id: str) -> list[Task]:
        """What this person was asked to do or does, in whatever incident, newest first."""
        mine = select(tasks).join(task_offers, _o.task_id == _t.id).where(_o.staff_id == staff_id)
        wanted = mine.where(_t.state.not_in(sorted(OVER)), _o.state != OfferState.DECLINED)
        return self._list(wanted.order_by(_t.id.desc()))

    def calls_of(self, staff_id: str) -> set[tuple[int, str]]:
        """The calls outside that this person was ever asked to make: incident and agency."""
        mine = select(_t.incident_id, _t.calls).join(task_offers, _o.task_id == _t.id)
        wanted = mine.where(_o.staff_id == staff_id, _t.calls != "").distinct()
        return {(row.incident_id, row.calls) for row in self._connection.execute(wanted)}

    def figures(self, incident_id: int) -> TaskFigures:
        """How they stand."""
        unowned = sorted(UNOWNED)
        row = self._connection.execute(
            select(
                func.count(),
                *(
                    func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
                    for condition in (
                        _t.state == TaskState.DONE,
                        _t.state == TaskState.ACCEPTED,
                        _t.state.in_(unowned),
                        _t.is_late & _t.state.not_in(sorted(OVER)),
                        _t.state == TaskState.ESCALATED,
                        _t.state == TaskState.DROPPED,
                    )
                ),
            ).where(_t.incident_id == incident_id)
        ).one()
        return TaskFigures(*row)

    # ── offers ─────────────────────────────────────────────────────────────────────────────────────────────
    def offer(self, task_id: int, staff_id: str, at: datetime, *, is_above: bool = False) -> bool:
        """Note that this person is asked; False when they were asked before."""
        values = {
            "task_id": task_id,
            "staff_id": staff_id,
            "state": OfferState.OPEN.value,
            "is_above": is_above,
            "at": at,
        }
        return is_new(self._connection, task_offers, values)

    def offer_all(self, pairs: Collection[tuple[int, str]], at: datetime) -> None:
        """Note who is asked to do tasks that nobody was asked to do before: (task, person) each."""
        if pairs:
            rows = [
                {"task_id": task, "staff_id": who, "state": OfferState.OPEN.value, "at": at}
                for task, who in pairs
            ]
            self._connection.execute(task_offers.insert(), rows)

    def forget_offers(self, task_id: int) -> None:
        """Nobody was asked: it begins anew."""
        self._connection.execute(delete(task_offers).where(_o.task_id == task_id))

    def say(self, task_id: int, staff_id: str, state: OfferState, at: datetime) -> None:
        """What this person answered."""
        mine = (_o.task_id == task_id, _o.staff_id == staff_id)
        self._connection.execute(update(task_offers).where(*mine).values(state=state.value, at=at))

    def offers(self, task_id: int) -> dict[str, Offer]:
        """Everybody who was asked, in the order of asking."""
        rows = self._connection.execute(
            select(task_offers).where(_o.task_id == task_id).order_by(_o.at, _o.staff_id)
        )
        return {r.staff_id: _offer(r) for r in rows}

    def asked(self, incident_id: int) -> set[str]:
        """Everybody who was asked to do something about this incident."""
        mine = select(_o.staff_id).join(tasks, _t.id == _o.task_id).where(_t.incident_id == incident_id)
        return set(self._connection.scalars(mine.distinct()))

    def brought_to(self, incident_id: int, staff_id: str) -> list[Task]:
        """What came up to this person, is not over, and they have not said that they cannot."""
        mine = (
            select(tasks).join(task_offers, _o.task_id == _t.id).where(_o.staff_id == staff_id, _o.is_above)
        )
        wanted = mine.where(
            _t.incident_id == incident_id, _t.state.not_in(sorted(OVER)), _o.state != OfferState.DECLINED
        )
        return self._list(wanted.order_by(_t.id))

    def dropped_above(self, incident_id: int, staff_id: str) -> list[Task]:
        """What came up to this person, they have not said that they cannot, and ended without anybody."""
        mine = (
            select(tasks).join(task_offers, _o.task_id == _t.id).where(_o.staff_id == staff_id, _o.is_above)
        )
        wanted = mine.where(
            *(_t.incident_id == incident_id, _t.state == TaskState.DROPPED, _t.owner_id.is_(None)),
            _o.state != OfferState.DECLINED,
        )
        return self._list(wanted.order_by(_t.id))

    def owned_by(self, staff_id: str) -> list[Task]:
        """What this person has accepted and not done, in whatever incident."""
        mine = select(tasks).where(_t.owner_id == staff_id, _t.state == TaskState.ACCEPTED)
        return self._list(mine.order_by(_t.id))

    def _list(self, statement: Select[Any]) -> list[Task]:
        return [_task(row) for row in self._connection.execute(statement)]


def _offer(row: Row[Any]) -> Offer:
    return Offer(row.task_id, row.staff_id, OfferState(row.state), row.at, row.is_above)


def _values(task: Task) -> dict[str, Any]:
    return {
        "title": task.title.to_params(),
        "role": task.role.value,
        "reach": task.reach.value,
        "state": task.state.value,
        "within_s": int(task.within.total_seconds()),
        "proof": task.proof.value,
        "after": list(task.after),
        "grade": int(task.grade),
        "calls": task.calls,
        "owner_id": task.owner_id,
        "given_by": task.given_by,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "look_at": task.look_at,
        "is_late": task.is_late,
        "accepted_at": task.accepted_at,
        "done_at": task.done_at,
        "words": task.words,
        "proof_from": task.proof_from,
    }


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        incident_id=row.incident_id,
        key=row.key,
        title=Name(**row.title),
        role=Role(row.role),
        reach=Reach(row.reach),
        state=TaskState(row.state),
        within=timedelta(seconds=row.within_s),
        proof=Proof(row.proof),
        after=tuple(row.after),
        grade=Severity(row.grade),
        calls=row.calls,
        owner_id=row.owner_id,
        given_by=row.given_by,
        opened_at=row.opened_at,
        due_at=row.due_at,
        look_at=row.look_at,
        is_late=row.is_late,
        accepted_at=row.accepted_at,
        done_at=row.done_at,
        words=row.words,
        proof_from=row.proof_from,
    )
