"""Develops and measures pictures in child processes: a crash, a leak or a hang of a decoder costs one child.

The event loop only moves bytes. Children start on demand or by `warm_up`, and end when unused for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from itertools import count
from pathlib import Path
from typing import Any, Final

import structlog

from bot.domain.camera import Polygon
from bot.domain.recipe import Faces, Recipe
from bot.errors import DevelopingError, UndevelopableError
from integrations.vision import wire
from integrations.vision.limits import jpeg_size
from integrations.vision.reading import Reading
from integrations.vision.weights import Weights

DEADLINE_S: Final = 5.0
START_S: Final = 15.0
"""A child needs 0.4 s; ten times that on a busy machine is still no failure."""
IDLE_S: Final = 300.0
QUEUE: Final = 64
CHILD: Final = ("-m", "integrations.vision.child")
_ROOT: Final = Path(__file__).resolve().parents[2]
# Nothing else of the environment: Muster's own may hold a token.
_ENVIRONMENT: Final = ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")

log = structlog.get_logger()


class Darkroom:
    """A pool of children, `children` at most (preset: one a core), each with one picture at a time.

    `queue`: how many requests may be inside, waiting ones included; more are refused at once.
    `deadline_s`: for a request, its waiting included. `weights`: the face detector's; without it faces that must be
    hidden hide the whole picture. `program`: what is started with Python, for tests.
    """

    def __init__(
        self,
        *,
        weights: Weights | None = None,
        children: int | None = None,
        queue: int = QUEUE,
        deadline_s: float = DEADLINE_S,
        idle_s: float = IDLE_S,
        program: tuple[str, ...] = CHILD,
    ) -> None:
        self.detector_problem = ""
        self._arguments = [*program, str(math.ceil(deadline_s) + 1)]
        self._arguments += [str(weights.path), weights.sha256] if weights else []
        self._most = children or os.cpu_count() or 1
        self._places = asyncio.Semaphore(self._most)
        self._queue, self._deadline_s, self._idle_s = queue, deadline_s, idle_s
        self._inside = 0
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._is_closed = False

    @property
    def pids(self) -> list[int]:
        """Of the children that live."""
        return [child.pid for child in self._all]

    async def develop(self, frame_bytes: bytes, recipe: Recipe) -> bytes:
        """The JPEG that may be seen. DevelopingError: none, for time, queue or a crash; Undevelopable…: never."""
        _, body = await self._ask("develop", frame_bytes, recipe)
        if not body.startswith(b"\xff\xd8"):
            raise DevelopingError("the darkroom answered without a picture")
        return body

    async def measure(self, frame_bytes: bytes, masks: tuple[Polygon, ...] = ()) -> Reading:
        """What the health watch needs of a frame, which is not kept. Errors as for `develop`."""
        header, _ = await self._ask("measure", frame_bytes, Recipe(masks, Faces.SHOWN))
        try:
            return Reading.from_json(header["reading"])
        except (KeyError, TypeError, ValueError) as error:
            raise DevelopingError("the darkroom answered without a reading") from error

    async def warm_up(self) -> None:
        """Start every child, so that an incident's first picture waits for none. DevelopingError: it cannot."""
        missing = self._most - len(self._all)
        started = await asyncio.gather(*(self._start() for _ in range(missing)), return_exceptions=True)
        for child in started:
            if isinstance(child, _Child):
                self._put_back(child)
        for problem in started:
            if isinstance(problem, BaseException):
                raise problem

    async def close(self) -> None:
        """End all children; requests inside fail."""
        self._is_closed = True
        self._idle.clear()
        await asyncio.gather(*(self._end(child) for child in list(self._all)))

    async def _ask(self, work: str, data: bytes, recipe: Recipe) -> tuple[dict[str, Any], bytes]:
        jpeg_size(data)
        if self._is_closed:
            raise DevelopingError("the darkroom is closed")
        if self._inside >= self._queue:
            raise DevelopingError(f"{self._inside} pictures are waiting already")
        self._inside += 1
        request = {"work": work, "recipe": wire.recipe_to_json(recipe)}
        try:
            async with asyncio.timeout(self._deadline_s), self._places:
                return await self._on_a_child(request, data)
        except TimeoutError as error:
            raise DevelopingError(f"no picture within {self._deadline_s:g} s") from error
        finally:
            self._inside -= 1

    async def _on_a_child(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._taken() or await self._start()
        is_whole = False
        try:
            answer = await child.ask(request, data)
            is_whole = True
        except (OSError, EOFError, ValueError) as error:
            raise DevelopingError("the darkroom's child broke off") from error
        finally:
            # Also after a timeout or a cancelled caller: a late answer must never reach the next one.
            if is_whole:
                self._put_back(child)
            else:
                await asyncio.shield(self._end(child))
        if "refused" in answer[0]:
            raise UndevelopableError(str(answer[0]["refused"])[:200])
        return answer

    def _taken(self) -> _Child | None:
        """The child used last; one that died meanwhile is forgotten."""
        while self._idle:
            child = self._idle.pop()
            child.rest(None)
            if child.is_alive:
                return child
            self._all.discard(child)
        return None

    async def _start(self) -> _Child:
        child = await _Child.started(self._arguments)
        self._all.add(child)
        try:
            async with asyncio.timeout(START_S):
                self.detector_problem = await child.ready()
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            await self._end(child)
            raise DevelopingError("the darkroom's child does not start") from error
        except asyncio.CancelledError:
            await asyncio.shield(self._end(child))
            raise
        if self.detector_problem:
            log.error("face detector unusable, whole pictures are pixelated", problem=self.detector_problem)
        return child

    def _put_back(self, child: _Child) -> None:
        if self._is_closed:
            child.kill()
            return
        self._idle.append(child)
        child.rest(asyncio.get_running_loop().call_later(self._idle_s, self._dismiss, child))

    def _dismiss(self, child: _Child) -> None:
        self._idle.remove(child)
        self._all.discard(child)
        child.dismiss()

    async def _end(self, child: _Child) -> None:
        self._all.discard(child)
        child.rest(None)
        child.kill()
        await child.ended()


class _Child:
    """One process and its pipes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._numbers = count(1)
        self._rest: asyncio.TimerHandle | None = None

    @classmethod
    async def started(cls, arguments: list[str]) -> _Child:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment["PYTHONPATH"] = str(_ROOT)
        # A session of its own: Ctrl-C at a shell is Muster's, which then closes the darkroom.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=environment,
            start_new_session=True,
            limit=wire.MAX_ANSWER_BYTES,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ready(self) -> str:
        """Waits until it is; what is wrong with its face detector, or nothing."""
        header, _ = await self._read()
        return str(header.get("problem", ""))[:500]

    async def ask(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        number = next(self._numbers)
        writer = self._process.stdin
        assert writer is not None  # noqa: S101 - PIPE was asked for
        writer.write(wire.packed({**request, "id": number}, data))
        await writer.drain()
        header, body = await self._read()
        if header.get("id") != number:
            raise ValueError("an answer to another question")
        return header, body

    async def _read(self) -> tuple[dict[str, Any], bytes]:
        reader = self._process.stdout
        assert reader is not None  # noqa: S101 - as above
        length = wire.header_length(await reader.readexactly(wire.PREFIX_BYTES))
        header, size = wire.read_header(await reader.readexactly(length), most_bytes=wire.MAX_ANSWER_BYTES)
        return header, await reader.readexactly(size)

    def rest(self, until: asyncio.TimerHandle | None) -> None:
        """Remember the timer that ends its rest; None stops it."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = until

    def dismiss(self) -> None:
        """It ends by itself at the end of its input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        await self._process.wait()
        self.dismiss()
