"""The child process that decodes video, so that a decoder that crashes takes nothing of the bot with it.

Run by path, isolated (`python -I decoder.py`), it imports nothing of Muster. Requests come on stdin and answers
go to stdout, both with a fixed head: a login is never among the arguments. It ends when stdin closes.

    request   >I   length   JSON {"id", "do": "once" | "stop" | "keep" | "newest", "url", "timeout_ms", "at_s"}
    answer    >IcdI   id, kind, captured_at (epoch, s), length   then that many bytes
    kinds     F a JPEG · L the stream is live · E an error, as words
              D the fork died: its exit code, or a signal's number below 0

Single frames are each taken by a fork of this process, which has OpenCV loaded already: sixteen cameras asked at once
start no sixteen Pythons, and a video that crashes its decoder ends one fork. A kept stream has a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

REQUEST: Final = struct.Struct(">I")
ANSWER: Final = struct.Struct(">IcdI")
JPEG_QUALITY: Final = 90
FRESH_S: Final = 0.3
"""A request waits this long for the next frame; a stalled stream gives the last one, with its own time."""
AT_HAND_S: Final = 1.0
"""How often a frame is kept at hand for that."""
MAX_DATA: Final = 2 * 1024**3
OPTIONS: Final = "rtsp_transport;tcp|timeout;{us}|protocol_whitelist;file,rtsp,rtsps,rtp,tcp,tls,crypto"
"""FFmpeg's socket timeout is in microseconds; `stimeout` of old guides is ignored by it."""

_out_lock = threading.Lock()


class NoFrameError(Exception):
    """What the stream did not give, in words without its url."""


def answer(number: int, kind: bytes, at: float, data: bytes = b"") -> bytes:
    """One answer as it is written."""
    return ANSWER.pack(number, kind, at, len(data)) + data


def say(words: bytes) -> None:
    """One answer, whole."""
    with _out_lock:
        sys.stdout.buffer.write(words)
        sys.stdout.buffer.flush()


def opened(url: str, timeout_ms: int) -> Any:
    """A capture that is open; it holds one thread, since more only delay the picture."""
    import cv2  # noqa: PLC0415 - the process is asked before the library is loaded

    wanted = [cv2.CAP_PROP_N_THREADS, 1]
    if "://" in url:
        wanted += [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, timeout_ms]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, wanted)
    if not capture.isOpened():
        raise NoFrameError("the stream does not open")
    return capture


def encoded(image: Any) -> bytes:
    """As JPEG."""
    import cv2  # noqa: PLC0415 - see above

    is_good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not is_good:
        raise NoFrameError("the frame cannot be encoded")
    return bytes(data)


def retrieved(capture: Any) -> Any:
    """The frame that was grabbed."""
    is_good, image = capture.retrieve()
    if not is_good:
        raise NoFrameError("the frame cannot be decoded")
    return image


def once(request: dict[str, Any]) -> bytes:
    """Open, one frame, close; the answer. `at_s`: a place in a file, which plays round and round."""
    begun = time.time()
    capture = opened(request["url"], request["timeout_ms"])
    try:
        if request.get("at_s") is not None:
            go_to(capture, request["at_s"])
        if not capture.grab():
            raise NoFrameError("the stream gives no frame")
        return answer(request["id"], b"F", begun, encoded(retrieved(capture)))
    finally:
        capture.release()


def go_to(capture: Any, at_s: float) -> None:
    """To this second of the film, counted on from its beginning when it has ended."""
    import cv2  # noqa: PLC0415 - see above

    frames, rate = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS) or 25.0
    if frames >= 1:
        capture.set(cv2.CAP_PROP_POS_FRAMES, int(at_s * rate) % int(frames))


