"""Who was sent to the scene of which incident."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.on_scene import OnScene, SceneState
from bot.storage.tables import incidents, on_scene

_s = on_scene.c


class OnSceneStore:
    """By incident and person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, one: OnScene) -> None:
        """Keep how this person stands now."""
        values = {"state": one.state.value, "is_leader": one.is_leader, "at": one.at}
        added = insert(on_scene).values(incident_id=one.incident_id, staff_id=one.staff_id, **values)
        statement = added.on_conflict_do_update(index_elements=[_s.incident_id, _s.staff_id], set_=values)
        self._connection.execute(statement)

    def lead(self, incident_id: int, staff_id: str) -> None:
        """One leader, this one."""
        mine = update(on_scene).where(_s.incident_id == incident_id)
        self._connection.execute(mine.values(is_leader=_s.staff_id == staff_id))

    def take_off(self, incident_id: int, staff_id: str) -> None:
        """This person is not of the group any more."""
        self._connection.execute(
            delete(on_scene).where(_s.incident_id == incident_id, _s.staff_id == staff_id)
        )

    def of_incident(self, incident_id: int) -> list[OnScene]:
        """The whole group, its leader first."""
        found = select(on_scene).where(_s.incident_id == incident_id)
        return self._list(found.order_by(_s.is_leader.desc(), _s.staff_id))

    def get(self, incident_id: int, staff_id: str) -> OnScene | None:
        """One person."""
        found = self._list(select(on_scene).where(_s.incident_id == incident_id, _s.staff_id == staff_id))
        return found[0] if found else None

    def led_by(self, staff_id: str) -> list[int]:
        """The open incidents whose group this person leads, newest first."""
        mine = select(_s.incident_id).join(incidents, incidents.c.id == _s.incident_id)
        wanted = mine.where(_s.staff_id == staff_id, _s.is_leader, incidents.c.ended_at.is_(None))
        return list(self._connection.scalars(wanted.order_by(_s.incident_id.desc())))

    def attended_by(self, staff_id: str) -> list[int]:
        """The open incidents to which this person goes or has come, newest first."""
        mine = select(_s.incident_id).join(incidents, incidents.c.id == _s.incident_id)
        wanted = mine.where(
            _s.staff_id == staff_id,
            _s.state.in_([SceneState.GOING.value, SceneState.ARRIVED.value]),
            incidents.c.ended_at.is_(None),
        )
        return list(self._connection.scalars(wanted.order_by(_s.incident_id.desc())))

    def sent_to(self, staff_id: str) -> list[OnScene]:
        """Where this person was sent and has not declined, of open incidents, newest first."""
        mine = select(on_scene).join(incidents, incidents.c.id == _s.incident_id)
        wanted = mine.where(
            _s.staff_id == staff_id, _s.state != SceneState.CANNOT.value, incidents.c.ended_at.is_(None)
        )
        return self._list(wanted.order_by(_s.incident_id.desc()))

    def _list(self, statement: Select[Any]) -> list[OnScene]:
        return [_one(row) for row in self._connection.execute(statement)]


def _one(row: Row[Any]) -> OnScene:
    return OnScene(row.incident_id, row.staff_id, SceneState(row.state), row.at, row.is_leader)
