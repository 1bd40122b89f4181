"""The door's part of an alert: stored before anybody is told that it was accepted, and in calm times decided with it.

One alert that comes alone is stored and decided in one commit. When many come together, or something of its source
still waits, it is only stored: the inbox workers decide, in order, and accepting stays fast.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_rule import SourcePolicy
from bot.errors import StorageError
from bot.services.alerting import AlertService, Taken, repeat_alert, rings_on
from bot.services.sourcing import beat
from bot.services.turn import Turn, Turns
from bot.storage.inbox import payload_of
from bot.storage.transaction import Transaction

# Standard Webhooks: a signature holds for five minutes either way; its id is kept twice as long.
WEBHOOK_KEPT = timedelta(minutes=15)
# A heartbeat moves "last seen" no more often than this: proofs of life must not wear the disk.
BEAT_NOTED_EVERY = timedelta(seconds=10)

# Counters moved in one transaction; everybody else's next one waits for it, about 2 ms for each.
COUNTED_TOGETHER = 20

SOURCE_PREFIX = "alert:"
# As the inbox column has it.
KEY_LENGTH = 128

_log = structlog.get_logger(__name__)


class Pictures(Protocol):
    """Where pictures go; `bot.services.alert_pictures.AlertPictures`."""

    async def keep(self, source: str, alerts: list[Alert]) -> list[Alert]:
        """Keep what is new; the alerts without pictures."""


class Folder(Protocol):
    """Where pictures lay once; `bot.storage.pictures.PictureFolder`."""

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

    def __init__(
        self,
        turns: Turns,
        alerting: AlertService,
        policies: Mapping[str, SourcePolicy],
        pictures: Pictures,
        folder: Folder,
    ) -> None:
        self._turns = turns
        self._alerting = alerting
        self._policies = policies
        self._pictures = pictures
        self._folder = folder

    async def receive(self, source: str, alerts: list[Alert], webhook_id: str | None = None) -> Receipt:
        """Store what is new in one transaction, then count what repeats. StorageError: nothing was kept."""
        kept = await self._pictures.keep(source, alerts) if any(a.picture for a in alerts) else alerts
        is_alone = len(kept) == 1 and self._turns.database.is_calm
        try:
            receipt, repeats = await self._write(source, kept, webhook_id, may_decide=is_alone)
        except StorageError:
            raise
        except Exception:
            if not is_alone:
                raise
            _log.exception("alert_not_decided_at_the_door", source=source)
            receipt, repeats = await self._write(source, kept, webhook_id, may_decide=False)
        await self._count(source, repeats)
        return receipt

    async def _write(
        self, source: str, alerts: list[Alert], webhook_id: str | None, *, may_decide: bool
    ) -> tuple[Receipt, list[int]]:
        """The receipt, and the kept alerts that were posted again."""

        def whole(tx: Transaction) -> tuple[Receipt, list[int]]:
            if webhook_id is not None:
                known = tx.alerts.webhook(source, webhook_id)
                if known is not None:
                    return Receipt(tuple(known), is_new=False), []
            turn = Turn(tx, self._turns.school, self._turns.clock())
            is_next = may_decide and not tx.inbox.has_waiting(SOURCE_PREFIX + source)
            decide = self._alerting.decide if is_next else None
            stored = [_store(turn, source, alert, decide) for alert in alerts]
            turn.finish()
            found = tuple(one.id for one in stored if one.id)
            if webhook_id is not None:
                tx.alerts.accept_webhook(source, webhook_id, list(found), turn.now)
            is_new = any(one.is_new for one in stored) or not stored
            return Receipt(found, is_new=is_new), [one.repeats for one in stored if one.repeats]

        return await self._turns.database.write(whole)

    async def _count(self, source: str, repeats: list[int]) -> None:
        """A few at a time: an SOS does not wait for the counters of a thousand alerts.

        They hold nothing but counts.
        """
        flood = self._policies[source].flood_per_minute
        try:
            for start in range(0, len(repeats), COUNTED_TOGETHER):
                part = repeats[start : start + COUNTED_TOGETHER]
                await self._turns.tick(partial(_repeat_all, alert_ids=part, flood=flood))
        except StorageError as error:
            _log.warning("alert_repeats_not_counted", source=source, error=str(error))

    async def purge(self) -> None:
        """Forget old webhook ids, and erase pictures from before the vault: first the file, then the mark."""
        now = self._turns.clock()
        await self._turns.database.write(lambda tx: tx.alerts.forget_webhooks(now - WEBHOOK_KEPT))
        expired = await self._turns.database.read(lambda tx: tx.pictures.expired(now))
        for sha256 in expired:
            await asyncio.to_thread(self._folder.erase, sha256)
        await self._turns.database.write(_mark_erased, expired, now)

    async def lookup(self, alert_id: int) -> AlertStatus | None:
        """What came of the alert with this id; None when there is none (any more)."""
        return await self._turns.database.read(_lookup, alert_id)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One alert's inbox id (a heartbeat has none), whether it is new, and the kept alert that it repeats."""

    id: int = 0
    is_new: bool = False
    repeats: int = 0


