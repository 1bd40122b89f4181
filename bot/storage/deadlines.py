"""What falls due for an incident, and who was rung for it already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.tables import deadlines, rings

_START_IF_NONE = insert(deadlines).on_conflict_do_nothing()


class DeadlineKind(StrEnum):
    """Why something falls due."""

    ACKNOWLEDGE = "acknowledge"
    COMMANDER = "commander"
    COUNT = "count"
    TALLY = "tally"
    CHANNELS = "channels"
    PLAN = "plan"
    SITUATION = "situation"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One due moment; `step` counts how often it came already."""

    id: int
    incident_id: int
    kind: DeadlineKind
    step: int
    due_at: datetime


class DeadlineStore:
    """At most one deadline of a kind an incident."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, incident_id: int, kind: DeadlineKind, due_at: datetime) -> None:
        """Begin (again) at step 0."""
        self.clear(incident_id, kind)
        self._connection.execute(
            deadlines.insert().values(incident_id=incident_id, kind=kind.value, step=0, due_at=due_at)
        )

    def start_if_none(self, incident_id: int, kind: DeadlineKind, due_at: datetime) -> None:
        """Begin unless one is under way: many changes within a second make one card."""
        values = {"incident_id": incident_id, "kind": kind.value, "step": 0, "due_at": due_at}
        self._connection.execute(_START_IF_NONE, values)

    def clear(self, incident_id: int, *kinds: DeadlineKind) -> None:
        """It no longer matters; without kinds, none of the incident's does."""
        statement = delete(deadlines).where(deadlines.c.incident_id == incident_id)
        if kinds:
            statement = statement.where(deadlines.c.kind.in_([kind.value for kind in kinds]))
        self._connection.execute(statement)

    def due(self, now: datetime) -> list[Deadline]:
        """All that are due, earliest first."""
        rows = self._connection.execute(
            select(deadlines).where(deadlines.c.due_at <= now).order_by(deadlines.c.due_at, deadlines.c.id)
        )
        return [Deadline(r.id, r.incident_id, DeadlineKind(r.kind), r.step, r.due_at) for r in rows]

    def next_step(self, deadline: Deadline, due_at: datetime) -> None:
        """The same again, one step later."""
        self._connection.execute(
            update(deadlines)
            .where(deadlines.c.id == deadline.id)
            .values(step=deadline.step + 1, due_at=due_at)
        )

    def rung(self, incident_id: int) -> set[str]:
        """The staff_ids rung for this incident."""
        rows = self._connection.execute(select(rings.c.staff_id).where(rings.c.incident_id == incident_id))
        return {row.staff_id for row in rows}

    def ring(self, incident_id: int, staff_ids: list[str], at: datetime) -> None:
        """Note who is rung now; each only once."""
        already = self.rung(incident_id)
        fresh = [key for key in dict.fromkeys(staff_ids) if key not in already]
        if fresh:
            self._connection.execute(
                rings.insert(), [{"incident_id": incident_id, "staff_id": key, "at": at} for key in fresh]
            )
