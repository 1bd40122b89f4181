"""From `[[cameras]]` and `[[recorders]]` to their watch: probes, rounds, recorders, retention. Part of the wiring."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Final

import structlog

from bot.cameras import CameraParts
from bot.config import Settings
from bot.delivery.metrics import CAMERA_WORKING, PICTURES_BUDGET_BYTES, PICTURES_BYTES, PROBE_SECONDS
from bot.domain.camera import Camera, Polygon
from bot.domain.camera_health import Filing, Finding, filing_due
from bot.domain.condition import Condition
from bot.domain.footage import Track
from bot.ports import Sketch
from bot.scheduler import Tick, end_task
from bot.services.camera_health import CameraWatchService
from bot.services.camera_rounds import CameraRounds
from bot.services.filing import FilingService
from bot.services.keeping import KeepingService
from bot.services.looking_back import FootageWorker
from bot.services.recordings import RecordingService
from bot.services.school import WatchingRules
from bot.services.turn import Turns
from bot.storage.outbox import OUTBOX
from integrations.cameras.access import Access
from integrations.cameras.clocks import CameraClocks
from integrations.cameras.footage import AllFootage
from integrations.cameras.recent import EVERY_S as RECENT_EVERY_S
from integrations.cameras.recent import RecentFrames
from integrations.cameras.recorders import Recorders
from integrations.vision.darkroom import Darkroom
from integrations.vision.probing import Prober

ANNOUNCE_EVERY_S: Final = 5.0
ANSWER_EVERY_S: Final = 5.0
RETENTION_EVERY_S: Final = 600.0
RECORDINGS_EVERY_S: Final = 3600.0

log = structlog.get_logger(__name__)


def watching_of(settings: Settings) -> WatchingRules:
    """For the school."""
    return WatchingRules(
        not_watched=frozenset(entry.id for entry in settings.cameras if not entry.watched),
        filings={
            entry.id: Filing(entry.id, entry.filed_on, filing_due(entry.in_use_since))
            for entry in settings.cameras
        },
        recorded={entry.id: entry.recorded == "always" for entry in settings.cameras if entry.recorder},
    )


def tracks_of(settings: Settings) -> list[Track]:
    """Which recorder has which camera."""
    zone = settings.school.zone_info
    recorders = {entry.id: entry.recorder(zone) for entry in settings.recorders}
    return [
        Track(entry.camera(), recorders[entry.recorder], entry.recorder_channel)
        for entry in settings.cameras
        if entry.recorder in recorders
    ]


class CameraWatch:
    """Everything about cameras that the clock does. `start` once: it also starts `parts`."""

    keeping: KeepingService

    def __init__(self, settings: Settings, turns: Turns, parts: CameraParts) -> None:
        self._every_s = float(settings.camera_policy.probe_every_s)
        self._turns = turns
        self._cameras = parts
        hosts = settings.camera_policy.allow_hosts
        self._clocks = CameraClocks(Access.of(turns.school.cameras.values(), hosts=hosts), turns.clock)
        self.recorders = Recorders(tracks_of(settings), hosts=hosts, clock=turns.clock)
        prober = Prober(
            parts.source,
            parts.darkroom,
            self._clocks.offset_s,
            zone=turns.school.timezone,
            clock=turns.clock,
        )
        self.service = CameraWatchService(turns, prober)
        self._recordings = RecordingService(turns, self.recorders)
        self._recent = RecentFrames(parts.source.warm, turns.school.cameras.values())
        self._asked = asyncio.Event()

    async def start(self, parts: AsyncExitStack) -> None:
        """Start the cameras' own parts, then the rounds; `parts` ends both."""
        await self._cameras.start(parts)
        parts.push_async_callback(self._clocks.close)
        parts.push_async_callback(self.recorders.close)
        self.keeping = KeepingService(self._turns, self._cameras.vault, self._cameras.signer)
        darkroom = self._cameras.darkroom
        footage = AllFootage(self._recent, self.recorders)
        self._worker = FootageWorker(
            self._turns, footage, darkroom, _sketches_of(darkroom), self._cameras.vault
        )
        if self._turns.school.cameras:
            self._turns.database.listen(OUTBOX, self._asked.set)
            answering = asyncio.create_task(self._answer(), name="footage")
            parts.push_async_callback(end_task, answering)
        await self.service.restore()
        cameras = self.service.watched()
        rounds = CameraRounds(self._probe, cameras, every_s=self._every_s)
        for camera in cameras:
            running = asyncio.create_task(rounds.run(camera), name=f"watch {camera.id}")
            parts.push_async_callback(end_task, running)

    def ticks(self) -> list[Tick]:
        """What the scheduler does for the cameras and their watch."""
        ticks = [*self._cameras.ticks(), Tick("retention", RETENTION_EVERY_S, self._keep)]
        if not self._turns.school.cameras:
            return ticks
        return [
            *ticks,
            Tick("cameras", ANNOUNCE_EVERY_S, self.service.announce),
            Tick("recent frames", RECENT_EVERY_S, self._recent.tick),
            Tick("recordings", RECORDINGS_EVERY_S, self._recordings.tick),
            Tick("filing", RECORDINGS_EVERY_S, FilingService(self._turns).tick),
        ]

    async def _keep(self) -> None:
        await self.keeping.tick()
        PICTURES_BYTES.set(self.keeping.usage.used)
        PICTURES_BUDGET_BYTES.set(self.keeping.usage.budget)

    async def _answer(self) -> None:
        """After every commit that tells somebody something, and now and then: who wants to look back."""
        while True:
            self._asked.clear()
            try:
                await self._worker.work()
            except Exception:
                log.exception("footage_not_answered")
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_EVERY_S):
                    await self._asked.wait()

    async def _probe(self, camera: Camera) -> Finding | None:
        with PROBE_SECONDS.time():
            finding = await self.service.probe(camera)
        if finding is not None:
            CAMERA_WORKING.labels(camera.id).set(finding.condition is Condition.OK)
        return finding


def _sketches_of(darkroom: Darkroom) -> Sketch:
    async def sketch(data: bytes, masks: tuple[Polygon, ...]) -> bytes:
        return (await darkroom.measure(data, masks)).map

    return sketch
