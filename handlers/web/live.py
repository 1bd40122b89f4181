"""The live feed behind the board: one look at the database for each change, however many screens watch."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

MOST_VIEWERS: Final = 32
# Many class leads answer at once: one picture of them all, at most four a second.
DEBOUNCE_S: Final = 0.15
GAP_S: Final = 0.25
BEAT_S: Final = 3.0
# How long a screen that takes nothing may hold up the end.
GRACE_S: Final = 0.3

Data = dict[str, Any]
# For a member of staff: what they would see, None when they may see nothing any more.
Read = Callable[[str], Awaitable[Data | None]]

_log = structlog.get_logger(__name__)


class FullError(Exception):
    """So many screens watch already, or Muster is about to end."""


@dataclass(frozen=True, slots=True)
class State:
    """What there is to see now, as JSON in one language. `id`: the same for the same content."""

    id: str
    text: str = field(repr=False)


@dataclass(eq=False, slots=True)
class Viewer:
    """One open stream. Nothing waits in it: it is told to look, and sees the newest state only."""

    staff_id: str
    abort: Callable[[], None]
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    async def rung(self) -> bool:
        """Wait until there is something to look at, or to say that nothing changed; False at the end."""
        await self.bell.wait()
        self.bell.clear()
        return not self.is_over


class Live:
    """`start` and `stop` once each; `wake` after each change. `view`: the data in a reader's language, JSON."""

    def __init__(self, read: Read, view: Callable[[Data, str], Data]) -> None:
        self._read = read
        self._view = view
        self._viewers: set[Viewer] = set()
        self._woken = asyncio.Event()
        self._last_left = asyncio.Event()
        self._data: Data | None = None
        self._digest = ""
        self._states: dict[str, State] = {}
        self._rung_at = 0.0
        self._is_over = False
        self._running: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something may have changed."""
        self._woken.set()

    def start(self) -> None:
        """Begin; as long as nobody watches nothing is read."""
        self._running = asyncio.create_task(self._run(), name="live")

    async def stop(self) -> None:
        """End all streams; who does not take the end is cut off."""
        self._is_over = True
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if not self._viewers:
            return
        for viewer in self._viewers:
            viewer.is_over = True
            viewer.bell.set()
        self._last_left.clear()
        try:
            await asyncio.wait_for(self._last_left.wait(), GRACE_S)
        except TimeoutError:
            for viewer in self._viewers:
                viewer.abort()

    @contextmanager
    def watch(self, staff_id: str, abort: Callable[[], None]) -> Iterator[Viewer]:
        """A viewer as long as it lasts; what there is to see comes at once. `abort` breaks its connection."""
        if self._is_over or len(self._viewers) >= MOST_VIEWERS:
            raise FullError
        viewer = Viewer(staff_id, abort)
        self._viewers.add(viewer)
        # While no look succeeds, what was seen last is not what there is to see.
        if self._data is None or self._now() > self._rung_at + BEAT_S:
            self._woken.set()
        else:
            viewer.bell.set()
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)
            if not self._viewers:
                self._forget()
                self._last_left.set()

    def state(self, locale: str) -> State | None:
        """The newest, put into this language once; None before the first look."""
        if self._data is None:
            return None
        if locale not in self._states:
            text = json.dumps(self._view(self._data, locale), ensure_ascii=False, separators=(",", ":"))
            self._states[locale] = State(f"{self._digest}-{locale}", text)
        return self._states[locale]

    async def _run(self) -> None:
        while True:
            await self._change_or_beat()
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - whatever it was, the wall must come back by itself
                # No beat either: the screens say since when they are not live.
                _log.exception("board_not_read")
                await asyncio.sleep(GAP_S)

    async def _change_or_beat(self) -> None:
        """Every look is at the database: the beat says that nothing changed, not only that somebody lives."""
        try:
            async with asyncio.timeout(BEAT_S if self._viewers else None):
                await self._woken.wait()
        except TimeoutError:
            return
        if self._data is not None:
            await asyncio.sleep(max(DEBOUNCE_S, self._rung_at + GAP_S - self._now()))
        self._woken.clear()

    async def _look(self) -> None:
        data = await self._read_for_somebody()
        if data is not None:
            digest = _digest(data)
            if digest == self._digest and self._now() < self._rung_at + BEAT_S:
                return
            if digest != self._digest:
                self._data, self._digest = data, digest
                self._states.clear()
        self._rung_at = self._now()
        for viewer in self._viewers:
            viewer.bell.set()

    async def _read_for_somebody(self) -> Data | None:
        """By the right of any who watches; each one's own is asked again before anything is sent to them."""
        for staff_id in dict.fromkeys(viewer.staff_id for viewer in self._viewers):
            data = await self._read(staff_id)
            if data is not None:
                return data
        return None

    def _forget(self) -> None:
        self._data, self._digest = None, ""
        self._states.clear()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _digest(data: Data) -> str:
    said = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(said).hexdigest()[:16]
