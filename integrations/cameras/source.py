"""The cameras as one `FrameSource`: picture by HTTP first, then the warm stream, then a stream opened for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.camera import Camera, Frame
from bot.domain.place import Zone
from bot.errors import CameraError, CameraForbiddenError, CameraUnreachableError
from bot.ports import Clock, utc_now
from integrations.cameras import rtsp
from integrations.cameras.access import Access
from integrations.cameras.breaker import Breaker
from integrations.cameras.decoding import Decoders
from integrations.cameras.driver import Driver, Reach
from integrations.cameras.drivers import DRIVERS
from integrations.cameras.fetching import Fetcher
from integrations.cameras.one_at_a_time import OneAtATime
from integrations.cameras.picture import fresh
from integrations.cameras.warm import WarmStreams

STREAM_RESERVE: Final = 0.6
"""The share of the deadline that is left to the stream when the picture by HTTP hangs; it needs about 1.5 s."""


class CameraSource:
    """All of the school's cameras. Implements `FrameSource`.

    `hosts` are all that may be spoken to; empty: those in the cameras' own urls. `zones`: the school's places, so
    that no frame of a private one is opened (State Council Order 799 art. 8), whatever the settings' check let
    through; None: whoever asks has checked. `warm` is started and stopped by who knows the incidents; without it
    nothing is open between requests.
    """

    def __init__(
        self,
        cameras: Iterable[Camera],
        *,
        hosts: Iterable[str] = (),
        zones: Mapping[str, Zone] | None = None,
        clock: Clock = utc_now,
        decoders: Decoders | None = None,
    ) -> None:
        access = Access.of(cameras, hosts=hosts)
        self._decoders = decoders or Decoders()
        self._reach = Reach(access, Fetcher(access), self._decoders, clock)
        self._turns = OneAtATime(clock)
        self._breakers: dict[tuple[Camera, str], Breaker] = {}
        self._clock = clock
        self._zones = zones
        self.warm = WarmStreams(access, self._decoders, self._require_lawful)

    async def grab(self, camera: Camera, *, deadline_s: float) -> Frame:
        """The picture of now; asked by many at once, the camera is asked once."""
        self._require_lawful(camera)
        frame = await self._turns.get(
            camera, lambda: self._attempt(camera, deadline_s), deadline_s=deadline_s
        )
        return fresh(camera, frame, self._clock())

    async def close(self) -> None:
        """End attempts, streams, processes and connections."""
        await self._turns.close()
        await self.warm.close()
        await self._decoders.close()
        await self._reach.fetcher.close()

    def _require_lawful(self, camera: Camera) -> None:
        if self._zones is None:
            return
        zone = self._zones.get(camera.zone)
        if zone is None or zone.is_private:
            raise CameraForbiddenError(camera.id, "it looks into a private place, or into an unknown one")

    async def _attempt(self, camera: Camera, deadline_s: float) -> Frame:
        ends_at = asyncio.get_running_loop().time() + deadline_s
        if not camera.snapshot_url and not camera.stream_url:
            raise CameraForbiddenError(camera.id, "it has no url")
        if not camera.snapshot_url:
            return await self._by_stream(camera, ends_at)
        try:
            share = 1 - STREAM_RESERVE if camera.stream_url else 1
            return await self._guarded(camera, DRIVERS[camera.driver], ends_at - deadline_s * (1 - share))
        except CameraError as error:
            if not camera.stream_url:
                raise
            try:
                return await self._by_stream(camera, ends_at)
            except CameraError as second:
                raise _plainer(error, second) from None

    async def _by_stream(self, camera: Camera, ends_at: float) -> Frame:
        if stream := self.warm.find(camera):
            try:
                return fresh(camera, await stream.newest(), self._clock())
            except CameraError:
                pass  # the cold way may still do it
        return await self._guarded(camera, rtsp.take, ends_at)

    async def _guarded(self, camera: Camera, driver: Driver, ends_at: float) -> Frame:
        """One way, with its breaker and its own end."""
        breaker = self._breakers.setdefault((camera, driver.__module__), Breaker())
        breaker.check(camera)
        try:
            async with asyncio.timeout_at(ends_at):
                frame = fresh(camera, await driver(camera, self._reach), self._clock())
        except TimeoutError:
            error = CameraUnreachableError(camera.id, "no whole picture in time")
            breaker.failed(error)
            raise error from None
        except CameraError as error:
            breaker.failed(error)
            raise
        breaker.succeeded()
        return frame


def _plainer(first: CameraError, second: CameraError) -> CameraError:
    """Of two failures the one that a person can do something about."""
    return first if not first.is_retryable and second.is_retryable else second
