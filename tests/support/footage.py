"""Real footage (`vtest.avi` of Debian's opencv-doc: people crossing a yard) and an RTSP server that plays it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tests.support.skips import skip_missing

PLACES = (
    Path(__file__).parents[2] / ".footage" / "vtest.avi",
    Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi"),
)
SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).parent / "rtsp_server.py"
PLAYBACK = SERVER.with_name("rtsp_playback.py")
WIDTH, HEIGHT, RATE = 640, 360, 25
FRAMES = 1_500
"""A minute: no test looks longer."""


def make_film(path: Path, *, frames: int = FRAMES) -> Path:
    """The footage as Motion JPEG of 640 × 360 at 25 fps; a moving block where it is not installed."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), RATE, (WIDTH, HEIGHT))
    source = next((place for place in PLACES if place.exists()), None)
    reader = cv2.VideoCapture(str(source)) if source else None
    for number in range(frames):
        writer.write(_image(reader, number))
    writer.release()
    return path


def _image(reader: cv2.VideoCapture | None, number: int) -> np.ndarray:
    if reader is not None:
        is_good, image = reader.read()
        if not is_good:
            reader.set(cv2.CAP_PROP_POS_FRAMES, 0)
            _, image = reader.read()
        return cv2.resize(image, (WIDTH, HEIGHT))
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    cv2.rectangle(image, (number % WIDTH, 100), (number % WIDTH + 40, 260), (30, 200, 240), -1)
    return image


def jpeg(*, width: int = WIDTH, height: int = HEIGHT, shade: int = 120) -> bytes:
    """A small picture."""
    return cv2.imencode(".jpg", np.full((height, width, 3), shade, np.uint8))[1].tobytes()


def size(data: bytes) -> tuple[int, int]:
    """Width and height, by really decoding it."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return image.shape[1], image.shape[0]


@dataclass
class RtspServer:
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/film"

    def stall(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def rtsp_server(film: Path, *login: str) -> Iterator[RtspServer]:
    """Plays the film; ends with the block."""
    need_rtsp_server()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER), str(film), *login],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        yield RtspServer(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def need_rtsp_server() -> None:
    """Skips, loudly, where GStreamer's RTSP server is missing."""
    ask = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer;"
        "Gst.init(None); assert all(map(Gst.ElementFactory.find, ('avidemux', 'jpegdec', 'x264enc', 'rtph264pay')))"
    )
    has_python = shutil.which(SYSTEM_PYTHON) is not None
    if (
        not has_python
        or subprocess.run([SYSTEM_PYTHON, "-c", ask], capture_output=True, check=False).returncode
    ):
        skip_missing("GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0, plugins base, good, ugly)")


def make_seconds(folder: Path, seconds: int) -> Path:
    """A recording as a JPEG a second: the footage, with the second written into a strip that survives encoding."""
    folder.mkdir()
    source = next((place for place in PLACES if place.exists()), None)
    reader = cv2.VideoCapture(str(source)) if source else None
    for second in range(seconds):
        image = _image(reader, second * 25)
        for bit in range(12):
            shade = 255 if second >> bit & 1 else 0
            image[:20, bit * 20 : bit * 20 + 20] = shade
        cv2.imwrite(str(folder / f"{second:06}.jpg"), image)
    return folder


def second_of(data: bytes) -> int:
    """Which second of `make_seconds` a picture shows."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return sum(1 << bit for bit in range(12) if image[10, bit * 20 + 10] > 127)


@contextmanager
def rtsp_playback(folder: Path, begin: str) -> Iterator[int]:
    """Plays `make_seconds` from any second on; its port. `begin`: of the recording, as 20261123T100000Z."""
    need_rtsp_server()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(PLAYBACK), str(folder), begin],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
