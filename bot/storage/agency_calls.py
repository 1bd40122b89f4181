"""Calls outside, as people say that they made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.agency import AgencyCall, CallState
from bot.storage.tables import agency_calls

_c = agency_calls.c


class AgencyCallStore:
    """At most one an incident and agency."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, incident_id: int, agency_id: str, *, by: str | None, at: datetime) -> AgencyCall:
        """The call that somebody is to make; the one that there is already, if there is one."""
        values = {
            "incident_id": incident_id,
            "agency_id": agency_id,
            "state": CallState.ASKED.value,
            "asked_by": by,
            "asked_at": at,
        }
        self._connection.execute(insert(agency_calls).on_conflict_do_nothing(), values)
        mine = select(agency_calls).where(_c.incident_id == incident_id, _c.agency_id == agency_id)
        return self._list(mine)[0]

    def save(self, call: AgencyCall, **changes: Any) -> AgencyCall:
        """Write back what people say of it."""
        call = replace(call, **changes)
        values = {
            "state": call.state.value,
            "called_by": call.called_by,
            "called_at": call.called_at,
            "answer": call.answer,
        }
        self._connection.execute(update(agency_calls).where(_c.id == call.id).values(**values))
        return call

    def get(self, call_id: int) -> AgencyCall | None:
        """By id."""
        found = self._list(select(agency_calls).where(_c.id == call_id))
        return found[0] if found else None

    def of_incident(self, incident_id: int) -> list[AgencyCall]:
        """All of an incident, in the order in which they were asked for."""
        return self._list(select(agency_calls).where(_c.incident_id == incident_id).order_by(_c.id))

    def _list(self, statement: Select[Any]) -> list[AgencyCall]:
        return [_call(row) for row in self._connection.execute(statement)]


def _call(row: Row[Any]) -> AgencyCall:
    return AgencyCall(
        id=row.id,
        incident_id=row.incident_id,
        agency_id=row.agency_id,
        state=CallState(row.state),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        called_by=row.called_by,
        called_at=row.called_at,
        answer=row.answer,
    )
