"""Alerts from machines, kept once each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, delete, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.incident import Kind, Mode, Severity
from bot.storage.new_id import new_id
from bot.storage.tables import alert_tallies, alerts, webhooks

# A device that never says that something is over must not make its next alarm slow.
UNRESOLVED_READ = 100


_a = alerts.c
_ADD = alerts.insert()
_BY_ID = select(alerts).where(_a.id == bindparam("wanted"))
_OF_THING = select(alerts).where(_a.source == bindparam("of_source"), _a.fingerprint == bindparam("of_thing"))
_STARTED_AT = _OF_THING.where(_a.starts_at == bindparam("started_at"))
_NEWEST_ON = _OF_THING.where(_a.resolved_at.is_(None)).order_by(_a.id.desc()).limit(1)
_HEARD_SINCE = _NEWEST_ON.where(_a.last_at >= bindparam("since")).subquery()
_SAME_OR_HEARD = union_all(_STARTED_AT, select(_HEARD_SINCE))


class AlertStage(StrEnum):
    """What came of an alert."""

    OPENED = "opened"
    JOINED = "joined"
    REVIEW = "review"
    INFORMED = "informed"
    DISMISSED = "dismissed"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """One alert of one source: the same fingerprint and start are the same alert."""

    id: int
    source: str
    fingerprint: str
    starts_at: datetime
    stage: AlertStage
    mode: Mode
    received_at: datetime
    last_at: datetime
    kind: Kind | None = None
    zone: str | None = None
    severity: Severity | None = None
    alarms: int = 1
    resolved_at: datetime | None = None
    incident_id: int | None = None
    leader_id: int | None = None
    """The question that this one came to; the leader's own `alarms` is that of the whole question."""
    content: dict[str, Any] = field(default_factory=dict)


