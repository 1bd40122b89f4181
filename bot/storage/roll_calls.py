"""Roll calls, and what members of staff say about themselves in one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, text, update

from bot.domain.incident import Mode
from bot.domain.response import ResponseAction
from bot.domain.roll_call import CheckIn, CheckInState, RollCall
from bot.storage.new_id import is_new, new_id
from bot.storage.tables import check_ins, page_marks, roll_calls

ROLL_CALL = "roll_call"

_RUNNING = (
    select(roll_calls)
    .where(text("closed_at IS NULL"), roll_calls.c.mode == bindparam("of_mode"))
    .order_by(roll_calls.c.id.desc())
    .limit(1)
)
_ALL_RUNNING = select(roll_calls).where(text("closed_at IS NULL")).order_by(roll_calls.c.id.desc())
# SQLite takes 32,766 parameters; far fewer are as fast.
_PORTION = 500
_BY_ID = select(roll_calls).where(roll_calls.c.id == bindparam("wanted"))

_LAST_WORD = (
    select(check_ins)
    .where(check_ins.c.roll_call_id == bindparam("in_call"), check_ins.c.staff_id == bindparam("of"))
    .order_by(check_ins.c.id.desc())
    .limit(1)
)


class RollCallStore:
    """At most one runs in a mode. `touched` wakes the pages after the commit."""

    def __init__(self, connection: Connection, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched

    def add(self, incident_id: int, mode: Mode, action: ResponseAction, at: datetime) -> RollCall:
        """Begin one."""
        self._touched.add(ROLL_CALL)
        values = {"incident_id": incident_id, "mode": mode.value, "action": action.value, "opened_at": at}
        result = self._connection.execute(roll_calls.insert(), values)
        return RollCall(new_id(result), incident_id, mode, action, at)

    def save(self, roll_call_id: int, **values: Any) -> None:
        """Change columns of one."""
        self._touched.add(ROLL_CALL)
        statement = update(roll_calls).where(roll_calls.c.id == roll_call_id).values(**values)
        self._connection.execute(statement)

    def get(self, roll_call_id: int) -> RollCall | None:
        """By id."""
        row = self._connection.execute(_BY_ID, {"wanted": roll_call_id}).one_or_none()
        return None if row is None else _roll_call(row)

    def running(self, mode: Mode) -> RollCall | None:
        """The one that runs in this mode."""
        row = self._connection.execute(_RUNNING, {"of_mode": mode.value}).one_or_none()
        return None if row is None else _roll_call(row)

    def list_running(self) -> list[RollCall]:
        """All that run, newest first."""
        return self._list(_ALL_RUNNING)

    def of_incident(self, incident_id: int) -> RollCall | None:
        """The newest of an incident, running or not."""
        newest = select(roll_calls).where(roll_calls.c.incident_id == incident_id)
        found = self._list(newest.order_by(roll_calls.c.id.desc()).limit(1))
        return found[0] if found else None

    def results_of(self, incident_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Incident id → the figures of its roll call, for those that were counted to the end."""
        found: dict[int, dict[str, Any]] = {}
        ids = sorted(incident_ids)
        for at in range(0, len(ids), _PORTION):
            wanted = roll_calls.c.incident_id.in_(ids[at : at + _PORTION])
            rows = self._connection.execute(
                select(roll_calls.c.incident_id, roll_calls.c.result).where(wanted).order_by(roll_calls.c.id)
            )
            found |= {row.incident_id: row.result for row in rows if row.result}
        return found

    def purgeable(self, closed_before: datetime) -> list[RollCall]:
        """Those whose personal statuses nobody holds and whose time is over."""
        return self._list(
            select(roll_calls).where(
                roll_calls.c.closed_at < closed_before,
                roll_calls.c.purged_at.is_(None),
                roll_calls.c.held_at.is_(None),
            )
        )

    # ── members of staff ───────────────────────────────────────────────────────────────────────────────────
    def check_in(self, roll_call_id: int, check_in: CheckIn) -> None:
        """Add one person's word; the earlier ones stay on record."""
        self._touched.add(ROLL_CALL)
        values = {
            "roll_call_id": roll_call_id,
            "staff_id": check_in.staff_id,
            "state": check_in.state.value,
            "words": check_in.words,
            "at": check_in.at,
        }
        self._connection.execute(check_ins.insert(), values)

    def check_ins(self, roll_call_id: int) -> dict[str, CheckIn]:
        """Each person's last word."""
        rows = self._connection.execute(
            select(check_ins).where(check_ins.c.roll_call_id == roll_call_id).order_by(check_ins.c.id)
        )
        return {r.staff_id: CheckIn(r.staff_id, CheckInState(r.state), r.at, r.words) for r in rows}

    def check_in_of(self, roll_call_id: int, staff_id: str) -> CheckIn | None:
        """One person's last word."""
        values = {"in_call": roll_call_id, "of": staff_id}
        row = self._connection.execute(_LAST_WORD, values).one_or_none()
        return None if row is None else CheckIn(staff_id, CheckInState(row.state), row.at, row.words)

    # ── what a page sent ───────────────────────────────────────────────────────────────────────────────────
    def is_new_mark(self, roll_call_id: int, mark_id: str, at: datetime) -> bool:
        """Whether this mark of a list page comes for the first time; it does not come twice."""
        values = {"roll_call_id": roll_call_id, "mark_id": mark_id, "at": at}
        return is_new(self._connection, page_marks, values)

    def forget(self, roll_call_ids: Collection[int]) -> None:
        """Erase what people said about themselves."""
        for table in (check_ins, page_marks):
            self._connection.execute(table.delete().where(table.c.roll_call_id.in_(roll_call_ids)))

    def _list(self, statement: Select[Any]) -> list[RollCall]:
        return [_roll_call(row) for row in self._connection.execute(statement)]


def _roll_call(row: Row[Any]) -> RollCall:
    return RollCall(
        id=row.id,
        incident_id=row.incident_id,
        mode=Mode(row.mode),
        action=ResponseAction(row.action),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        result=row.result,
        purged_at=row.purged_at,
        held_at=row.held_at,
        held_by=row.held_by,
        held_reason=row.held_reason,
        recount_from=row.recount_from,
        recount_after=row.recount_after,
    )