class Forks:
    """Takes single frames, each in a fork that hands over its whole answer when it ends."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[int, int]] = {}
        self.ended, woken = os.pipe()
        os.set_blocking(woken, False)
        # The handler itself does nothing: it would interrupt what is being written.
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def once(self, request: dict[str, Any]) -> None:
        """Begin."""
        import cv2  # noqa: F401, PLC0415 - once, and every fork has it

        file = os.memfd_create("answer")
        pid = os.fork()
        if pid == 0:
            _write(file, _attempted(once, request))
            os._exit(0)
        self._running[pid] = (request["id"], file)

    def stop(self, request: dict[str, Any]) -> None:
        """Nobody waits for this one any more, and it may be stuck."""
        for pid, (number, _) in self._running.items():
            if number == request["id"]:
                os.kill(pid, signal.SIGKILL)

    def reap(self) -> None:
        """Pass on what the ended ones left; `ended` can be read when there are some."""
        os.read(self.ended, 4096)
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            number, file = self._running.pop(pid)
            with os.fdopen(file, "rb") as left:
                left.seek(0)
                words = left.read()
            code = os.waitstatus_to_exitcode(status)
            say(words if code == 0 else answer(number, b"D", 0.0, str(code).encode()))


class Kept:
    """A stream that is read on and on. Each frame is grabbed; only what is asked for is converted and encoded."""

    def __init__(self) -> None:
        self._asked: list[int] = []
        self._lock = threading.Lock()
        self._at_hand: tuple[Any, float] = (None, 0.0)

    def run(self, request: dict[str, Any]) -> None:
        """Until the stream is lost."""
        capture = opened(request["url"], request["timeout_ms"])
        is_live = False
        while capture.grab():
            now = time.time()
            asked = self._take_asked()
            if asked or not is_live or now - self._at_hand[1] >= AT_HAND_S:
                self._at_hand = (retrieved(capture), now)
            if not is_live:
                say(answer(request["id"], b"L", now))
                is_live = True
            self._answer(asked)
        raise NoFrameError("the stream was lost")

    def newest(self, request: dict[str, Any]) -> None:
        """Ask the grabbing thread for its next frame; take the one at hand if there is none in time."""
        with self._lock:
            self._asked.append(request["id"])
        time.sleep(FRESH_S)
        with self._lock:
            is_waiting = request["id"] in self._asked
            if is_waiting:
                self._asked.remove(request["id"])
        if is_waiting:
            if self._at_hand[0] is None:
                raise NoFrameError("no frame yet")
            self._answer([request["id"]])

    def _take_asked(self) -> list[int]:
        with self._lock:
            asked, self._asked = self._asked, []
        return asked

    def _answer(self, asked: list[int]) -> None:
        if asked:
            image, at = self._at_hand
            data = encoded(image)
            for number in asked:
                say(answer(number, b"F", at, data))


def serve() -> None:
    """Until stdin ends. What a kept stream is asked has a thread each; a process has either forks or threads."""
    forks, kept = Forks(), Kept()
    doing = {
        "once": forks.once,
        "stop": forks.stop,
        "keep": _in_thread(kept.run),
        "newest": _in_thread(kept.newest),
    }
    waiting = bytearray()
    while True:
        ready, _, _ = select.select([sys.stdin.fileno(), forks.ended], [], [])
        if forks.ended in ready:
            forks.reap()
        if sys.stdin.fileno() in ready:
            words = os.read(sys.stdin.fileno(), 65_536)
            if not words:
                return
            waiting += words
            for request in _whole(waiting):
                doing[request["do"]](request)


def _whole(waiting: bytearray) -> Iterator[dict[str, Any]]:
    """The requests that have come to their end; they are taken out."""
    while len(waiting) >= REQUEST.size:
        end = REQUEST.size + REQUEST.unpack_from(waiting)[0]
        if len(waiting) < end:
            return
        request = json.loads(waiting[REQUEST.size : end])
        del waiting[:end]
        yield request


def _in_thread(do: Any) -> Callable[[dict[str, Any]], None]:
    def begin(request: dict[str, Any]) -> None:
        threading.Thread(target=lambda: say(_attempted(do, request)), daemon=True).start()

    return begin


def _attempted(do: Any, request: dict[str, Any]) -> bytes:
    """The answer; empty when it is said already."""
    try:
        return do(request) or b""
    except NoFrameError as error:
        words = str(error)
    except Exception as error:  # noqa: BLE001 - OpenCV's own words may hold the url
        words = type(error).__name__
    return answer(request["id"], b"E", 0.0, words.encode())


def _write(file: int, words: bytes) -> None:
    while words:
        words = words[os.write(file, words) :]


def main() -> None:
    """No core dump may hold a picture, and no bomb may take the machine's memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_DATA, MAX_DATA))
    timeout_us = int(float(os.environ.get("MUSTER_DECODER_TIMEOUT_S", "3")) * 1e6)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = OPTIONS.format(us=timeout_us)
    serve()
    os._exit(0)


if __name__ == "__main__":
    main()
