"""The child processes that decode, seen from the bot: asked, limited, killed, started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger

from bot.domain.camera import Camera, Frame
from bot.errors import CameraUnreachableError, NoPictureError
from integrations.cameras import decoder
from integrations.cameras.picture import MAX_BYTES

TIMEOUT_S: Final = 3.0
"""For opening a stream, and again for reading from it; FFmpeg's own is 30 s."""
IDLE_S: Final = 60.0
"""A process that is not asked for so long is ended: it holds some 80 MB."""

END_S: Final = 1.0

_SCRIPT: Final = Path(decoder.__file__)


class DecoderDiedError(Exception):
    """The process ended while it was asked. `how` names the signal or the exit code."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class DecoderSaysError(Exception):
    """The stream gave nothing; the text says what, without a url."""


@dataclass(frozen=True)
class Picture:
    """JPEG bytes and when they were taken; empty when a stream has only become live."""

    data: bytes
    captured_at: datetime


class Decoder:
    """One process. Not to be used again once it has died."""

    def __init__(self, *, script: Path = _SCRIPT) -> None:
        self._script = script
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Picture]] = {}
        self._number = 0
        self.died = ""

    @property
    def is_asked(self) -> bool:
        """Whether it still works on something."""
        return bool(self._asked)

    @property
    def pid(self) -> int | None:
        """Of the process, once it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process; it gets none of our environment, where secrets may be."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(self._script)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # FFmpeg writes urls with their passwords there
            env={
                "PATH": os.defpath,
                "OPENCV_LOG_LEVEL": "OFF",
                "OPENBLAS_NUM_THREADS": "1",  # a fork takes no threads along
                "MUSTER_DECODER_TIMEOUT_S": str(TIMEOUT_S),
            },
            start_new_session=True,  # a Ctrl-C is for the bot, which ends it in order
        )
        self._reader = asyncio.create_task(self._read(self._process))

    async def ask(self, do: str, *, url: str = "", at_s: float | None = None) -> Picture:
        """The first answer to one request. `DecoderSaysError`, `DecoderDiedError`; the deadline is the caller's."""
        if self.died or self._process is None:
            raise DecoderDiedError(self.died or "not started")
        self._number += 1
        number = self._number
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._write(id=number, do=do, url=url, timeout_ms=int(TIMEOUT_S * 1000), at_s=at_s)
        try:
            return await asyncio.shield(self._asked[number])
        except asyncio.CancelledError:
            if do == "once":
                self._write(id=number, do="stop")
            raise

    def _write(self, **request: Any) -> None:
        body = json.dumps(request).encode()
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # the reader sees it die
                self._process.stdin.write(decoder.REQUEST.pack(len(body)) + body)

    async def watch(self, url: str) -> tuple[Picture, asyncio.Future[Picture]]:
        """Keep a stream; when it is live, and a future that fails when it is lost."""
        live = await self.ask("keep", url=url)
        lost: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()
        self._asked[self._number_of_keep] = lost
        return live, lost

    @property
    def _number_of_keep(self) -> int:
        # A process keeps one stream, which is the first thing that it is asked for.
        return 1

    def kill(self) -> None:
        """End it and its forks now, whatever they do."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End it and wait until it is gone."""
        self.kill()
        if self._reader is not None:
            await self._reader

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            while True:
                head = await process.stdout.readexactly(decoder.ANSWER.size)
                number, kind, at, length = decoder.ANSWER.unpack(head)
                if length > MAX_BYTES:
                    break
                self._settle(number, kind, at, await process.stdout.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.died = _how(await self._ended(process))
            if process.stdin is not None:
                process.stdin.close()
            for future in self._asked.values():
                _fail(future, DecoderDiedError(self.died))
            self._asked.clear()

    async def _ended(self, process: Process) -> int:
        """The exit code. One that is ending by itself is not killed: that would hide which signal ended it."""
        try:
            async with asyncio.timeout(END_S):
                return await process.wait()
        except TimeoutError:
            self.kill()
            return await process.wait()

    def _settle(self, number: int, kind: bytes, at: float, data: bytes) -> None:
        future = self._asked.pop(number, None)
        if future is None or future.done():
            return
        if kind == b"E":
            _fail(future, DecoderSaysError(data.decode("utf-8", "replace")[:200]))
        elif kind == b"D":
            _fail(future, DecoderDiedError(_how(int(data))))
        else:
            future.set_result(Picture(data, datetime.fromtimestamp(at, UTC)))


class Decoders:
    """Single frames: one process, which forks for each.

    Opened in one process they would wait for each other: OpenCV locks there.
    """

    def __init__(self, *, script: Path = _SCRIPT) -> None:
        self._script = script
        self._decoder: Decoder | None = None
        self._starting = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._log: FilteringBoundLogger = structlog.get_logger(__name__)

    async def frame(self, camera: Camera, url: str, *, at_s: float | None = None) -> Frame:
        """Open the stream or file, take one frame, close. `at_s`: the second of a file that is wanted."""
        try:
            decoder = await self._running()
            picture = await decoder.ask("once", url=url, at_s=at_s)
        except DecoderSaysError as error:
            raise CameraUnreachableError(camera.id, str(error)) from None
        except DecoderDiedError as error:
            self._log.warning("decoder died", camera=camera.id, how=error.how)
            raise NoPictureError(camera.id, f"its video ended the decoder ({error.how})") from None
        except OSError as error:
            raise CameraUnreachableError(camera.id, f"no decoder can be started ({error.strerror})") from None
        finally:
            self._rest()
        return Frame(camera.id, picture.data, picture.captured_at, is_original=False)

    def new(self) -> Decoder:
        """A process for one stream, not started yet."""
        return Decoder(script=self._script)

    async def close(self) -> None:
        """End all processes."""
        if self._idle is not None:
            self._idle.cancel()
        self._end()
        if self._ending:
            await asyncio.wait(self._ending)

    async def _running(self) -> Decoder:
        async with self._starting:
            if self._decoder is None or self._decoder.died:
                decoder = self.new()
                await decoder.start()
                self._decoder = decoder
            return self._decoder

    def _rest(self) -> None:
        """End the process some time after the last one asked."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end_idle)

    def _end_idle(self) -> None:
        if self._decoder is not None and not self._decoder.is_asked:
            self._end()

    def _end(self) -> None:
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            task = asyncio.create_task(decoder.close())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # perhaps nobody waits for it any more


def _how(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
