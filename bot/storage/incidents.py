"""Incidents: numbered within the year, found by id, number or topic."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, text, update

from bot.domain.incident import IN_FORCE, Incident, Kind, Mode, Severity, Status
from bot.domain.response import ResponseAction
from bot.storage.numbering import next_seq
from bot.storage.tables import incidents

_NUMBER = re.compile(r"(\d{4}-)?\d{1,9}", re.ASCII)

# The words of the partial index, and its order: this is asked at every report, however many incidents there were.
_OPEN = (
    select(incidents)
    .where(text("ended_at IS NULL"))
    .order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
)
_BY_ID = select(incidents).where(incidents.c.id == bindparam("wanted"))
_IN_FORCE = _OPEN.where(
    incidents.c.mode == bindparam("of_mode"), incidents.c.status.in_([status.value for status in IN_FORCE])
)
# Those that were held to their end; the words of a partial index.
_DRILLS = (
    select(incidents)
    .where(
        text("mode = 'DRILL'"),
        incidents.c.status.in_([Status.ALL_CLEAR.value, Status.CLOSED.value]),
        incidents.c.suspended_at.is_(None),
    )
    .order_by(incidents.c.id.desc())
    .limit(1)
)


class IncidentStore:
    """Incidents as frozen values; `save` writes back all that can change.

    What was read is remembered until something is written: one turn asks a dozen times for the same incident.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, Incident | None] = {}
        self._in_force: dict[Mode, list[Incident]] = {}

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._in_force.clear()

    def add(self, incident: Incident, *, year: int) -> Incident:
        """Keep a new incident (its id and number are given here): the next number of the school's year."""
        self.forget()
        seq = next_seq(self._connection, incidents, year)
        result = self._connection.execute(
            incidents.insert().values(
                year=year,
                seq=seq,
                reporter_id=incident.reporter_id,
                opened_at=incident.opened_at,
                mode=incident.mode.value,
                **_values(incident),
            )
        )
        (key,) = result.inserted_primary_key or (0,)
        return replace(incident, id=key, number=number_of(year, seq))

    def save(self, incident: Incident) -> None:
        """Write back; the topic and the card belong to the courier and are left alone."""
        self.forget()
        self._connection.execute(
            update(incidents).where(incidents.c.id == incident.id).values(**_values(incident))
        )

    def set_place(self, incident_id: int, *where: Any, **values: Any) -> bool:
        """For the courier: change the topic or the card; whether a row was there that meets `where`."""
        self.forget()
        statement = update(incidents).where(incidents.c.id == incident_id, *where).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def get(self, incident_id: int) -> Incident | None:
        """By id."""
        if incident_id not in self._known:
            row = self._connection.execute(_BY_ID, {"wanted": incident_id}).one_or_none()
            self._known[incident_id] = None if row is None else _incident(row)
        return self._known[incident_id]

    def by_number(self, number: str) -> Incident | None:
        """By `2026-0007`; also `7` or `0007`, which mean the newest year that has it."""
        year, _, seq = number.rpartition("-")
        if not _NUMBER.fullmatch(number):
            return None
        statement = select(incidents).where(incidents.c.seq == int(seq))
        if year:
            statement = statement.where(incidents.c.year == int(year))
        return self._one(statement.order_by(incidents.c.year.desc()).limit(1))

    def by_topic(self, topic_id: int) -> Incident | None:
        """By the command centre's thread id."""
        # A new group counts its threads from the beginning: the newest incident is meant.
        newest = select(incidents).where(incidents.c.topic_id == topic_id).order_by(incidents.c.id.desc())
        return self._one(newest.limit(1))

    def list_open(self) -> list[Incident]:
        """All that are not closed or cancelled, newest first."""
        return [_incident(row) for row in self._connection.execute(_OPEN)]

    def list_in_force(self, mode: Mode) -> list[Incident]:
        """Reported or active ones of one mode, newest first."""
        if mode not in self._in_force:
            rows = self._connection.execute(_IN_FORCE, {"of_mode": mode.value})
            self._in_force[mode] = [_incident(row) for row in rows]
        return list(self._in_force[mode])

    def list_recent(self, limit: int) -> list[Incident]:
        """The newest, whatever their state."""
        rows = self._connection.execute(select(incidents).order_by(incidents.c.id.desc()).limit(limit))
        return [_incident(row) for row in rows]

    def opened_between(self, begin: datetime, end: datetime) -> list[Incident]:
        """Those opened from `begin` up to but not including `end`, oldest first."""
        span = (incidents.c.opened_at >= begin, incidents.c.opened_at < end)
        ordered = select(incidents).where(*span).order_by(incidents.c.opened_at, incidents.c.id)
        return [_incident(row) for row in self._connection.execute(ordered)]

    def last_drill(self) -> Incident | None:
        """The newest drill that was not called off."""
        return self._one(_DRILLS)

    def last_drill_before(self, incident: Incident) -> Incident | None:
        """The same of the incident's kind and before it; a restricted drill is known to restricted incidents only."""
        if incident.kind is None:
            return None
        same = _DRILLS.where(incidents.c.kind == incident.kind.value, incidents.c.id < incident.id)
        return self._one(same if incident.is_restricted else same.where(incidents.c.is_restricted.is_(False)))

    def _one(self, statement: Select[Any]) -> Incident | None:
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _incident(row)


def number_of(year: int, seq: int) -> str:
    """`2026-0007`."""
    return f"{year}-{seq:04d}"


def _values(incident: Incident) -> dict[str, Any]:
    return {
        "status": incident.status.value,
        "severity": int(incident.severity),
        "kind": incident.kind and incident.kind.value,
        "zone": incident.zone,
        "commander_id": incident.commander_id,
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": incident.acknowledged_at,
        "action": incident.action and incident.action.value,
        "action_zones": list(incident.action_zones),
        "action_at": incident.action_at,
        "all_clear_at": incident.all_clear_at,
        "ended_at": incident.ended_at,
        "suspended_at": incident.suspended_at,
        "outcome": incident.outcome,
        "is_restricted": incident.is_restricted,
    }


def _incident(row: Row[Any]) -> Incident:
    opened_at: datetime = row.opened_at
    return Incident(
        id=row.id,
        number=number_of(row.year, row.seq),
        mode=Mode(row.mode),
        status=Status(row.status),
        severity=Severity(row.severity),
        opened_at=opened_at,
        reporter_id=row.reporter_id,
        kind=Kind(row.kind) if row.kind else None,
        zone=row.zone,
        commander_id=row.commander_id,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        action=ResponseAction(row.action) if row.action else None,
        action_zones=tuple(row.action_zones),
        action_at=row.action_at,
        all_clear_at=row.all_clear_at,
        ended_at=row.ended_at,
        suspended_at=row.suspended_at,
        outcome=row.outcome,
        topic_id=row.topic_id,
        card_message_id=row.card_message_id,
        is_restricted=row.is_restricted,
    )
