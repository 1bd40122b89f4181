"""What warm streams have shown is at hand until the incident ends, and a recorder that is down hides none of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.domain.camera import Frame
from bot.domain.footage import Span
from bot.errors import CameraUnreachableError, NoFootageError
from bot.ports import utc_now
from integrations.cameras.footage import AllFootage
from integrations.cameras.recent import MOST, MOST_BYTES, RecentFrames
from tests.integrations.cameras.conftest import gate, source
from tests.support.footage import rtsp_server

GATE = gate(stream_url="rtsp://127.0.0.1/film")
BEGUN = utc_now()


def second(number):
    return BEGUN + timedelta(seconds=number)


@dataclass
class Stream:
    """A warm stream whose next frame is told."""

    frame: Frame | None = None

    async def newest(self):
        if self.frame is None:
            raise CameraUnreachableError("gate", "the stream was lost")
        return self.frame


@dataclass
class Warm:
    """The streams of one camera."""

    stream: Stream = field(default_factory=Stream)
    is_on: bool = True

    def find(self, _camera):
        return self.stream if self.is_on else None

    def is_kept(self, _camera):
        return self.is_on


async def shown(warm, recent, *numbers, size=10):
    for number in numbers:
        warm.stream.frame = Frame("gate", bytes(size), second(number), is_original=False)
        await recent.tick()


@pytest.fixture
def warm():
    return Warm()


@pytest.fixture
def recent(warm):
    return RecentFrames(warm, [GATE])


async def test_the_nearest_frame_is_given_with_its_own_time(warm, recent):
    await shown(warm, recent, 0, 4, 8, 8, 12)
    wanted = Span(second(2), second(60))
    assert await recent.spans(GATE, wanted, deadline_s=1) == [Span(second(2), second(12))]
    assert (await recent.frame(GATE, second(9), deadline_s=1)).captured_at == second(8)
    assert await recent.oldest(GATE, deadline_s=1) == second(0)
    with pytest.raises(NoFootageError):
        await recent.frame(GATE, second(30), deadline_s=1)
    assert await recent.spans(GATE, Span(second(20), second(30)), deadline_s=1) == []


async def test_memory_is_bounded_in_time_and_bytes(warm, recent):
    last = int(MOST.total_seconds()) + 60
    await shown(warm, recent, *range(0, last + 1, 60))
    assert await recent.oldest(GATE, deadline_s=1) == second(60)
    await shown(warm, recent, *range(last + 1, last + 6), size=MOST_BYTES // 2)
    assert await recent.oldest(GATE, deadline_s=1) == second(last + 4)


async def test_a_stream_that_is_lost_keeps_what_was_and_an_incident_that_ends_forgets_it(warm, recent):
    await shown(warm, recent, 0, 4)
    warm.stream.frame = None
    await recent.tick()
    assert await recent.oldest(GATE, deadline_s=1) == second(0)
    warm.is_on = False
    await recent.tick()
    assert await recent.oldest(GATE, deadline_s=1) is None


class Broken:
    """A recorder that is down."""

    async def spans(self, camera, wanted, *, deadline_s):
        raise CameraUnreachableError(camera.id, "no connection")

    async def oldest(self, camera, *, deadline_s):
        raise CameraUnreachableError(camera.id, "no connection")

    async def frame(self, camera, at, *, deadline_s):
        raise CameraUnreachableError(camera.id, "no connection")


async def test_a_recorder_that_is_down_hides_nothing_and_is_told_when_it_was_the_last_hope(warm, recent):
    await shown(warm, recent, 0, 4)
    both = AllFootage(recent, Broken())
    assert await both.spans(GATE, Span(second(0), second(4)), deadline_s=1) == [Span(second(0), second(4))]
    assert (await both.frame(GATE, second(4), deadline_s=1)).captured_at == second(4)
    with pytest.raises(CameraUnreachableError):
        await both.spans(GATE, Span(second(100), second(200)), deadline_s=1)
    with pytest.raises(CameraUnreachableError):
        await both.frame(GATE, second(100), deadline_s=1)


async def test_a_real_stream_fills_it(film):
    with rtsp_server(film) as server:
        camera = gate(stream_url=server.url)
        async with source(camera) as cameras:
            recent = RecentFrames(cameras.warm, [camera])
            cameras.warm.start(camera)
            async with asyncio.timeout(20):
                while await recent.oldest(camera, deadline_s=1) is None:
                    await recent.tick()
                    await asyncio.sleep(0.05)
            await recent.tick()
            newest = await recent.frame(camera, utc_now(), deadline_s=1)
            assert newest.data.startswith(b"\xff\xd8")
            assert newest.age_s(utc_now()) < 5
            await cameras.warm.stop(camera)
            await recent.tick()
            assert await recent.oldest(camera, deadline_s=1) is None