def _store(turn: Turn, source: str, alert: Alert, decide: Callable[[Turn, Taken], None] | None) -> _Stored:
    """`decide`: with it what is new has its effect at once; without, it waits in the inbox."""
    if alert.nature is Nature.HEARTBEAT:
        _beat(turn, source)
        return _Stored()
    tx = turn.tx
    # What tells its start is known by it: what is new then costs no look at what is kept.
    known = None
    if alert.starts_at is None and alert.state is AlertState.FIRING:
        known = rings_on(turn, source, alert.fingerprint)
    elif alert.starts_at is None:
        known = tx.alerts.same(source, alert.fingerprint, None)
    key = _key(alert, turn.now if known is None or known.resolved_at else known.starts_at)
    name = SOURCE_PREFIX + source
    row = (key, name, payload_of(alert.to_params()))
    new = tx.inbox.add(name, row, turn.now, is_done=decide is not None)
    if new is not None:
        if decide is not None:
            decide(turn, Taken((name, key), alert, turn.now))
        return _Stored(new, is_new=True)
    known = known or tx.alerts.same(source, alert.fingerprint, alert.starts_at)
    is_repeat = known is not None and alert.state is AlertState.FIRING
    return _Stored(tx.inbox.id_of(name, key) or 0, repeats=known.id if known and is_repeat else 0)


def _repeat_all(turn: Turn, *, alert_ids: list[int], flood: int) -> None:
    for alert_id in alert_ids:
        known = turn.tx.alerts.get(alert_id)
        if known is not None:
            repeat_alert(turn, known, flood)


def _key(alert: Alert, without_clock: datetime) -> str:
    """What makes an alert the same again: fingerprint, start and state. A device without a clock: while it fires."""
    start = alert.starts_at or without_clock
    key = f"{alert.state.value[0]}:{start.timestamp():.6f}:{alert.fingerprint}"
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()


def _beat(turn: Turn, source: str) -> None:
    state = turn.tx.sources.get(source)
    seen_at = state.last_seen_at
    # One in the future was noted by a clock that was ahead.
    is_due = seen_at is None or turn.now < seen_at or turn.now - seen_at >= BEAT_NOTED_EVERY
    if is_due or state.silent_since is not None:
        beat(turn, source)


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
    start = alert.starts_at or item.received_at
    kept = tx.alerts.same(source, alert.fingerprint, start) or tx.alerts.same(source, alert.fingerprint, None)
    if kept is None:
        return AlertStatus(source, tx.inbox.state_of(alert_id), None)
    incident = tx.incidents.get(kept.incident_id) if kept.incident_id else None
    state = "resolved" if kept.resolved_at else kept.stage.value
    return AlertStatus(source, state, incident.number if incident else None)
