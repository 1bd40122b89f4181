"""The door's part of an alert: stored in the inbox before anybody is told that it was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_rule import SourcePolicy
from bot.services.alerting import beat, repeat_alert
from bot.services.turn import Turn, Turns
from bot.storage.inbox import payload_of
from bot.storage.transaction import Transaction

# Standard Webhooks: a signature holds for five minutes either way; its id is kept twice as long.
WEBHOOK_KEPT = timedelta(minutes=15)
# A heartbeat moves "last seen" no more often than this: proofs of life must not wear the disk.
BEAT_NOTED_EVERY = timedelta(seconds=10)
PICTURE_KEPT = timedelta(days=30)

SOURCE_PREFIX = "alert:"


class Pictures(Protocol):
    """Where pictures lie; `bot.storage.pictures.PictureFolder`."""

    def keep(self, data: bytes) -> str:
        """Write it durably; its SHA-256."""

    def erase(self, sha256: str) -> None:
        """Remove the file."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: the ids of its alerts, and whether any of them is new."""

    ids: tuple[int, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """`GET /alerts/{id}`: what came of one alert; `incident` is its number, if it has one."""

    source: str
    state: str
    incident: str | None


class ReceivingService:
    """Accept alerts, and tell what came of them."""

    def __init__(self, turns: Turns, policies: Mapping[str, SourcePolicy], pictures: Pictures) -> None:
        self._turns = turns
        self._policies = policies
        self._pictures = pictures

    async def receive(self, source: str, alerts: list[Alert], webhook_id: str | None = None) -> Receipt:
        """Store what is new and count what repeats, in one transaction. StorageError: nothing was kept."""
        kept = [(self._without_picture(alert), alert.picture) for alert in alerts]
        flood = self._policies[source].flood_per_minute

        def whole(tx: Transaction) -> Receipt:
            if webhook_id is not None:
                known = tx.alerts.webhook(source, webhook_id)
                if known is not None:
                    return Receipt(tuple(known), is_new=False)
            turn = Turn(tx, self._turns.school, self._turns.clock())
            ids = [_store(turn, source, alert, flood) for alert, _ in kept]
            for alert, picture in kept:
                if picture is not None:
                    _keep_picture(turn, alert, picture.content_type, len(picture.data))
            turn.finish()
            found = tuple(key for key, _ in ids if key)
            if webhook_id is not None:
                tx.alerts.accept_webhook(source, webhook_id, list(found), turn.now)
            return Receipt(found, is_new=any(is_new for _, is_new in ids) or not ids)

        return await self._turns.database.write(whole)

    def _without_picture(self, alert: Alert) -> Alert:
        """The picture goes to its folder, its hash into the alert: an inbox row stays small."""
        if alert.picture is None:
            return alert
        sha256 = self._pictures.keep(alert.picture.data)
        return replace(alert, picture=None, parameters={**alert.parameters, "picture_sha256": sha256})

    async def purge(self) -> None:
        """Forget old webhook ids, and erase pictures whose time is over: first the file, then the mark."""
        now = self._turns.clock()
        await self._turns.database.write(lambda tx: tx.alerts.forget_webhooks(now - WEBHOOK_KEPT))
        expired = await self._turns.database.read(lambda tx: tx.pictures.expired(now))
        for sha256 in expired:
            self._pictures.erase(sha256)
        await self._turns.database.write(_mark_erased, expired, now)

    async def lookup(self, alert_id: int) -> AlertStatus | None:
        """What came of the alert with this id; None when there is none (any more)."""
        return await self._turns.database.read(_lookup, alert_id)


def _store(turn: Turn, source: str, alert: Alert, flood: int) -> tuple[int, bool]:
    """(inbox id, is new). A heartbeat has no id: it only proves life."""
    if alert.nature is Nature.HEARTBEAT:
        _beat(turn, source)
        return 0, False
    tx = turn.tx
    known = tx.alerts.same(source, alert.fingerprint, alert.starts_at)
    key = _key(alert, turn.now if known is None or known.resolved_at else known.starts_at)
    name = SOURCE_PREFIX + source
    params = payload_of(alert.to_params())
    new = tx.inbox.add_many(name, [(key, name, params)], turn.now)
    if new:
        return new[0], True
    if known is not None and alert.state is AlertState.FIRING:
        repeat_alert(turn, known, flood)
    return tx.inbox.id_of(name, key) or 0, False


def _key(alert: Alert, without_clock: datetime) -> str:
    """What makes an alert the same again: fingerprint, start and state. A device without a clock: while it fires."""
    start = alert.starts_at or without_clock
    return f"{alert.state.value[0]}:{start.timestamp():.6f}:{alert.fingerprint}"[:128]


def _beat(turn: Turn, source: str) -> None:
    state = turn.tx.sources.get(source)
    is_due = state.last_seen_at is None or turn.now - state.last_seen_at >= BEAT_NOTED_EVERY
    if is_due or state.silent_since is not None:
        beat(turn, source)


def _keep_picture(turn: Turn, alert: Alert, content_type: str, size: int) -> None:
    turn.tx.pictures.add(
        alert.parameters["picture_sha256"],
        source=alert.source,
        content_type=content_type,
        size=size,
        received_at=turn.now,
        expires_at=turn.now + PICTURE_KEPT,
    )


def _mark_erased(tx: Transaction, expired: list[str], now: datetime) -> None:
    for sha256 in expired:
        tx.pictures.mark_erased(sha256, now)


def _lookup(tx: Transaction, alert_id: int) -> AlertStatus | None:
    item = tx.inbox.get(alert_id)
    if item is None or not item.source.startswith(SOURCE_PREFIX):
        return None
    source = item.source.removeprefix(SOURCE_PREFIX)
    params: dict[str, Any] = item.data()
    alert = Alert.from_params(params)
    kept = tx.alerts.same(source, alert.fingerprint, alert.starts_at or item.received_at)
    if kept is None:
        return AlertStatus(source, tx.inbox.state_of(alert_id), None)
    incident = tx.incidents.get(kept.incident_id) if kept.incident_id else None
    state = "resolved" if kept.resolved_at else kept.stage.value
    return AlertStatus(source, state, incident.number if incident else None)
