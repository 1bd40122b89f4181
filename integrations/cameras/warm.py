"""Keeps streams open during an incident, so that their newest frame is at hand within milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

import structlog
from structlog.typing import FilteringBoundLogger

from bot.domain.camera import Camera, Frame
from bot.errors import CameraUnreachableError
from integrations.cameras.access import RTSP, Access
from integrations.cameras.decoding import Decoder, DecoderDiedError, Decoders, DecoderSaysError

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 10.0
LIVE_S: Final = 8.0
"""A stream that is not live after this is begun anew in a fresh process."""
ANSWER_S: Final = 1.0


class WarmStream:
    """One camera's stream in a process of its own, started again whenever it is lost or crashes.

    Bounded: the process holds one decoded frame, the bot none.
    """

    def __init__(self, camera: Camera, url: str, decoders: Decoders) -> None:
        self._camera = camera
        self._url = url
        self._decoders = decoders
        self._live: Decoder | None = None
        self._task: asyncio.Task[None] | None = None
        self._log: FilteringBoundLogger = structlog.get_logger(__name__).bind(camera=camera.id)

    @property
    def is_live(self) -> bool:
        """Whether frames are coming."""
        return self._live is not None

    @property
    def pid(self) -> int | None:
        """Of the process that keeps it, while it is live."""
        return self._live.pid if self._live else None

    def start(self) -> None:
        """Begin; nothing is waited for."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the process; afterwards nothing of the stream is left."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def newest(self) -> Frame:
        """The next frame, or the last one of a stalled stream with its own time. `CameraUnreachableError`."""
        if self._live is None:
            raise CameraUnreachableError(self._camera.id, "the stream is not live")
        try:
            async with asyncio.timeout(ANSWER_S):
                picture = await self._live.ask("newest")
        except (DecoderDiedError, DecoderSaysError, TimeoutError):
            raise CameraUnreachableError(self._camera.id, "the stream was lost") from None
        return Frame(self._camera.id, picture.data, picture.captured_at, is_original=False)

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            if await self._keep_once():
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _keep_once(self) -> bool:
        """From start to loss; whether it was live in between."""
        decoder, was_live = self._decoders.new(), False
        try:
            await decoder.start()
            async with asyncio.timeout(LIVE_S):
                _, lost = await decoder.watch(self._url)
            self._live, was_live = decoder, True
            self._log.info("stream is live")
            await lost
        except (DecoderDiedError, DecoderSaysError, TimeoutError, OSError) as error:
            self._log.warning("stream lost", reason=str(error) or type(error).__name__)
        finally:
            self._live = None
            await decoder.close()
        return was_live


def _no_question(_: Camera) -> None:
    """Who asks has checked the place."""


class WarmStreams:
    """The streams that are kept now. A camera without `stream_url` has nothing to keep: HTTP answers at once."""

    def __init__(
        self, access: Access, decoders: Decoders, require_lawful: Callable[[Camera], None] = _no_question
    ) -> None:
        self._access = access
        self._decoders = decoders
        self._require_lawful = require_lawful
        self._streams: dict[Camera, WarmStream] = {}

    def start(self, camera: Camera) -> None:
        """Keep it, if it has a stream and is not kept yet. `CameraForbiddenError`: its url, or its place."""
        self._require_lawful(camera)
        if camera.stream_url and camera not in self._streams:
            target = self._access.target(camera, camera.stream_url, RTSP)
            stream = self._streams[camera] = WarmStream(camera, target.url_with_login, self._decoders)
            stream.start()

    async def stop(self, camera: Camera) -> None:
        """Keep it no longer."""
        if stream := self._streams.pop(camera, None):
            await stream.stop()

    async def keep_only(self, wanted: Collection[Camera]) -> None:
        """Begin these, and end all others."""
        for camera in [camera for camera in self._streams if camera not in wanted]:
            await self.stop(camera)
        for camera in wanted:
            self.start(camera)

    def find(self, camera: Camera) -> WarmStream | None:
        """The camera's stream, if it is kept and live."""
        stream = self._streams.get(camera)
        return stream if stream and stream.is_live else None

    def is_kept(self, camera: Camera) -> bool:
        """Whether it is kept, also while its stream is lost and begun anew."""
        return camera in self._streams

    async def close(self) -> None:
        """Stop all."""
        for camera in list(self._streams):
            await self.stop(camera)
