"""The injured of incidents: numbers that somebody said, and pupils whom the headcount knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.injured import Injured, Injury, add_up
from bot.storage.new_id import is_new
from bot.storage.tables import injured_numbers, injured_pupils

_n, _p = injured_numbers.c, injured_pupils.c
_SAID = select(_n.state, _n.number).where(_n.incident_id == bindparam("about"))
_NAMED = select(_p.state, func.count()).where(_p.incident_id == bindparam("about")).group_by(_p.state)


class InjuredStore:
    """The newest word of each; what was said before stands on the timeline."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def figures(self, incident_id: int) -> Injured:
        """How many, by state."""
        return add_up(self.said(incident_id), self._named(incident_id))

    def said(self, incident_id: int) -> dict[Injury, int]:
        """The numbers that hold now."""
        rows = self._connection.execute(_SAID, {"about": incident_id})
        return {Injury(state): number for state, number in rows}

    def say(self, incident_id: int, numbers: Mapping[Injury, int], *, by: str, at: datetime) -> None:
        """These numbers hold from now on."""
        for state, number in numbers.items():
            values = {"number": number, "said_by": by, "said_at": at}
            added = insert(injured_numbers).values(incident_id=incident_id, state=state.value, **values)
            self._connection.execute(
                added.on_conflict_do_update(index_elements=[_n.incident_id, _n.state], set_=values)
            )

    def add_pupil(self, incident_id: int, pupil_id: int, *, by: str, at: datetime) -> bool:
        """The headcount names this pupil; False when it did before. `pupil_id`: the counted pupil's."""
        values = {
            "incident_id": incident_id,
            "pupil_id": pupil_id,
            "state": Injury.UNKNOWN.value,
            "said_by": by,
            "said_at": at,
        }
        return is_new(self._connection, injured_pupils, values)

    def take_back(self, incident_id: int, pupil_id: int) -> None:
        """The headcount has this pupil well again."""
        mine = (_p.incident_id == incident_id) & (_p.pupil_id == pupil_id)
        self._connection.execute(delete(injured_pupils).where(mine))

    def state_of(self, pupil_id: int) -> tuple[int, Injury] | None:
        """The incident and the state of a pupil whom the headcount names; None when it does not."""
        found = select(_p.incident_id, _p.state).where(_p.pupil_id == pupil_id)
        row = self._connection.execute(found.order_by(_p.incident_id.desc()).limit(1)).one_or_none()
        return None if row is None else (row.incident_id, Injury(row.state))

    def say_of_pupil(self, incident_id: int, pupil_id: int, state: Injury, *, by: str, at: datetime) -> None:
        """In what state this pupil is."""
        mine = (_p.incident_id == incident_id) & (_p.pupil_id == pupil_id)
        values = {"state": state.value, "said_by": by, "said_at": at}
        self._connection.execute(update(injured_pupils).where(mine).values(**values))

    def _named(self, incident_id: int) -> dict[Injury, int]:
        rows = self._connection.execute(_NAMED, {"about": incident_id})
        return {Injury(state): number for state, number in rows}
