"""What a recorder has is found by its own search, and looked into by its own playback."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from aiohttp import web

from bot.domain.footage import Recorder, Span, Track
from bot.errors import CameraRefusedError, CameraUnreachableError, NoFootageError, NoPictureError
from integrations.cameras.recorders import Recorders
from tests.integrations.cameras.conftest import gate, silent_server
from tests.support.footage import make_seconds, rtsp_playback, second_of, size
from tests.support.recorder import PASSWORD, USER, ZONE, fake_recorder, hours

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
DAY = timedelta(days=1)


@asynccontextmanager
async def recorders(url, **changed):
    recorder = replace(Recorder("nvr", url, ZONE, username=USER, password=PASSWORD), **changed)
    made = Recorders([Track(gate(), recorder, 1)], clock=lambda: NOW)
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("is_local_time", [True, False])
async def test_a_month_of_hourly_files_is_one_span_however_many_pages_it_takes(is_local_time):
    begin = NOW - 31 * DAY
    async with (
        fake_recorder({"101": hours(begin, NOW)}, is_local_time=is_local_time) as nvr,
        recorders(nvr.url, is_local_time=is_local_time) as made,
    ):
        found = await made.spans(gate(), Span(NOW - 40 * DAY, NOW), deadline_s=20)
        assert found == [Span(begin, NOW - timedelta(seconds=1))]
        assert len(nvr.asked) == 19
        assert await made.oldest(gate(), deadline_s=5) == begin


async def test_a_hole_parts_it():
    files = [*hours(NOW - DAY, NOW - timedelta(hours=10)), *hours(NOW - timedelta(hours=7), NOW)]
    async with fake_recorder({"101": files}) as nvr, recorders(nvr.url) as made:
        one, two = await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=5)
        assert two.begin - one.end == timedelta(hours=3, seconds=1)


async def test_a_camera_that_was_never_recorded_has_nothing():
    async with fake_recorder({}) as nvr, recorders(nvr.url) as made:
        assert await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=5) == []
        assert await made.oldest(gate(), deadline_s=5) is None
        other = replace(gate(), id="gym")
        assert await made.spans(other, Span(NOW - DAY, NOW), deadline_s=5) == []
        with pytest.raises(NoFootageError):
            await made.frame(other, NOW, deadline_s=5)


async def test_a_wrong_password_is_told_as_one():
    async with fake_recorder({}) as nvr, recorders(nvr.url, password="other") as made:
        with pytest.raises(CameraRefusedError) as caught:
            await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=5)
    assert "other" not in str(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        web.Response(text="<html>", content_type="text/html"),
        web.Response(text="<ResponseStatus><statusString>OK</statusString></ResponseStatus>"),
        web.Response(
            text="<CMSearchResult><matchList><searchMatchItem><timeSpan><startTime>soon</startTime>"
            "<endTime/></timeSpan></searchMatchItem></matchList></CMSearchResult>"
        ),
        web.Response(text='<!DOCTYPE x [<!ENTITY a "b">]><CMSearchResult>&a;</CMSearchResult>'),
        web.Response(status=400, text="badXmlContent"),
    ],
)
async def test_garbage_is_no_footage(broken):
    async with fake_recorder({}, broken=broken) as nvr, recorders(nvr.url) as made:
        with pytest.raises(NoPictureError):
            await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=5)


async def test_a_recorder_that_always_has_more_and_gives_none_comes_to_an_end():
    endless = web.Response(
        text="<CMSearchResult><responseStatusStrg>MORE</responseStatusStrg><matchList/></CMSearchResult>"
    )
    async with fake_recorder({}, broken=endless) as nvr, recorders(nvr.url) as made:
        assert await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=5) == []
        assert len(nvr.asked) == 1


async def test_one_that_never_answers_is_given_up_in_time():
    async with silent_server() as port, recorders(f"http://127.0.0.1:{port}") as made:
        with pytest.raises(CameraUnreachableError, match=r"within 0\.3 s"):
            await made.spans(gate(), Span(NOW - DAY, NOW), deadline_s=0.3)


async def test_each_second_of_the_recording_is_found_again_by_its_time(tmp_path):
    begin = NOW - timedelta(minutes=5)
    folder = make_seconds(tmp_path / "seconds", 300)
    with rtsp_playback(folder, begin.strftime("%Y%m%dT%H%M%SZ")) as port:
        async with recorders("http://127.0.0.1:9", rtsp_port=port) as made:
            for second in (3, 251):
                at = begin + timedelta(seconds=second)
                frame = await made.frame(gate(), at, deadline_s=15)
                assert frame.captured_at == at
                assert size(frame.data) == (640, 360)
                assert 0 <= second_of(frame.data) - second <= 1
