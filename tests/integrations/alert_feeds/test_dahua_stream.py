from __future__ import annotations

import asyncio
import socket
import tracemalloc
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bot.domain.alert import AlertState, Nature
from bot.domain.alert_format import Context
from bot.errors import StorageBusyError
from integrations.alert_feeds import FEEDS, FeedSettings, dahua_stream
from integrations.alert_feeds.dahua_stream import DahuaFeed
from integrations.alert_formats import FORMATS
from tests.integrations.alert_feeds.camera import BOUNDARY, Camera, Write, ends, hangs_up, part, says, silence
from tests.integrations.alert_feeds.kept import Kept, running, until

START = 'Code=VideoMotion;action=Start;index=0;data={\n   "Id" : [ 0 ],\n   "RegionName" : [ "gate" ]\n}'
STOP = "Code=VideoMotion;action=Stop;index=0"
FIRE = "Code=FireWarning;action=Start;index=1"


def _feed(camera: Camera, kept: Kept, *, password: str = "p:ss wörd", heartbeat: int = 1) -> DahuaFeed:
    url = f"http://{camera.host}{dahua_stream.PATH}?action=attach&codes=[All]&heartbeat={heartbeat}"
    return DahuaFeed(FeedSettings(source="gate", url=url, username="admin", password=password), kept)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dahua_stream, "PATIENCE", 0.3)


async def test_events_come_one_by_one_behind_a_digest_login():
    kept = Kept()
    async with Camera(says(part("Heartbeat"), part(START), part(STOP))).on() as camera:
        feed = _feed(camera, kept)
        assert not feed.is_connected
        async with running(feed):
            assert await kept.until(3) == ["Heartbeat", START, STOP]
            assert feed.is_connected
            assert feed.last_ok_at is not None
        assert not feed.is_connected
        first, second = camera.requests
    assert first.raw_path == "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=1"
    assert "Authorization" not in first.headers
    assert "p:ss" not in second.headers["Authorization"]


async def test_what_it_brings_is_what_the_parser_reads():
    kept = Kept()
    async with (
        Camera(says(part("Heartbeat"), part(START), part(STOP))).on() as camera,
        running(_feed(camera, kept)),
    ):
        await kept.until(3)
    context = Context(source="gate", received_at=datetime(2026, 11, 23, tzinfo=UTC))
    alerts = [alert for body in kept.bodies for alert in FORMATS["dahua"](body, context)]
    assert [alert.nature is Nature.HEARTBEAT for alert in alerts] == [True, False, False]
    assert [alert.state for alert in alerts[1:]] == [AlertState.FIRING, AlertState.RESOLVED]


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_blocks_cut_anywhere_are_put_together(size):
    stream = part("Heartbeat") + part(START) + part(STOP)
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]

    async def trickle(write: Write) -> None:
        for piece in pieces:
            await write(piece)
            await asyncio.sleep(0)
        await silence(write)

    kept = Kept()
    async with Camera(trickle).on() as camera, running(_feed(camera, kept)):
        assert await kept.until(3) == ["Heartbeat", START, STOP]


@pytest.mark.usefixtures("_impatient")
async def test_a_block_that_stops_in_its_middle_is_left_and_the_camera_asked_again():
    kept = Kept()
    scripts = says(part(STOP), BOUNDARY + b"\r\n" + START.encode()[:40]), says(part(FIRE))
    async with Camera(*scripts).on() as camera, running(_feed(camera, kept)):
        assert (await kept.until(2))[:2] == [STOP, FIRE]


@pytest.mark.usefixtures("_impatient")
async def test_silence_and_garbage_are_no_life():
    async def babbles(write: Write) -> None:
        while True:
            await write(b"\x00garbage\xff" * 10)
            await asyncio.sleep(0.02)

    kept = Kept()
    async with Camera(silence, babbles, says(part(FIRE))).on() as camera:
        feed = _feed(camera, kept)
        async with running(feed):
            await until(lambda: camera.attached == 2)
            assert not feed.is_connected
            assert (await kept.until(1))[0] == FIRE


async def test_heartbeats_keep_a_quiet_stream():
    async def beats(write: Write) -> None:
        for _ in range(8):
            await write(part("Heartbeat"))
            await asyncio.sleep(0.1)
        await write(part(FIRE))
        await silence(write)

    kept = Kept()
    async with Camera(beats).on() as camera, running(_feed(camera, kept)):
        assert await kept.until(9) == ["Heartbeat"] * 8 + [FIRE]
        assert camera.attached == 1


@pytest.mark.parametrize("ending", [hangs_up, ends])
async def test_a_camera_that_breaks_off_is_asked_again(ending):
    kept = Kept()
    scripts = [says(part(f"Code=VideoMotion;action=Pulse;index={turn}"), then=ending) for turn in range(4)]
    async with Camera(*scripts, silence).on() as camera, running(_feed(camera, kept)):
        await until(lambda: camera.attached == 5)
        assert kept.texts == [f"Code=VideoMotion;action=Pulse;index={turn}" for turn in range(4)]


async def test_the_last_event_of_a_stream_needs_no_boundary():
    kept = Kept()
    async with (
        Camera(says(BOUNDARY + b"\r\n" + FIRE.encode(), then=ends), silence).on() as camera,
        running(_feed(camera, kept)),
    ):
        assert await kept.until(1) == [FIRE]


