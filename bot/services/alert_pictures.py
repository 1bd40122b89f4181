"""Pictures that come with alerts: kept in the vault like every other picture of a camera, and shown to nobody.

An alert that becomes part of an incident brings its picture along, which is held, handed over and erased with the
others.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.alert import Alert, AlertState, Picture
from bot.domain.camera import MIN_RETENTION_DAYS
from bot.domain.incident import Incident
from bot.domain.recipe import Faces, Recipe
from bot.domain.snapshot import Part, Snapshot, expiry
from bot.errors import DevelopingError, StorageBusyError
from bot.ports import Developer
from bot.services import snapshots
from bot.services.turn import Turn, Turns
from bot.storage.alerts import KeptAlert
from bot.storage.transaction import Transaction
from bot.storage.vault import Label, Vault

PARAMETER: Final = "snapshot"
"""Of an alert, and in what is kept of it: the number of its picture."""
THE_SAME_WITHIN: Final = timedelta(hours=1)
"""A post that is tried again brings the same bytes, which are kept once."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """What is to be written after the commit."""

    label: Label
    wrapped_key: bytes
    data: bytes


class AlertPictures:
    """Between the door and the vault; `vault` is asked only once Muster has started."""

    def __init__(self, turns: Turns, developer: Developer, vault: Callable[[], Vault]) -> None:
        self._turns = turns
        self._developer = developer
        self._vault = vault
        self._keeping = asyncio.Lock()

    async def keep(self, source: str, alerts: list[Alert]) -> list[Alert]:
        """The alerts with a number in the place of each picture: an inbox row stays small.

        First rows and keys, then the files, then the alerts: no file is ever without its end. Only of what is new: a
        camera posts its event, with another picture, every second while it lasts. StorageError: send it again; but
        when the disk budget is spent, or masks cannot be painted, an alert is worth more than its picture.
        """
        alerts = [await self._masked(source, alert) for alert in alerts]
        hashes = await asyncio.to_thread(lambda: [_sha256(alert) for alert in alerts])
        named, files = await self._turns.database.write(
            self._note, source, list(zip(alerts, hashes, strict=True)), self._turns.clock()
        )
        async with self._keeping:
            for file in files:
                await self._write(file)
        return named

    async def _masked(self, source: str, alert: Alert) -> Alert:
        """Only what the camera's masks leave is kept (Order 799 art. 8)."""
        camera = self._turns.school.cameras.get(alert.camera or "")
        if alert.picture is None or camera is None or not camera.masks:
            return alert
        if not await self._turns.database.read(_is_wanted, source, alert, self._turns.clock()):
            return replace(alert, picture=None)
        try:
            data = await self._developer.develop(alert.picture.data, Recipe(camera.masks, Faces.SHOWN))
        except DevelopingError as error:
            _log.error("picture_not_kept", camera=camera.id, error=str(error))
            dropped = {**alert.parameters, "picture_dropped": "not_masked"}
            return replace(alert, picture=None, parameters=dropped)
        return replace(alert, picture=Picture.of(data))

    async def _write(self, file: _File) -> None:
        try:
            await asyncio.to_thread(self._vault().keep, file.label, file.wrapped_key, file.data)
        except StorageBusyError as error:
            if not (await asyncio.to_thread(self._vault().usage)).is_over:
                raise
            _log.error("picture_not_kept", snapshot=file.label.snapshot_id, error=str(error))

    def _note(
        self, tx: Transaction, source: str, alerts: list[tuple[Alert, str]], now: datetime
    ) -> tuple[list[Alert], list[_File]]:
        named, files = [], []
        for alert, sha256 in alerts:
            bare = replace(alert, picture=None)
            if _is_wanted(tx, source, alert, now):
                file = self._row(tx, source, alert, sha256, now)
                bare = replace(bare, parameters={**bare.parameters, PARAMETER: str(file.label.snapshot_id)})
                files.append(file)
            named.append(bare)
        return named, files

    def _row(self, tx: Transaction, source: str, alert: Alert, sha256: str, now: datetime) -> _File:
        data = alert.picture.data if alert.picture else b""
        camera = self._turns.school.cameras.get(alert.camera or "")
        camera_id = camera.id if camera else source
        kept = tx.snapshots.same(camera_id, sha256, now - THE_SAME_WITHIN)
        key = tx.snapshots.key(kept.id, Part.ORIGINAL) if kept else None
        if kept is None or key is None:
            fresh = Snapshot(
                id=0,
                camera_id=camera_id,
                captured_at=now,
                kept_at=now,
                original_sha256=sha256,
                original_size=len(data),
                expires_at=expiry(now, camera.retention_days if camera else MIN_RETENTION_DAYS),
            )
            kept, keys = snapshots.keep(tx, fresh, self._make_key, by=source)
            key = keys[Part.ORIGINAL]
        return _File(Label.of(kept, Part.ORIGINAL), key, data)

    def _make_key(self, snapshot: Snapshot, part: Part) -> bytes:
        return self._vault().make_key(Label.of(snapshot, part))


def bring_pictures(turn: Turn, incident: Incident, alerts: Iterable[KeptAlert]) -> None:
    """What came with these alerts belongs to the incident from now on."""
    for alert in alerts:
        if number := alert.content.get(PARAMETER):
            turn.tx.snapshots.put_into(incident.id, int(number))


def _sha256(alert: Alert) -> str:
    return hashlib.sha256(alert.picture.data).hexdigest() if alert.picture else ""


def _is_wanted(tx: Transaction, source: str, alert: Alert, now: datetime) -> bool:
    """Nothing is kept of repeats, of what is over, or of a source that floods."""
    if alert.picture is None or alert.state is not AlertState.FIRING or tx.sources.get(source).is_muted(now):
        return False
    return tx.alerts.same(source, alert.fingerprint, alert.starts_at) is None