class AlertStore:
    """Kept alerts, and the webhook ids that were accepted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, alert: KeptAlert) -> KeptAlert:
        """Keep a new one; its id is given here."""
        values = {
            "source": alert.source,
            "fingerprint": alert.fingerprint,
            "starts_at": alert.starts_at,
            "mode": alert.mode.value,
            "received_at": alert.received_at,
            **_values(alert),
        }
        return replace(alert, id=new_id(self._connection.execute(_ADD, values)))

    def save(self, alert: KeptAlert) -> None:
        """Write back what may change."""
        self._connection.execute(update(alerts).where(alerts.c.id == alert.id).values(**_values(alert)))

    def get(self, alert_id: int) -> KeptAlert | None:
        """By id."""
        return self._one(_BY_ID, wanted=alert_id)

    def same(self, source: str, fingerprint: str, starts_at: datetime | None) -> KeptAlert | None:
        """The alert with this start; without one, the newest of this fingerprint that is not resolved."""
        if starts_at is None:
            return self._one(_NEWEST_ON, of_source=source, of_thing=fingerprint)
        return self._one(_STARTED_AT, of_source=source, of_thing=fingerprint, started_at=starts_at)

    def same_or_heard(
        self, source: str, fingerprint: str, starts_at: datetime, *, since: datetime
    ) -> tuple[KeptAlert | None, KeptAlert | None]:
        """The alert with this start, and the newest of this thing that is still on and was heard after `since`."""
        keys = {"of_source": source, "of_thing": fingerprint, "started_at": starts_at, "since": since}
        found = [_alert(row) for row in self._connection.execute(_SAME_OR_HEARD, keys)]
        same = next((one for one in found if one.starts_at == starts_at), None)
        return same, next((one for one in found[::-1] if one is not same), None)

    def unresolved(self, source: str, fingerprint: str) -> list[KeptAlert]:
        """All alarms of this thing that are still on."""
        rows = self._connection.execute(
            select(alerts)
            .where(
                alerts.c.source == source, alerts.c.fingerprint == fingerprint, alerts.c.resolved_at.is_(None)
            )
            .order_by(alerts.c.id.desc())
            .limit(UNRESOLVED_READ)
        )
        return [_alert(row) for row in rows][::-1]

    def leader(self, *, kind: Kind | None, zone: str | None, mode: Mode, since: datetime) -> KeptAlert | None:
        """The alert of this zone and kind about which the command centre was asked already."""
        return self._one(
            select(alerts)
            .where(
                alerts.c.state == AlertStage.REVIEW.value,
                alerts.c.leader_id.is_(None),
                alerts.c.resolved_at.is_(None),
                alerts.c.mode == mode.value,
                alerts.c.last_at >= since,
                alerts.c.kind.is_not_distinct_from(kind and kind.value),
                alerts.c.zone.is_not_distinct_from(zone),
            )
            .order_by(alerts.c.id.desc())
            .limit(1)
        )

    def move(self, leader_id: int, *, stage: AlertStage, incident_id: int | None) -> None:
        """Decide a question for its leader and all that followed it."""
        self._connection.execute(
            update(alerts)
            .where((alerts.c.id == leader_id) | (alerts.c.leader_id == leader_id))
            .values(state=stage.value, incident_id=incident_id)
        )

    def of_question(self, leader_id: int) -> list[KeptAlert]:
        """The leader and all that followed it, oldest first."""
        query = select(alerts).where((alerts.c.id == leader_id) | (alerts.c.leader_id == leader_id))
        return [_alert(row) for row in self._connection.execute(query.order_by(alerts.c.id))]

    def count_for(
        self, incident_id: int, source: str, title: str, *, alarms: int = 1, firing: int = 1
    ) -> bool:
        """Add to an incident's tally; whether this source is new to it."""
        is_new = source not in {row[0] for row in self.tally(incident_id)}
        still_on = alert_tallies.c.firing + firing
        statement = insert(alert_tallies).values(
            incident_id=incident_id, source=source, title=title, total=alarms, firing=firing
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["incident_id", "source"],
                set_={
                    "total": alert_tallies.c.total + alarms,
                    "firing": case((still_on > 0, still_on), else_=0),
                },
            )
        )
        return is_new

    def tally(self, incident_id: int) -> list[tuple[str, str, int, int]]:
        """(source, first title, alarms, still on) for the card of an incident."""
        rows = self._connection.execute(
            select(
                alert_tallies.c.source, alert_tallies.c.title, alert_tallies.c.total, alert_tallies.c.firing
            )
            .where(alert_tallies.c.incident_id == incident_id)
            .order_by(alert_tallies.c.source)
        )
        return [(row.source, row.title, row.total, row.firing) for row in rows]

    def accept_webhook(self, source: str, webhook_id: str, receipts: list[int], at: datetime) -> None:
        """Remember the id, and what was answered to it."""
        self._connection.execute(
            insert(webhooks)
            .values(source=source, webhook_id=webhook_id, at=at, receipts=receipts)
            .on_conflict_do_nothing()
        )

    def webhook(self, source: str, webhook_id: str) -> list[int] | None:
        """What was answered to this id before; None: it is new."""
        return self._connection.scalar(
            select(webhooks.c.receipts).where(
                webhooks.c.source == source, webhooks.c.webhook_id == webhook_id
            )
        )

    def forget_webhooks(self, before: datetime) -> None:
        """Their signatures are too old to be accepted again."""
        self._connection.execute(delete(webhooks).where(webhooks.c.at < before))

    def _one(self, statement: Select[Any], **values: Any) -> KeptAlert | None:
        row = self._connection.execute(statement, values).one_or_none()
        return None if row is None else _alert(row)


def _values(alert: KeptAlert) -> dict[str, Any]:
    return {
        "state": alert.stage.value,
        "kind": alert.kind and alert.kind.value,
        "zone": alert.zone,
        "severity": alert.severity and int(alert.severity),
        "alarms": alert.alarms,
        "last_at": alert.last_at,
        "resolved_at": alert.resolved_at,
        "incident_id": alert.incident_id,
        "leader_id": alert.leader_id,
        "content": alert.content,
    }


def _alert(row: Row[Any]) -> KeptAlert:
    return KeptAlert(
        id=row.id,
        source=row.source,
        fingerprint=row.fingerprint,
        starts_at=row.starts_at,
        stage=AlertStage(row.state),
        mode=Mode(row.mode),
        received_at=row.received_at,
        last_at=row.last_at,
        kind=Kind(row.kind) if row.kind else None,
        zone=row.zone,
        severity=Severity(row.severity) if row.severity else None,
        alarms=row.alarms,
        resolved_at=row.resolved_at,
        incident_id=row.incident_id,
        leader_id=row.leader_id,
        content=row.content,
    )
