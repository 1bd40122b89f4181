"""Pictures of cameras beside `ffmpeg -frames:v 1`, from one real RTSP stream of 640 × 360 at 25 fps."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bot.domain.camera import Camera
from bot.domain.look import Look
from bot.domain.message import Address, Draft, MessageKind
from bot.domain.place import Name
from bot.ports import utc_now
from bot.storage.transaction import Transaction
from integrations.cameras import CameraSource
from tests.benchmarks.table import Row, at_most, percentile
from tests.support.cast import CHEN, WANG
from tests.support.footage import make_film, rtsp_server
from tests.support.stage import Stage

MANY = 16
SCHOOL = """
[camera_policy]
deliver = "chat"
faces = "shown"

[[cameras]]
id = "A3"
zone = "A3"
name = "走廊"
stream_url = "{url}"
masks = [[[0.0, 0.0], [0.2, 0.0], [0.2, 0.3], [0.0, 0.3]]]
"""
_LAG_STEP_S = 0.01


async def run(*, quick: bool = False) -> list[Row]:
    rounds, watch_s = (1, 1.0) if quick else (5, 10.0)
    with tempfile.TemporaryDirectory() as folder:
        film = await asyncio.to_thread(make_film, Path(folder) / "film.avi")
        with rtsp_server(film) as server:
            return await _measured(server.url, rounds, watch_s)


async def _measured(url: str, rounds: int, watch_s: float) -> list[Row]:
    cameras = [Camera(f"c{number}", "gate", Name("门"), stream_url=url) for number in range(MANY)]
    source = CameraSource(cameras)
    try:
        peer = statistics.median([await _ffmpeg(url) for _ in range(rounds)])
        cold = statistics.median([await _cold(source, cameras[:1]) for _ in range(rounds)])
        lags: list[float] = []
        ticker = asyncio.create_task(_tick(lags))
        many = await _cold(source, cameras)
        ticker.cancel()
        share = await _share(source, cameras[0], watch_s)
    finally:
        await source.close()
    warm = await _to_send_photo(url, rounds * 5)
    beside = f"ffmpeg cold {peer * 1000:.0f} ms"
    return [
        at_most(
            "warm picture, masked and marked, at `sendPhoto`", warm * 1000, peer * 250, "ms", beside=beside
        ),
        at_most("cold picture", cold * 1000, peer * 1100, "ms", beside=beside),
        at_most(f"{MANY} cameras at once, cold", many * 1000, cold * 2000, "ms", beside="one × 2"),
        at_most("… event loop lag, p99", percentile(lags, 0.99) * 1000, 50, "ms"),
        Row("CPU of one warm stream", f"{share:.1f} % of a core"),
    ]


async def _ffmpeg(url: str) -> float:
    begun = time.perf_counter()
    arguments = f"-v quiet -rtsp_transport tcp -i {url} -frames:v 1 -f mjpeg -y /dev/null".split()
    process = await asyncio.create_subprocess_exec("ffmpeg", *arguments)
    await process.wait()
    return time.perf_counter() - begun


async def _cold(source: CameraSource, cameras: list[Camera]) -> float:
    await asyncio.sleep(1.1)  # nothing is shared any more
    begun = time.perf_counter()
    await asyncio.gather(*(source.grab(camera, deadline_s=20) for camera in cameras))
    return time.perf_counter() - begun


async def _share(source: CameraSource, camera: Camera, watch_s: float) -> float:
    source.warm.start(camera)
    while not (stream := source.warm.find(camera)):
        await asyncio.sleep(0.01)
    process, before = psutil.Process(stream.pid), time.perf_counter()
    used = sum(process.cpu_times()[:2])
    await asyncio.sleep(watch_s)
    return 100 * (sum(process.cpu_times()[:2]) - used) / (time.perf_counter() - before)


async def _to_send_photo(url: str, times: int) -> float:
    """From the row in the outbox to the Bot API's `sendPhoto`: rules, frame, masks, mark, vault, register's chain."""
    with tempfile.TemporaryDirectory() as folder:
        stage = await Stage.set(Path(folder))
        path = Path(folder) / "school.toml"
        path.write_text(path.read_text("utf-8") + SCHOOL.format(url=url), "utf-8")
        try:
            await stage.start()
            await stage.phone(WANG).send("/report fire A3")
            await _until(lambda: _sent(stage))
            source = stage.muster.cameras.source
            await _until(lambda: source.warm.find(stage.muster.cameras.cameras["A3"]))
            return statistics.median([await _one(stage) for _ in range(times)])
        finally:
            await stage.stop()
            await stage.simulator.stop()


async def _one(stage: Stage) -> float:
    await asyncio.sleep(1.1)  # no frame and no second of the chat is shared
    before, begun = len(_sent(stage)), time.monotonic()
    await stage.muster.database.write(_ask)
    await _until(lambda: len(_sent(stage)) > before)
    return _sent(stage)[-1].at - begun


def _ask(tx: Transaction) -> None:
    incident = tx.incidents.get(1)
    look = tx.looks.add(Look(0, CHEN.staff_id, "A3", utc_now(), 1))
    params = {"look": look.id, "asked_at": utc_now().isoformat(), "every_s": 10, "for_s": 120}
    params |= {"camera": {"zh": "走廊", "en": ""}, "number": incident.number, "deleted_after_s": 3600}
    to = Address.person(CHEN.staff_id)
    tx.outbox.add(Draft(to, MessageKind.CAMERA_PICTURE, params, incident_id=1), utc_now())


def _sent(stage: Stage) -> list[Any]:
    return [call for call in stage.simulator.calls if call.method == "sendPhoto"]


async def _until(what: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0.002)


async def _tick(lags: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(_LAG_STEP_S)
        lags.append(time.perf_counter() - begun - _LAG_STEP_S)
