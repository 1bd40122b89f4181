"""The school's recorders as one `FootageSource`: searched by ISAPI, looked into by RTSP playback.

One frame is one short playback: a recorder plays at the speed of life, and nobody has five minutes for five minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.camera import Camera, Frame
from bot.domain.footage import Span, Track, joined
from bot.errors import CameraUnreachableError, NoFootageError, NoPictureError
from bot.ports import Clock, utc_now
from integrations.cameras import isapi_search
from integrations.cameras.access import RTSP, Access
from integrations.cameras.decoding import Decoders
from integrations.cameras.fetching import Fetcher, read_all

AT_ONCE: Final = 2
"""Playbacks of one recorder: cheap ones have room for few, and its own screen needs some."""
MOST_PAGES: Final = 250
"""10,000 files: a month of one every five minutes."""
PLAYED: Final = timedelta(seconds=10)
"""How much is asked to be played for one frame."""
OLDEST: Final = timedelta(days=730)
"""No search goes further back."""


class Recorders:
    """Implements `FootageSource`. Only `hosts` are spoken to, or, without them, the recorders' own."""

    def __init__(
        self,
        tracks: Iterable[Track],
        *,
        hosts: Iterable[str] = (),
        clock: Clock = utc_now,
        decoders: Decoders | None = None,
    ) -> None:
        self._tracks = {track.camera.id: track for track in tracks}
        self._access = Access.of([_asked(track) for track in self._tracks.values()], hosts=hosts)
        self._fetcher = Fetcher(self._access)
        self._decoders = decoders or Decoders()
        self._clock = clock
        self._places: dict[str, asyncio.Semaphore] = {}

    async def spans(self, camera: Camera, wanted: Span, *, deadline_s: float) -> list[Span]:
        """See `FootageSource`; neighbours are one."""
        track = self._tracks.get(camera.id)
        if track is None:
            return []
        async with self._turn(track, deadline_s):
            found = await self._search(track, wanted, pages=MOST_PAGES)
        inside = (Span(max(one.begin, wanted.begin), min(one.end, wanted.end)) for one in found)
        return joined(one for one in inside if one.begin < one.end)

    async def oldest(self, camera: Camera, *, deadline_s: float) -> datetime | None:
        """See `FootageSource`."""
        track = self._tracks.get(camera.id)
        if track is None:
            return None
        now = self._clock()
        async with self._turn(track, deadline_s):
            first = await self._search(track, Span(now - OLDEST, now), pages=1)
        return min((span.begin for span in first), default=None)

    async def frame(self, camera: Camera, at: datetime, *, deadline_s: float) -> Frame:
        """See `FootageSource`. From the key frame at or before `at`: with most cameras two seconds at most."""
        track = self._tracks.get(camera.id)
        if track is None:
            raise NoFootageError(camera.id, "no recorder is set for it")
        asked = _asked(track)
        target = self._access.target(asked, isapi_search.playback_url(track, at, at + PLAYED), RTSP)
        async with self._turn(track, deadline_s):
            frame = await self._decoders.frame(asked, target.url_with_login)
        return replace(frame, captured_at=at)

    async def close(self) -> None:
        """End connections and processes."""
        await self._fetcher.close()
        await self._decoders.close()

    async def _search(self, track: Track, wanted: Span, *, pages: int) -> list[Span]:
        found: list[Span] = []
        for _ in range(pages):
            page = await self._page(track, isapi_search.question(track, wanted, len(found)))
            found += page.spans
            if not page.has_more or not page.spans:
                break
        return found

    async def _page(self, track: Track, question: bytes) -> isapi_search.Page:
        asked = _asked(track)
        async with self._fetcher.answer(asked, asked.snapshot_url, xml=question) as answer:
            data = await read_all(asked, answer)
        try:
            return isapi_search.read_answer(data, track.recorder)
        except ValueError:
            raise NoPictureError(track.camera.id, "the recorder's answer is no search result") from None

    @asynccontextmanager
    async def _turn(self, track: Track, deadline_s: float) -> AsyncIterator[None]:
        places = self._places.setdefault(track.recorder.id, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(deadline_s), places:
                yield
        except TimeoutError:
            raise CameraUnreachableError(
                track.camera.id, f"the recorder did not answer within {deadline_s:g} s"
            ) from None


def _asked(track: Track) -> Camera:
    """The recorder in the camera's name: errors name the camera, login and address are the recorder's."""
    recorder = track.recorder
    return replace(
        track.camera,
        snapshot_url=f"{recorder.url.rstrip('/')}{isapi_search.PATH}",
        stream_url="",
        username=recorder.username,
        password=recorder.password,
    )
