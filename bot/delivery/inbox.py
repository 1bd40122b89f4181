"""The durable inbox: stored first, handled afterwards, in order per sender and senders side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import structlog

from bot.delivery import metrics
from bot.delivery.waiting import STORAGE_PAUSE_S, rest
from bot.errors import StorageBusyError, StorageError
from bot.ports import Clock, utc_now
from bot.storage.database import Database
from bot.storage.inbox import INBOX, InboxCounts, InboxItem
from bot.storage.transaction import Transaction

Handle = Callable[[InboxItem], Awaitable[None]]

# What is kept in memory: of one sender, and of all. The rest waits in the table.
PER_SENDER = 50
IN_MEMORY = 2000
PAGE = 200
# The waits after a failed try; after the last one it is a dead letter.
RETRIES_S = (1.0, 5.0)
# A handler that hangs counts as failed.
HANDLE_LIMIT_S = 60.0
STOP_WITHIN_S = 3.0
POLL_S = 1.0
METRICS_EVERY_S = 5.0
_MARK_EVERY_S = 0.02
MARKS_AT_ONCE = 200

_log = structlog.get_logger(__name__)


class Inbox:
    """The way in for the poller and the web routes."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def store(self, source: str, rows: Iterable[tuple[str, str, str]]) -> list[int]:
        """Keep (external_id, sender, payload) of each; after the commit, the ids of those not known yet."""
        return await self._database.write(_add, source, tuple(rows), self._clock())

    async def purge(self, before: datetime) -> int:
        """Delete what is done and was received before then; how many."""
        return await self._database.write(_purge, before)


@dataclass(slots=True, eq=False)
class _Lane:
    """One sender's items in memory, all those after `last_id` excluded.

    `has_more`: the table holds later ones that were left there; they come when the lane is drained, and until
    then nothing newer may be put in. `is_busy`: queued for a worker, with one, or resting.
    """

    sender: str
    last_id: int
    items: deque[InboxItem] = field(default_factory=deque)
    has_more: bool = False
    is_refilling: bool = False
    is_busy: bool = False

    def offer(self, item: InboxItem) -> bool:
        """Take a newer item, or remember that the table holds it."""
        if item.id <= self.last_id:
            return False
        if self.has_more or self.is_refilling or len(self.items) >= PER_SENDER:
            self.has_more = True
            return False
        self.items.append(item)
        self.last_id = item.id
        return True


