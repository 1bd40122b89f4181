"""`muster doctor`: how a running Muster is, from its own pages and its database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from bot.config import Settings
from bot.domain.message import Lane
from bot.errors import StorageError
from bot.findings import (
    ANSWER_WITHIN_S,
    Finding,
    all_of,
    certificate_finding,
    clock_finding,
    good,
    hint,
    wrong,
)
from bot.online_check import FREE_BYTES
from bot.services.backing_up import BACKUP_FACT
from bot.services.drill_calendar import SINCE_FACT
from bot.storage.database import Database
from bot.storage.transaction import Transaction

# How long the oldest message that could go may wait before it is told.
_LANE_HINT_S: Final = {Lane.ALARM: 10.0, Lane.COMMAND: 30.0}
_LANE_USUAL_S: Final = 180.0
_INBOX_HINT_S: Final = 30.0
_BACKUP_WITHIN: Final = timedelta(days=8)
_TRAINING_HINT: Final = timedelta(days=30)


class Doctor:
    """`run` asks everything and changes nothing."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock

    async def run(self) -> list[Finding]:
        """What a person on call wants to know first, first."""
        if (unreadable := await asyncio.to_thread(self._unreadable)) is not None:
            return [*await all_of({"Muster": self._running, "clock": self._time}), unreadable]
        return await all_of(
            {
                "Muster": self._running,
                "messages": self._outbox,
                "inbox": self._inbox,
                "database": self._storage,
                "alert sources": self._sources,
                "cameras": self._cameras,
                "clock": self._time,
                "certificates": self._certificates,
                "backup": self._backup,
            }
        )

    def _unreadable(self) -> Finding | None:
        """Asked first: whoever looks into a database that was never made leaves an empty one behind."""
        database = self._database
        try:
            if not database.exists():
                told = f"there is none at {database}; muster roster import or muster run makes it"
                return wrong("database", told)
            database.require_known()
            if not database.is_current():
                told = f"{database} is of an older version; muster run brings it up to date"
                return wrong("database", told)
        except StorageError as error:
            return wrong("database", str(error))
        return None

    async def _running(self) -> list[Finding]:
        web = self._settings.web
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)  # noqa: S104 - where to ask, not to listen  # nosec B104
        url = f"http://[{host}]:{web.port}" if ":" in host else f"http://{host}:{web.port}"
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)) as session:
                async with session.get(f"{url}/readyz") as answer:
                    ready = await answer.json()
                async with session.get(f"{url}/metrics") as answer:
                    metrics = await answer.text()
        except aiohttp.ClientConnectionError:
            return [wrong("Muster", f"does not run: nobody listens at {web.listen}")]
        found = [wrong("Muster", reason) for reason in ready["reasons"]]
        found += [hint("Muster", warning) for warning in ready["warnings"]]
        age = _gauge(metrics, "muster_intake_age_seconds")
        told = "" if age is None else f"; Telegram was last heard {age:.0f} s ago"
        return found or [good("Muster", f"runs and can do its work{told}")]

    async def _outbox(self) -> list[Finding]:
        counts = await self._read(lambda tx: tx.outbox.counts(self._clock()))
        found = []
        for count in counts:
            age = (self._clock() - count.oldest_at).total_seconds() if count.oldest_at else 0.0
            told = f"{count.queued} wait in {count.lane.name}, the oldest for {max(age, 0):.0f} s"
            is_late = age > _LANE_HINT_S.get(count.lane, _LANE_USUAL_S)
            found.append(wrong("messages", told) if is_late else good("messages", told))
        return found or [good("messages", "none waits")]

    async def _inbox(self) -> list[Finding]:
        counts = await self._read(lambda tx: tx.inbox.counts())
        found = []
        if counts.dead:
            told = f"{counts.dead} dead letters: somebody's message or an alert had no effect; see the log"
            found.append(
                hint("inbox", told)
            )  # nothing is mended by trying again, and it stands here for days
        age = (self._clock() - counts.oldest_at).total_seconds() if counts.oldest_at else 0.0
        if age > _INBOX_HINT_S:
            found.append(wrong("inbox", f"{counts.new} updates wait, the oldest for {age:.0f} s"))
        return found or [good("inbox", "nothing waits, no dead letters")]

    async def _storage(self) -> list[Finding]:
        broken, (rows, _) = await self._read(lambda tx: (tx.audit.first_broken(), tx.audit.head()))
        # Before the first start there is no folder yet; it will be on the same disk as the settings.
        folder = self._settings.data_folder
        free = shutil.disk_usage(folder if folder.exists() else self._settings.folder).free
        chain = (
            good("audit log", f"{rows} rows, the chain is unbroken")
            if broken is None
            else wrong("audit log", f"broken at row {broken}: it was changed")
        )
        told = f"{self._database} answers; {free / 1e9:.1f} GB free on the disk"
        return [good("database", told) if free > FREE_BYTES else wrong("disk", told), chain]

    async def _sources(self) -> list[Finding]:
        names = [entry.id for entry in self._settings.alert_sources]
        states = await self._read(lambda tx: {name: tx.sources.get(name) for name in names})
        return [_source(name, states[name], self._clock()) for name in names]

    async def _cameras(self) -> list[Finding]:
        known = {one.camera_id: one for one in await self._read(lambda tx: tx.camera_health.list_all())}
        found = []
        for camera in self._settings.cameras:
            health = known.get(camera.id)
            if health is None:
                found.append(hint("camera", f"{camera.id}: was not looked at yet"))
                continue
            told = f"{camera.id}: {health.state} since {health.since:%Y-%m-%d %H:%M} UTC"
            found.append(good("camera", told) if health.state == "ok" else hint("camera", told))
        return found

    async def _time(self) -> list[Finding]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)) as session:
            proxy = self._settings.telegram.proxy
            how: dict[str, Any] = {"proxy": proxy} if proxy.startswith("http") else {}
            async with session.head(self._settings.telegram.api_url, **how) as answer:
                return [clock_finding(answer.headers.get("Date"))]

    async def _certificates(self) -> list[Finding]:
        found = [await certificate_finding(self._settings.web.base_url)]
        today = self._clock().date()
        for person in await self._read(lambda tx: tx.people.list_active()):
            until = person.camera_training_until
            if until is not None and until < today + _TRAINING_HINT:
                found.append(
                    hint("certificate", f"{person.staff_id}: the camera certificate ends on {until}")
                )
        return found

    async def _backup(self) -> list[Finding]:
        told, since = await self._read(lambda tx: (tx.facts.get(BACKUP_FACT), tx.facts.get(SINCE_FACT)))
        if not told:
            begun = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else self._clock()
            sign = wrong if self._clock() - begun > _BACKUP_WITHIN else hint
            return [sign("backup", "none was ever made: muster backup FILE")]
        age = self._clock() - datetime.fromisoformat(told)
        words = (
            f"the last one was made {age.days} days ago"
            if age.days
            else "the last one is less than a day old"
        )
        return [wrong("backup", words) if age > _BACKUP_WITHIN else good("backup", words)]

    async def _read(self, fn: Callable[[Transaction], Any]) -> Any:
        return await asyncio.to_thread(self._database.read_now, fn)


def _source(name: str, state: Any, now: datetime) -> Finding:
    area = "alert source"
    if state.is_muted(now):
        return hint(area, f"{name}: flooded and is muted until {state.muted_until:%H:%M} UTC")
    if state.silent_since is not None:
        return wrong(area, f"{name}: silent since {state.silent_since:%Y-%m-%d %H:%M} UTC")
    if state.last_seen_at is None:
        return hint(area, f"{name}: never heard of")
    return good(area, f"{name}: last heard {state.last_seen_at:%Y-%m-%d %H:%M} UTC")


def _gauge(metrics: str, name: str) -> float | None:
    for line in metrics.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[1])
    return None