async def test_a_camera_that_is_switched_off_is_waited_for():
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    feed = DahuaFeed(FeedSettings(source="gate", url=f"http://127.0.0.1:{port}"), kept)
    with capture_logs() as logs:
        async with running(feed):
            await until(lambda: sum(line["event"] == "alert_feed.disconnected" for line in logs) >= 3)
    assert {line.get("error") for line in logs} >= {"ClientConnectorError"}


async def test_a_wrong_password_is_not_tried_until_the_camera_locks_the_account():
    with capture_logs() as logs:
        async with Camera(silence).on() as camera:
            feed = _feed(camera, Kept(), password="gate-2711-secret")
            async with running(feed):
                await until(lambda: any(line.get("seconds", 0) >= dahua_stream.REFUSED_S for line in logs))
            refused = [line for line in logs if line["event"] == "alert_feed.refused"]
    assert [line["status"] for line in refused] == [401] * dahua_stream.REFUSALS
    assert camera.attached == 0
    assert "secret" not in str(logs)
    assert camera.host not in str(logs)


@pytest.mark.parametrize("status", [302, 404, 500, 503])
async def test_other_answers_are_asked_again_and_no_redirect_is_followed(status):
    kept = Kept()
    async with Camera(says(part(FIRE))).on() as camera:
        camera.status = status
        async with running(_feed(camera, kept)):
            await until(lambda: len(camera.requests) == 3)
            assert not any("elsewhere" in request.path for request in camera.requests)
            camera.status = 200
            assert await kept.until(1) == [FIRE]


async def test_a_busy_database_loses_nothing_though_the_camera_hangs_up():
    events = [f"Code=AlarmLocal;action=Start;index={number}" for number in range(20)]
    kept = Kept(*(StorageBusyError() for _ in range(3)))
    kept.is_open.clear()
    async with (
        Camera(says(*map(part, events), then=hangs_up), says(part(FIRE))).on() as camera,
        running(_feed(camera, kept)),
    ):
        await until(lambda: camera.attached == 2)
        kept.is_open.set()
        assert await kept.until(21) == [*events, FIRE]


async def test_heartbeats_do_not_fill_the_mailbox_while_alarms_wait():
    kept = Kept()
    kept.is_open.clear()
    beats = [part("Heartbeat")] * 10
    async with Camera(says(part(START), part(STOP), *beats, part(FIRE))).on() as camera:
        feed = _feed(camera, kept)
        async with running(feed):
            await until(lambda: feed._waiting.qsize() == 2)
            kept.is_open.set()
            assert await kept.until(3) == [START, STOP, FIRE]


async def test_a_flood_waits_at_the_camera_and_memory_stays_flat():
    block = part("Code=VideoMotion;action=Start;index=0;data=" + '{"x": "' + "y" * 60_000 + '"}')
    sent = 0

    async def floods(write: Write) -> None:
        nonlocal sent
        while True:
            await write(block)
            sent += 1

    kept = Kept()
    kept.is_open.clear()
    async with Camera(floods).on() as camera:
        feed = _feed(camera, kept)
        async with running(feed):
            await until(feed._waiting.full)
            stopped_at = sent
            await asyncio.sleep(0.3)
            assert sent - stopped_at < 200, "the kernel's buffers take some"


async def test_a_block_without_end_is_dropped_and_the_next_one_read():
    async def swells(write: Write) -> None:
        await write(part(START) + BOUNDARY + b"\r\nCode=VideoMotion;action=Start;index=0;data={")
        for _ in range(200):
            await write(b'"x": "' + b"y" * 65_536)
        await write(b"\r\n" + part(FIRE))
        await silence(write)

    kept = Kept()
    with capture_logs() as logs:
        async with Camera(swells).on() as camera, running(_feed(camera, kept)):
            tracemalloc.start()
            try:
                assert await kept.until(2) == [START, FIRE]
                assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
            finally:
                tracemalloc.stop()
    assert "alert_feed.too_big" in {line["event"] for line in logs}


async def test_line_feeds_alone_and_false_lengths_are_understood():
    stream = b"".join(
        b"--myboundary\nContent-Type: text/plain\nContent-Length: 999\n\n%b\n" % event.encode()
        for event in (START, "Code=VideoMotion;action=Start;index=0;data=notjson", STOP)
    )
    kept = Kept()
    async with Camera(says(stream)).on() as camera, running(_feed(camera, kept)):
        assert (await kept.until(3))[0] == START


@pytest.mark.parametrize(
    ("url", "asked", "patience"),
    [
        ("http://cam", "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5", 15),
        ("http://u:p@cam:81/", "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5", 15),
        ("https://cam/x?codes=[AlarmLocal]&heartbeat=20", "/x?codes=[AlarmLocal]&heartbeat=20", 60),
        ("http://cam/x?heartbeat=999", "/x?heartbeat=999", 180),
    ],
)
def test_the_url_is_taken_as_given_and_completed_where_it_says_nothing(url, asked, patience):
    feed = DahuaFeed(FeedSettings(source="gate", url=url), Kept())
    assert feed._url.partition("cam")[2].removeprefix(":81") == asked
    assert feed._patience_s == patience
    assert "u:p" not in feed._url


@pytest.mark.parametrize("url", ["cam", "ftp://cam", "http://", "rtsp://cam/x"])
def test_an_address_of_no_camera_is_refused(url):
    with pytest.raises(ValueError, match="the url"):
        FEEDS["dahua"](FeedSettings(source="gate", url=url), Kept())
