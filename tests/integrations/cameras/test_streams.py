"""Real RTSP streams, and decoders that die of them."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from bot.errors import CameraError, CameraForbiddenError, CameraUnreachableError, NoPictureError
from bot.ports import utc_now
from integrations.cameras import decoder
from integrations.cameras.decoding import Decoders
from tests.integrations.cameras.conftest import gate, silent_server, source
from tests.support.footage import jpeg, rtsp_server, size

SOON_S = 20
LOGIN = ("admin", "pä@ss:wörd")
CRASHING = "import ctypes, sys\nsys.stdin.buffer.read(4)\nctypes.string_at(0)\n"

FATAL_URL = """
_opened = opened
def opened(url, timeout_ms):
    import ctypes
    return ctypes.string_at(0) if url.endswith("fatal") else _opened(url, timeout_ms)

if __name__ == "__main__":"""


@pytest.fixture(scope="module")
def server(film):
    with rtsp_server(film, *LOGIN) as running:
        yield running


def rtsp_gate(server, **changed):
    return gate(stream_url=server.url, username=LOGIN[0], password=LOGIN[1], **changed)


def decoders_running():
    """Processes of this test's own."""
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}


async def live(cameras, camera):
    async with asyncio.timeout(20):
        while not (stream := cameras.warm.find(camera)):
            await asyncio.sleep(0.02)
    return stream


async def test_a_frame_of_a_real_stream_is_taken_with_a_password_that_no_process_shows(server):
    camera = rtsp_gate(server)
    async with source(camera) as cameras:
        frame = await cameras.grab(camera, deadline_s=8)
        arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert size(frame.data) == (640, 360)
    assert not frame.is_original
    decoders = [line for line in arguments if b"decoder.py" in line]
    assert decoders
    assert not any(b"rtsp:" in line or b"rd@" in line for line in decoders)


async def test_a_warm_stream_gives_its_newest_frame_and_ends_with_its_process(server):
    camera = rtsp_gate(server)
    async with source(camera) as cameras:
        cameras.warm.start(camera)
        stream = await live(cameras, camera)
        frame = await cameras.grab(camera, deadline_s=10)
        assert frame.age_s(utc_now()) < 5
        pid = stream.pid
        await cameras.warm.stop(camera)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_warm_stream_comes_back_after_its_decoder_is_killed(server):
    camera = rtsp_gate(server)
    async with source(camera) as cameras:
        cameras.warm.start(camera)
        first = (await live(cameras, camera)).pid
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(SOON_S):
            while cameras.warm.find(camera):
                await asyncio.sleep(0.01)
        again = await live(cameras, camera)
        assert again.pid != first
        assert size((await again.newest()).data) == (640, 360)


async def test_a_stalled_stream_gives_its_last_frame_with_its_own_age(film):
    with rtsp_server(film) as server:
        camera = gate(stream_url=server.url)
        async with source(camera) as cameras:
            cameras.warm.start(camera)
            stream = await live(cameras, camera)
            server.stall()
            async with asyncio.timeout(SOON_S):
                while (await stream.newest()).age_s(utc_now()) < 0.8:
                    await asyncio.sleep(0.05)


async def test_the_stream_stands_in_for_a_picture_that_is_refused_by_http(server):
    camera = rtsp_gate(server, snapshot_url="http://127.0.0.1:1/none")
    async with source(camera) as cameras:
        assert size((await cameras.grab(camera, deadline_s=8)).data) == (640, 360)


async def test_a_decoder_that_segfaults_takes_only_its_picture(tmp_path):
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    picture = tmp_path / "still.jpg"
    picture.write_bytes(jpeg())
    broken, still = gate(stream_url="rtsp://127.0.0.1:1/"), gate(snapshot_url=str(picture), driver="file")
    async with source(broken, still, decoders=Decoders(script=script)) as cameras:
        with pytest.raises(NoPictureError, match="SIGSEGV"):
            await cameras.grab(broken, deadline_s=5)
        assert (await cameras.grab(still, deadline_s=1)).data == picture.read_bytes()


async def test_a_video_that_crashes_its_fork_takes_no_other_picture_with_it(server, tmp_path):
    """The very decoder, but for one url that ends it."""
    source_text = Path(decoder.__file__).read_text(encoding="utf-8")
    script = tmp_path / "decoder.py"
    script.write_text(source_text.replace('if __name__ == "__main__":', FATAL_URL), encoding="utf-8")
    good, fatal = rtsp_gate(server), gate(id="fatal", stream_url="rtsp://127.0.0.1:1/fatal")
    async with source(good, fatal, decoders=Decoders(script=script)) as cameras:
        frames = await asyncio.gather(
            cameras.grab(good, deadline_s=8), cameras.grab(fatal, deadline_s=8), return_exceptions=True
        )
    assert size(frames[0].data) == (640, 360)
    assert isinstance(frames[1], NoPictureError)
    assert "SIGSEGV" in str(frames[1])


async def test_a_frame_that_nobody_waits_for_any_more_leaves_no_process():
    before = decoders_running()
    async with silent_server() as port, source(gate(stream_url=f"rtsp://127.0.0.1:{port}/")) as cameras:
        with pytest.raises(CameraUnreachableError):
            await cameras.grab(gate(stream_url=f"rtsp://127.0.0.1:{port}/"), deadline_s=1)
        async with asyncio.timeout(SOON_S):
            while len(decoders_running() - before) > 1:
                await asyncio.sleep(0.02)
    async with asyncio.timeout(SOON_S):
        while decoders_running() - before:
            await asyncio.sleep(0.02)


async def test_a_stream_that_accepts_and_never_answers_costs_its_deadline():
    async with silent_server() as port:
        camera = gate(stream_url=f"rtsp://127.0.0.1:{port}/")
        async with source(camera) as cameras:
            with pytest.raises(CameraUnreachableError):
                await cameras.grab(camera, deadline_s=1)


async def test_a_film_on_disk_plays_and_a_url_is_no_file(film, tmp_path):
    camera = gate(snapshot_url=str(film), driver="file")
    async with source(camera) as cameras:
        assert size((await cameras.grab(camera, deadline_s=5)).data) == (640, 360)
        for name in ("http://127.0.0.1/a.avi", "concat:/etc/passwd", "film.avi", "file:///etc/passwd"):
            with pytest.raises(CameraForbiddenError):
                await cameras.grab(gate(snapshot_url=name, driver="file"), deadline_s=2)
        with pytest.raises(CameraError):
            await cameras.grab(gate(snapshot_url=str(tmp_path / "none.jpg"), driver="file"), deadline_s=2)
