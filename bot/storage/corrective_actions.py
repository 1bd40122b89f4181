"""Corrective actions, until they are done and after."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, text, update

from bot.domain.corrective import CorrectiveAction
from bot.storage.new_id import new_id
from bot.storage.tables import corrective_actions

_c = corrective_actions.c


class CorrectiveActionStore:
    """Add, save, find."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: CorrectiveAction) -> CorrectiveAction:
        """Keep a new one; its id is given here."""
        values = asdict(action)
        del values["id"]
        return replace(action, id=new_id(self._connection.execute(corrective_actions.insert(), values)))

    def save(self, action: CorrectiveAction) -> None:
        """Write back."""
        self._connection.execute(update(corrective_actions).where(_c.id == action.id).values(asdict(action)))

    def get(self, action_id: int) -> CorrectiveAction | None:
        """By id."""
        found = self._list(select(corrective_actions).where(_c.id == action_id))
        return found[0] if found else None

    def of_incident(self, incident_id: int) -> list[CorrectiveAction]:
        """Those that came of an incident."""
        return self._list(select(corrective_actions).where(_c.incident_id == incident_id).order_by(_c.id))

    def open(self) -> list[CorrectiveAction]:
        """All that are not done, the earliest due first."""
        return self._list(
            select(corrective_actions).where(text("done_at IS NULL")).order_by(_c.due_on, _c.id)
        )

    def done_between(self, begin: datetime, end: datetime) -> list[CorrectiveAction]:
        """Those that were done in that time."""
        return self._list(
            select(corrective_actions).where(_c.done_at >= begin, _c.done_at < end).order_by(_c.id)
        )

    def to_remind(self, now: datetime) -> list[CorrectiveAction]:
        """Whose owner is to be reminded."""
        wanted = select(corrective_actions).where(_c.remind_at <= now, text("done_at IS NULL"))
        return self._list(wanted.order_by(_c.id))

    def _list(self, statement: Select[Any]) -> list[CorrectiveAction]:
        return [_action(row) for row in self._connection.execute(statement)]


def _action(row: Row[Any]) -> CorrectiveAction:
    return CorrectiveAction(**row._asdict())