class InboxWorkers:
    """Gives every stored item to `handle`, `concurrency` senders at a time.

    The handler's own unit of work settles its item; what it did not settle is marked done afterwards. One that
    raises is tried again later, then put with the dead letters; the sender's next items do not wait for it.
    """

    def __init__(
        self,
        database: Database,
        handle: Handle,
        *,
        concurrency: int = 32,
        clock: Clock = utc_now,
        poll_s: float = POLL_S,
    ) -> None:
        self._database = database
        self._handle = handle
        self._concurrency = concurrency
        self._clock = clock
        self._poll_s = poll_s
        self._lanes: dict[str, _Lane] = {}
        self._idle: set[_Lane] = set()
        self._ready: asyncio.Queue[_Lane] = asyncio.Queue()
        self._read_up_to = 0
        self._held = 0
        # Retries in hand; one is forgotten only after a reading that began when its outcome was kept.
        self._retrying: set[int] = set()
        self._retried: set[int] = set()
        self._handled: list[int] = []
        self._has_news = asyncio.Event()
        self._has_handled = asyncio.Event()
        self._is_stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._at_work: set[asyncio.Task[None]] = set()
        self._measured_at = float("-inf")

    async def start(self) -> None:
        """Begin with what is left from before."""
        self._database.listen(INBOX, self._has_news.set)
        jobs = [self._feed(), self._mark(), *(self._work() for _ in range(self._concurrency))]
        self._tasks = [asyncio.create_task(job, name="inbox") for job in jobs]

    async def stop(self) -> None:
        """Finish what is being handled, leave the rest in the table."""
        self._is_stopping = True
        await _cancel([task for task in self._tasks if task not in self._at_work])
        if self._at_work:
            await asyncio.wait(list(self._at_work), timeout=STOP_WITHIN_S)
        await _cancel(self._tasks)
        try:
            await self._mark_handled()
        except StorageError as error:
            _log.warning("inbox_marks_not_kept", error=str(error))

    # ── from the table into lanes ──────────────────────────────────────────────────────────────────────────
    async def _feed(self) -> None:
        while True:
            self._has_news.clear()
            try:
                has_more = await self._read()
                await self._measure()
            except StorageError as error:
                _log.warning("inbox_not_readable", error=str(error))
                has_more = False
            except Exception:  # noqa: BLE001 - the feeder outlives whatever it meets
                _log.exception("inbox_feed_failed")
                has_more = False
            if not has_more:
                await rest(self._has_news, self._poll_s)

    async def _read(self) -> bool:
        """Put one page into the lanes; whether there may be another one."""
        room = min(IN_MEMORY - self._held, PAGE)
        if room <= 0:
            return False
        retried = set(self._retried)
        page, retries = await self._database.read(_scan, self._read_up_to, room, self._clock())
        for item in page:
            lane = self._lane(item.sender)
            if lane.offer(item):
                self._held += 1
                self._schedule(lane)
        for item in retries:
            if item.id not in self._retrying:
                self._retry(item)
        self._retrying -= retried
        self._retried -= retried
        if page:
            self._read_up_to = page[-1].id
            for lane in list(self._idle):
                self._retire(lane)
        return len(page) == room

    def _retry(self, item: InboxItem) -> None:
        self._retrying.add(item.id)
        lane = self._lane(item.sender)
        lane.items.appendleft(item)
        self._held += 1
        self._schedule(lane)

    def _lane(self, sender: str) -> _Lane:
        """A sender without a lane has nothing unhandled up to where the table was read."""
        lane = self._lanes.get(sender)
        if lane is None:
            lane = self._lanes[sender] = _Lane(sender, self._read_up_to)
        return lane

    def _schedule(self, lane: _Lane) -> None:
        if lane.items and not lane.is_busy:
            lane.is_busy = True
            self._idle.discard(lane)
            self._ready.put_nowait(lane)

    def _retire(self, lane: _Lane) -> None:
        """Forget a drained lane, unless the reading of the table is still behind it and would begin it anew."""
        if lane.items or lane.is_busy or lane.has_more:
            return
        self._idle.add(lane)
        if lane.last_id <= self._read_up_to:
            self._idle.discard(lane)
            del self._lanes[lane.sender]

    async def _refill(self, lane: _Lane) -> None:
        """Fetch what was left in the table. What comes meanwhile is left there too, and fetched next."""
        lane.is_refilling = True
        try:
            while lane.has_more and not lane.items:
                lane.has_more = False
                rows = await self._database.read(_scan_sender, lane.sender, lane.last_id)
                lane.items.extend(rows)
                lane.last_id = rows[-1].id if rows else lane.last_id
                lane.has_more = lane.has_more or len(rows) == PER_SENDER
                self._held += len(rows)
        except BaseException:
            lane.has_more = True
            raise
        finally:
            lane.is_refilling = False

    # ── handling ───────────────────────────────────────────────────────────────────────────────────────────
    async def _work(self) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        while not self._is_stopping:
            lane = await self._ready.get()
            self._at_work.add(task)
            try:
                pause_s = await self._turn(lane)
            except Exception:  # noqa: BLE001 - a worker outlives whatever it meets
                _log.exception("inbox_turn_failed")
                pause_s = STORAGE_PAUSE_S
            finally:
                self._at_work.discard(task)
            if pause_s:
                asyncio.get_running_loop().call_later(pause_s, self._ready.put_nowait, lane)

    async def _turn(self, lane: _Lane) -> float:
        """One item of a lane; the seconds that the lane has to rest, 0 when it is scheduled or idle."""
        if lane.items:
            item = lane.items[0]
            if not await self._is_finished(item):
                return STORAGE_PAUSE_S
            lane.items.remove(item)
            self._let_go()
        try:
            await self._refill(lane)
        except StorageError as error:
            _log.warning("inbox_not_readable", error=str(error))
            return STORAGE_PAUSE_S
        lane.is_busy = False
        self._schedule(lane)
        self._retire(lane)
        return 0.0

    def _let_go(self) -> None:
        self._held -= 1
        if self._held in {0, IN_MEMORY // 2}:
            self._has_news.set()

    async def _is_finished(self, item: InboxItem) -> bool:
        """Handle it; False when the database could not keep its effect: it stays where it is, as if untried."""
        try:
            async with asyncio.timeout(HANDLE_LIMIT_S):
                await self._handle(item)
        except StorageBusyError as error:
            _log.warning("inbox_waits_for_storage", item=item.id, error=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - noted, tried again, then a dead letter
            return await self._is_noted(item, error)
        self._handled.append(item.id)
        self._has_handled.set()
        return True

    async def _is_noted(self, item: InboxItem, error: Exception) -> bool:
        """Write down the failed try, with the time of the next one or as a dead letter."""
        is_last = item.attempts >= len(RETRIES_S)
        retry_at = None if is_last else self._clock() + timedelta(seconds=RETRIES_S[item.attempts])
        try:
            await self._database.write(_fail, item.id, f"{type(error).__name__}: {error}", retry_at)
        except StorageError as storage_error:
            _log.warning("inbox_waits_for_storage", item=item.id, error=str(storage_error))
            return False
        self._retried.update(self._retrying & {item.id})
        metrics.INBOX_FAILURES.labels(item.source, str(is_last).lower()).inc()
        event = "inbox_dead_letter" if is_last else "inbox_try_failed"
        _log.error(event, item=item.id, source=item.source, tries=item.attempts + 1, exc_info=error)
        return True

    # ── marks ──────────────────────────────────────────────────────────────────────────────────────────────
    async def _mark(self) -> None:
        """Write marks together: most items are settled already, and a lost mark repeats what writes nothing."""
        while True:
            await self._has_handled.wait()
            self._has_handled.clear()
            try:
                await self._mark_handled()
            except StorageError as error:
                _log.warning("inbox_marks_not_kept", error=str(error))
                self._has_handled.set()
                await asyncio.sleep(STORAGE_PAUSE_S)
            await asyncio.sleep(_MARK_EVERY_S)

    async def _mark_handled(self) -> None:
        while self._handled:
            marks = self._handled[:MARKS_AT_ONCE]
            await self._database.write(_mark_done, marks)
            del self._handled[: len(marks)]
            self._retried.update(self._retrying.intersection(marks))

    async def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._measured_at < METRICS_EVERY_S:
            return
        self._measured_at = now
        counts = await self._database.read(_counts)
        age = counts.oldest_at and (self._clock() - counts.oldest_at).total_seconds()
        metrics.INBOX_NEW.set(counts.new)
        metrics.INBOX_DEAD.set(counts.dead)
        metrics.INBOX_OLDEST_SECONDS.set(max(age or 0.0, 0.0))


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _add(tx: Transaction, source: str, rows: tuple[tuple[str, str, str], ...], now: datetime) -> list[int]:
    return tx.inbox.add_many(source, rows, now)


def _scan(
    tx: Transaction, after_id: int, limit: int, now: datetime
) -> tuple[list[InboxItem], list[InboxItem]]:
    return tx.inbox.page(after_id, limit), tx.inbox.due_retries(now, limit)


def _scan_sender(tx: Transaction, sender: str, after_id: int) -> list[InboxItem]:
    return tx.inbox.page_of_sender(sender, after_id, PER_SENDER)


def _fail(tx: Transaction, item_id: int, error: str, retry_at: datetime | None) -> None:
    tx.inbox.fail(item_id, error, retry_at)


def _mark_done(tx: Transaction, item_ids: list[int]) -> None:
    tx.inbox.mark_done(*item_ids)


def _counts(tx: Transaction) -> InboxCounts:
    return tx.inbox.counts()


def _purge(tx: Transaction, before: datetime) -> int:
    return tx.inbox.purge(before)
