"""The single writer: a thread that commits what waits, together, and answers after the commit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection

from bot.errors import StorageError
from bot.storage import driver as kinds
from bot.storage.driver import Driver
from bot.storage.transaction import Transaction

# Units that share one commit. More would only make each of them wait longer.
MAX_TOGETHER = 50
# Under constant load the lock is left free this long, this often, for waiting shell commands.
_GAP_S = 0.002
_GAP_EVERY_S = 0.05
# While closing, another process's lock is waited for no longer than this.
_CLOSING_PATIENCE_S = 0.5


@dataclass(slots=True, eq=False)
class Unit:
    """One unit of work and what became of it."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Tell the caller, if it still waits."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns the only connection that writes. `woken` is called on the loop with what a commit touched."""

    def __init__(
        self, driver: Driver, loop: asyncio.AbstractEventLoop, woken: Callable[[set[str]], None]
    ) -> None:
        self._driver = driver
        self._loop = loop
        self._woken = woken
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        # By topic, what rides in the next commit that touches it; taken by whoever holds the lock.
        self._riders: dict[str, Unit] = {}
        self._riders_lock = threading.Lock()
        self._opened: Future[None] = Future()
        self._is_stopping = False
        self._is_hurried = False
        self._last_gap_at = 0.0
        self._thread = threading.Thread(target=self._run, name="muster-writer", daemon=True)

    def start(self) -> None:
        """Blocks until the connection stands. StorageError when it cannot."""
        self._thread.start()
        self._opened.result()

    def submit(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> asyncio.Future[Any]:
        """Queue one unit; on the loop's thread."""
        unit = Unit(fn, args, kwargs, self._loop.create_future())
        self._queue.put(unit)
        return unit.future

    def ride(self, topic: str, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Unit:
        """Have `fn` run as the last unit of the next commit that touches `topic`; one at a time for a topic."""
        rider = Unit(fn, args, kwargs, self._loop.create_future())
        with self._riders_lock:
            self._riders[topic] = rider
        return rider

    def take_back(self, topic: str, rider: Unit) -> bool:
        """Whether the rider still waited, and now does not; False: it rides or has arrived."""
        with self._riders_lock:
            is_waiting = self._riders.get(topic) is rider
            if is_waiting:
                del self._riders[topic]
        return is_waiting

    @property
    def has_waiting(self) -> bool:
        """Whether units wait for what is being committed now."""
        return not self._queue.empty()

    def hurry(self) -> None:
        """The program is about to end: from now on wait for another process's lock only shortly."""
        self._is_hurried = True

    def _patience_s(self) -> float:
        is_closing = self._is_hurried or self._is_stopping
        return _CLOSING_PATIENCE_S if is_closing else kinds.WRITER_PATIENCE_S

    def stop(self) -> None:
        """Blocks until everything queued so far is committed and answered."""
        self._is_stopping = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            connection = self._driver.connect(is_writer=True)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the start
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        while batch := self._next_batch():
            self._keep(connection, batch)
        self._driver.finish(connection)
        connection.close()

    def _next_batch(self) -> list[Unit]:
        """What waits now, at least one unit; empty: stop."""
        batch: list[Unit] = []
        while len(batch) < MAX_TOGETHER:
            try:
                unit = self._queue.get_nowait() if batch else self._wait()
            except Empty:
                break
            if unit is None:
                if batch:
                    self._queue.put(None)
                break
            if not unit.future.cancelled():
                batch.append(unit)
        return batch

    def _wait(self) -> Unit | None:
        try:
            unit = self._queue.get_nowait()
        except Empty:
            unit = self._queue.get()
            self._last_gap_at = time.monotonic()
            return unit
        self._let_others_in()
        return unit

    def _let_others_in(self) -> None:
        if time.monotonic() - self._last_gap_at > _GAP_EVERY_S and not self._is_stopping:
            time.sleep(_GAP_S)
            self._last_gap_at = time.monotonic()

    def _keep(self, connection: Connection, batch: list[Unit]) -> None:
        """All in one commit; when anything fails, each alone, so that one bad unit harms no other."""
        if self._commit(connection, batch) or len(batch) == 1:
            return
        for unit in batch:
            if not unit.future.cancelled():
                self._commit(connection, [unit])

    def _commit(self, connection: Connection, batch: list[Unit]) -> bool:
        """Whether this batch is finished and answered; False: nothing was kept and each is to run alone."""
        touched: set[str] = set()
        has_begun = False
        try:
            with (
                self._driver.translated(),
                self._driver.transaction(connection, patience_s=self._patience_s),
            ):
                has_begun = True
                for unit in batch:
                    touched |= _run(unit, connection)
                # They share the fate of the batch; when it fails, each runs alone like the others.
                for rider in self._board(touched):
                    batch.append(rider)
                    touched |= _run(rider, connection)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the unit
            if has_begun and len(batch) > 1:
                return False
            self._refuse(batch, error)
            return True
        self._answer(batch, touched)
        return True

    def _board(self, touched: set[str]) -> list[Unit]:
        with self._riders_lock:
            return [self._riders.pop(topic) for topic in touched & self._riders.keys()]

    def _refuse(self, batch: list[Unit], error: BaseException) -> None:
        if isinstance(error, StopIteration):  # a future refuses to carry it
            error = StorageError("the unit of work raised StopIteration")
        for unit in batch:
            unit.error = error
        self._answer(batch, set())

    def _answer(self, batch: list[Unit], touched: set[str]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._tell, batch, touched)
        except RuntimeError:  # the loop is closed, nobody waits any more
            return

    def _tell(self, batch: list[Unit], touched: set[str]) -> None:
        # What waits for news goes on before those who brought it: a message is on its way before its receipt.
        if touched:
            self._woken(touched)
        for unit in batch:
            unit.answer()


def _run(unit: Unit, connection: Connection) -> set[str]:
    """What it touched."""
    tx = Transaction(connection)
    unit.result = unit.fn(tx, *unit.args, **unit.kwargs)
    return tx.touched
