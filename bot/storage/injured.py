"""The injured of incidents: numbers that somebody said, pupils whom the headcount knows, staff who were named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    false,
    func,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.domain.injured import Injured, InjuredStaff, Injury, add_up
from bot.storage.new_id import is_new
from bot.storage.tables import incidents, injured_numbers, injured_pupils, injured_staff

_n, _p, _s = injured_numbers.c, injured_pupils.c, injured_staff.c
_SAID = select(_n.state, _n.number).where(_n.incident_id == bindparam("about"))
_NAMED = select(_p.state, func.count()).where(_p.incident_id == bindparam("about")).group_by(_p.state)
_STAFF = select(_s.state, func.count()).where(_s.incident_id == bindparam("about")).group_by(_s.state)
_OPENED = (incidents.c.opened_at >= bindparam("begin")) & (incidents.c.opened_at < bindparam("end"))
# `is_said`: a number that somebody said, else how many are known by name.
_OF_SPAN = union_all(
    select(_n.incident_id, _n.state, _n.number, true().label("is_said"))
    .join(incidents, incidents.c.id == _n.incident_id)
    .where(_OPENED),
    *(
        select(of.incident_id, of.state, func.count(), false())
        .join(incidents, incidents.c.id == of.incident_id)
        .where(_OPENED)
        .group_by(of.incident_id, of.state)
        for of in (_p, _s)
    ),
)


class InjuredStore:
    """The newest word of each; what was said before stands on the timeline."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def figures(self, incident_id: int) -> Injured:
        """How many, by state."""
        return add_up(self.said(incident_id), self._named(incident_id))

    def totals_between(self, begin: datetime, end: datetime) -> dict[int, int]:
        """Incident id → how many in all, of incidents opened from `begin` up to but not including `end`."""
        found: dict[int, tuple[Counter[Injury], Counter[Injury]]] = {}
        for incident_id, state, number, is_said in self._connection.execute(
            _OF_SPAN, {"begin": begin, "end": end}
        ):
            said, named = found.setdefault(incident_id, (Counter(), Counter()))
            (said if is_said else named)[Injury(state)] += number
        return {incident_id: add_up(*both).total for incident_id, both in found.items()}

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

    def name_staff(self, incident_id: int, staff_id: str, state: Injury, *, by: str, at: datetime) -> None:
        """This member of staff is injured, in this state."""
        values = {"state": state.value, "said_by": by, "said_at": at}
        added = insert(injured_staff).values(incident_id=incident_id, staff_id=staff_id, **values)
        self._connection.execute(
            added.on_conflict_do_update(index_elements=[_s.incident_id, _s.staff_id], set_=values)
        )

    def unname_staff(self, incident_id: int, staff_id: str) -> None:
        """This member of staff is not injured after all."""
        mine = (_s.incident_id == incident_id) & (_s.staff_id == staff_id)
        self._connection.execute(delete(injured_staff).where(mine))

    def staff(self, incident_id: int, staff_id: str) -> InjuredStaff | None:
        """One, by incident and person."""
        return self._one(_s.incident_id == incident_id, _s.staff_id == staff_id)

    def all_staff(self, incident_id: int) -> list[InjuredStaff]:
        """Everybody who was named, in the order of naming."""
        found = select(_s.id, _s.incident_id, _s.staff_id, _s.state).where(_s.incident_id == incident_id)
        rows = self._connection.execute(found.order_by(_s.id))
        return [InjuredStaff(row.id, row.incident_id, row.staff_id, Injury(row.state)) for row in rows]

    def pupils(self, incident_id: int) -> dict[int, Injury]:
        """The counted pupils whom the headcount names, and in what state they are."""
        found = select(_p.pupil_id, _p.state).where(_p.incident_id == incident_id).order_by(_p.pupil_id)
        return {row.pupil_id: Injury(row.state) for row in self._connection.execute(found)}

    def staff_by_id(self, row: int) -> InjuredStaff | None:
        """One, by the number that a button has."""
        return self._one(_s.id == row)

    def _one(self, *where: ColumnElement[bool]) -> InjuredStaff | None:
        found = select(_s.id, _s.incident_id, _s.staff_id, _s.state).where(*where)
        row = self._connection.execute(found).one_or_none()
        return row and InjuredStaff(row.id, row.incident_id, row.staff_id, Injury(row.state))

    def _named(self, incident_id: int) -> dict[Injury, int]:
        found: Counter[Injury] = Counter()
        for asked in (_NAMED, _STAFF):
            for state, number in self._connection.execute(asked, {"about": incident_id}):
                found[Injury(state)] += number
        return found
