"""What waits for a moment that was counted from now, moved along when now is set back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, type_coerce, update

from bot.domain.message import DeliveryState
from bot.domain.task import OVER
from bot.storage.tables import (
    alerts,
    camera_health,
    camera_looks,
    deadlines,
    deliveries,
    due_reports,
    inbox,
    tasks,
)

_MICROSECOND = timedelta(microseconds=1)
# Which rows are still open, and their moments: when they fall due, and since when they wait.
# The warnings of a report lie between its start and when it is due.
_WAITING: Final[tuple[tuple[ColumnElement[bool], tuple[Column[Any], ...]], ...]] = (
    (deadlines.c.due_at.is_not(None), (deadlines.c.due_at,)),
    (tasks.c.state.not_in(sorted(OVER)), (tasks.c.due_at, tasks.c.look_at)),
    (
        due_reports.c.sent_at.is_(None),
        (due_reports.c.started_at, due_reports.c.due_at, due_reports.c.look_at),
    ),
    (camera_health.c.notice_due_at.is_not(None), (camera_health.c.notice_due_at,)),
    (alerts.c.resolved_at.is_(None), (alerts.c.last_at,)),
    (camera_looks.c.next_at.is_not(None), (camera_looks.c.next_at, camera_looks.c.watch_until)),
    (
        deliveries.c.state == DeliveryState.QUEUED.value,
        (deliveries.c.created_at, deliveries.c.due_at, deliveries.c.retry_at),
    ),
    (inbox.c.state == "new", (inbox.c.received_at, inbox.c.retry_at)),
)


def move_waiting(connection: Connection, by: timedelta) -> dict[str, int]:
    """All of it so much earlier; how many rows of each table.

    What was agreed by the clock on the wall stays: announcements, planned drills, corrective actions, digests.
    """
    moved = {}
    for is_open, columns in _WAITING:
        table = columns[0].table
        earlier = {column.name: type_coerce(column, BigInteger) - by // _MICROSECOND for column in columns}
        moved[table.name] = connection.execute(update(table).where(is_open).values(earlier)).rowcount
    return moved
