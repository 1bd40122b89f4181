"""The courier: claims what may go now, sends it, and settles it after the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.delivery import metrics
from bot.delivery.lane_state import OutboxHealth, ages_of, counts_of, health_of, show
from bot.delivery.limiter import ALL, Limiter
from bot.delivery.outage import Outage
from bot.delivery.pictures import Photographer, Pictures
from bot.delivery.titles import Titles
from bot.delivery.verdicts import LONGEST_PAUSE_S, Attempt, Unit, Verdicts
from bot.delivery.waiting import STORAGE_PAUSE_S, keep_verdict, rest
from bot.delivery.words import Letter, Render, compose
from bot.domain.message import Delivery, MessageKind, Rendered
from bot.errors import DeliveryError, ServerFaultError, StorageError, UncertainError, UnreachableError
from bot.ports import Clock, Transport, utc_now
from bot.storage.claim import Addresses, Claimed, Harvest, Wanted
from bot.storage.database import Database, Ride
from bot.storage.outbox import OUTBOX
from bot.storage.transaction import Transaction

# At most so many calls of the Bot API at once; the rest of ALARM_IN_FLIGHT is for alarms alone.
IN_FLIGHT = 16
ALARM_IN_FLIGHT = 24
# A call that lasts longer counts as unanswered; the lease outlasts it.
SEND_LIMIT_S = 60.0
LEASE = timedelta(seconds=120)
# The commit wakes the courier; this is the safety net.
POLL_S = 1.0
METRICS_EVERY_S = 5.0
# A group with less room than this in its minute gets the lines that wait as one message: whenever several wait.
MERGE_BELOW = 20
STOP_WITHIN_S = 3.0
_SHORTEST_REST_S = 0.001

_log = structlog.get_logger(__name__)

Attach = Callable[[Delivery, Rendered], Awaitable[Rendered]]
"""Puts the file to a message that has a document. Never raises."""


class Courier:
    """Sends what the outbox holds, in lanes, within the limits. `claimed_by` names this run of the program."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        render: Render,
        *,
        limiter: Limiter,
        addresses: Addresses,
        claimed_by: str,
        photographer: Photographer | None = None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        attach: Attach | None = None,
    ) -> None:
        self._attach = attach
        self._database = database
        self._transport = transport
        self._render = render
        self._limiter = limiter
        self._addresses = addresses
        self._mine = claimed_by
        self.clock = self._clock = clock
        self._monotonic = monotonic
        self._pictures = (
            Pictures(photographer, transport, render, limiter, monotonic) if photographer else None
        )
        self._outage = Outage()
        self._verdicts = Verdicts(
            claimed_by, limiter=limiter, outage=self._outage, clock=clock, monotonic=monotonic
        )
        self.centre = self._verdicts.centre
        self._awake = asyncio.Event()
        # How often it was woken since the last claim was put to ride.
        self._wakes = 0
        self._ride: Ride[Harvest] | None = None
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        # Of those, what waits for a camera and takes nobody's place.
        self._at_camera: set[str] = set()
        self._ripe: set[int] = set()
        self._titles = Titles(transport)
        self._is_stopping = False
        self._loop_task: asyncio.Task[None] | None = None
        self._measured_at = float("-inf")

    async def start(self) -> None:
        """Take up what is left from before, and begin."""
        for chat, left_s in (await self._database.write(self._take_over, self._clock())).items():
            self._limiter.close(chat, self._monotonic() + left_s)
        self._database.listen(OUTBOX, self._wake)
        self._loop_task = asyncio.create_task(self._run(), name="courier")

    async def stop(self) -> None:
        """Claim no more, wait for what is under way. What is broken off keeps its lease: it may have arrived."""
        self._is_stopping = True
        self._wake()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                if self._loop_task is not None:
                    await asyncio.wait([self._loop_task])
                if self._in_flight:
                    await asyncio.wait(list(self._in_flight.values()))
        except TimeoutError:
            _log.warning("courier_stopped_with_messages_under_way", count=len(self._in_flight))
        leftover = [task for task in (self._loop_task, *self._in_flight.values()) if task is not None]
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)

    @property
    def claimed_by(self) -> str:
        """Who claims: this run of the program."""
        return self._mine

    def quiet_s(self) -> float:
        """How long Telegram has taken nothing, since the start at the longest."""
        return self._monotonic() - self._verdicts.taken_at

    async def health(self) -> OutboxHealth:
        """For /readyz."""
        since, besides = self._outage.since, self._addresses.elsewhere | self.centre.gone
        counts = await self._database.read(counts_of, self._clock(), besides)
        return health_of(counts, self._clock(), None if since is None else self._monotonic() - since)

    # ── the loop ───────────────────────────────────────────────────────────────────────────────────────────
    async def _run(self) -> None:
        while not self._is_stopping:
            self._awake.clear()
            try:
                rest_s = await self._round()
                await self._measure()
            except StorageError as error:
                _log.warning("outbox_not_readable", error=str(error))
                rest_s = STORAGE_PAUSE_S
            except Exception:  # noqa: BLE001 - the loop outlives whatever a round meets
                _log.exception("courier_round_failed")
                rest_s = POLL_S
            if rest_s > 0:
                self._put_to_ride()
                await rest(self._awake, max(rest_s, _SHORTEST_REST_S))
        # What rode meanwhile is claimed, and must not count as perhaps sent.
        if (harvest := await self._ridden()) is not None:
            await self._launch_all(harvest)

    def _wake(self) -> None:
        self._wakes += 1
        self._awake.set()

    def _put_to_ride(self) -> None:
        """While resting, let the commit that brings news claim it too: the message is out one commit sooner."""
        wanted = None if self._awake.is_set() else self._wanted(self._monotonic())
        if wanted is not None:
            self._wakes = 0
            self._ride = self._database.ride(OUTBOX, _claim, wanted, self._addresses)

    def _recall(self) -> None:
        """A refusal may have narrowed what may go: a claim that still waits was decided without it."""
        if self._ride is not None and self._ride.take_back():
            self._ride = None
            self._wake()

    async def _ridden(self) -> Harvest | None:
        """What somebody's commit claimed meanwhile; None: nothing, and now none will."""
        ride, self._ride = self._ride, None
        return await ride.result() if ride is not None and not ride.take_back() else None

    async def _open_ones(self, harvest: Harvest) -> Harvest:
        """Of what rode: a penalty that came after its claim was decided holds for it too, so that goes back."""
        now = self._monotonic()
        shut = self._limiter.penalised(now)
        held = [one for one in harvest.claimed if one.delivery.to.chat in shut or ALL in shut]
        for claimed in held:
            await self._database.write(_release, self._mine, claimed)
        return replace(harvest, claimed=[one for one in harvest.claimed if one not in held])

    async def _round(self) -> float:
        """Claim and launch once; the seconds to rest."""
        if (harvest := await self._ridden()) is not None:
            rest_s = await self._launch_all(await self._open_ones(harvest))
            # Its own commit woke it once; whatever else did may have come after the claim.
            return rest_s if self._wakes <= 1 else 0.0
        now = self._monotonic()
        wanted = self._wanted(now)
        if wanted is None:
            return self._until(now, self._limiter.alarm_at(now) if not self._is_crowded() else None)
        return await self._launch_all(await self._database.write(_claim, wanted, self._addresses))

    async def _launch_all(self, harvest: Harvest) -> float:
        """The seconds to rest afterwards."""
        now = self._monotonic()
        self._note(harvest, now)
        for claimed in harvest.claimed:
            await self._launch(claimed)
        slot_at = None if harvest.is_dry or self._is_crowded() else self._limiter.slot_at(now)
        has_moved = harvest.claimed or harvest.waiting or harvest.settled
        if has_moved and slot_at is not None and slot_at <= now:
            return 0.0
        return self._until(now, slot_at)

    def _wanted(self, now: float) -> Wanted | None:
        """What may be claimed now; None: nothing at all."""
        slots, alarm_slots = self._limiter.slots(now)
        slots = min(slots, IN_FLIGHT - self._calls)
        alarm_slots = min(alarm_slots, ALARM_IN_FLIGHT - self._calls)
        if self._outage.is_on:
            is_probe = not self._in_flight and now >= self._outage.probe_at
            slots, alarm_slots = min(slots, is_probe), min(alarm_slots, is_probe)
        if alarm_slots <= 0:
            return None
        self._ripen(now)
        stored = self._clock()
        return Wanted(
            claimed_by=self._mine,
            now=stored,
            claimed_until=stored + LEASE,
            slots=max(slots, 0),
            alarm_slots=alarm_slots,
            groups=self._limiter.groups(now),
            shut=self._limiter.shut(now) | self._addresses.elsewhere | self.centre.unasked,
            busy=frozenset(self._in_flight.keys() | self._verdicts.waiting.keys()),
            ripe=frozenset(self._ripe),
            merge_below=MERGE_BELOW,
            unmerged=dict(self._verdicts.unmerged),
        )

    def _ripen(self, now: float) -> None:
        """Rows that waited long enough by the monotonic clock go, even if the stored times were set back."""
        waiting = self._verdicts.waiting
        for queue, (row, until) in list(waiting.items()):
            if until <= now:
                del waiting[queue]
                self._ripe.add(row)

    def _note(self, harvest: Harvest, now: float) -> None:
        stored = self._clock()
        for queue, (row, retry_at) in harvest.waiting.items():
            left_s = min((retry_at - stored).total_seconds(), LONGEST_PAUSE_S)
            self._verdicts.waiting[queue] = (row, now + left_s)
        for lane, state in harvest.settled:
            metrics.DELIVERIES.labels(lane.name, state.value).inc()
        if harvest.is_dry and not self._verdicts.waiting:
            self._ripe.clear()

    def _is_crowded(self) -> bool:
        """Whether only an answer can make room; it wakes the courier."""
        return self._calls >= IN_FLIGHT or (self._outage.is_on and bool(self._in_flight))

    @property
    def _calls(self) -> int:
        return len(self._in_flight) - len(self._at_camera)

    def _until(self, now: float, slot_at: float | None) -> float:
        times = [now + POLL_S, self._limiter.chat_at(now)]
        times += [until for _, until in self._verdicts.waiting.values()]
        if slot_at is not None:
            times.append(slot_at)
        if self._outage.is_on:
            times = [now + POLL_S, max(self._outage.probe_at, now)]
        return max(min(times) - now, _SHORTEST_REST_S)

    # ── one message ────────────────────────────────────────────────────────────────────────────────────────
    async def _launch(self, claimed: Claimed) -> None:
        head = claimed.delivery
        self._ripe.discard(head.id)
        if self._pictures is not None and head.kind is MessageKind.CAMERA_PICTURE:
            self._at_camera.add(head.queue)
            self._fly(head, self._carry_picture(claimed, self._pictures))
            return
        letter = compose(claimed, self._render, self._verdicts.plain)
        attempt = Attempt(letter, claimed.is_unreachable)
        if self._is_stopping:
            await self._database.write(_release, self._mine, claimed)
            return
        is_call = not self._titles.is_given(head, letter.message)
        if is_call:
            self._limiter.start(head.to.chat, head.lane, self._monotonic())
        self._fly(head, self._carry(attempt, is_call=is_call))

    def _fly(self, head: Delivery, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"delivery-{head.id}")
        self._in_flight[head.queue] = task
        task.add_done_callback(lambda _: self._landed(head.queue, task))

    async def _carry_picture(self, claimed: Claimed, pictures: Pictures) -> None:
        """Take it while nothing else waits for that, then send it like everything."""
        head = claimed.delivery
        try:
            letter = await pictures.ready(claimed, self._verdicts.plain, is_probe=self._outage.is_on)
        except DeliveryError as error:
            empty = Attempt(Letter(Rendered(""), (head,)), claimed.is_unreachable)
            await self._keep(head, self._verdicts.of_error(empty, error))
        else:
            self._limiter.start(head.to.chat, head.lane, self._monotonic())
            self._at_camera.discard(head.queue)
            self._wake()
            await self._carry(Attempt(letter, claimed.is_unreachable), is_call=True)

    def _landed(self, queue: str, task: asyncio.Task[None]) -> None:
        if self._in_flight.get(queue) is task:
            del self._in_flight[queue]
            self._at_camera.discard(queue)
        self._wake()

    async def _carry(self, attempt: Attempt, *, is_call: bool) -> None:
        """Send and settle. The queue stays busy until the verdict is kept, so nothing overtakes or doubles."""
        await self._keep(
            attempt.head,
            await self._send(attempt) if is_call else self._verdicts.of_success(attempt, is_call=False),
        )

    async def _keep(self, head: Delivery, unit: Unit) -> None:
        await keep_verdict(self._database, unit, delivery=head.id)

    async def _send(self, attempt: Attempt) -> Unit:
        head = attempt.head
        waited_s = (self._clock() - head.created_at).total_seconds()
        metrics.WAIT_SECONDS.labels(head.lane.name).observe(max(waited_s, 0.0))
        started_at = self._monotonic()
        is_counted = True
        try:
            result = await self._call(attempt)
        except DeliveryError as error:
            self._recall()
            is_counted = not isinstance(error, UnreachableError)
            return self._noting(attempt, self._verdicts.of_error(attempt, error), error)
        except Exception as error:  # noqa: BLE001 - a bug in the transport must not lose the message
            _log.exception("transport_broke_its_promise", delivery=head.id)
            return self._verdicts.of_error(attempt, ServerFaultError(repr(error)))
        finally:
            now = self._monotonic()
            self._limiter.finish(head.to.chat, now, is_counted=is_counted)
            metrics.SEND_SECONDS.observe(now - started_at)
        done = Attempt(attempt.letter, attempt.is_unreachable, result)
        return self._noting(done, self._verdicts.of_success(done))

    def _noting(self, attempt: Attempt, unit: Unit, error: DeliveryError | None = None) -> Unit:
        return self._pictures.noting(unit, attempt, self._clock(), error) if self._pictures else unit

    async def _call(self, attempt: Attempt) -> int | None:
        """The message's or the new topic's id."""
        head, message = attempt.head, attempt.letter.message
        if self._attach is not None:
            message = await self._attach(head, message)
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                if head.kind is MessageKind.TOPIC:
                    return await self._titles.give(head, message)
                if head.kind is MessageKind.PIN:
                    pinned = head.card_message_id or int(head.params["message_id"])
                    await self._transport.pin(head, pinned)
                    return None
                if head.kind is MessageKind.CAMERA_REMOVAL:
                    await self._transport.delete(head, int(head.params["message_id"]))
                    return None
                return await self._transport.send(head, message)
        except TimeoutError as error:
            raise UncertainError(f"no answer in {SEND_LIMIT_S:.0f} s") from error

    # ── the database's side ────────────────────────────────────────────────────────────────────────────────
    def _take_over(self, tx: Transaction, now: datetime) -> dict[str, float]:
        freed = tx.outbox.release_foreign(self._mine)
        if freed:
            _log.warning("deliveries_perhaps_sent_before_the_restart", count=freed)
        tx.gates.forget(now)
        return tx.gates.running(now)

    async def _measure(self) -> None:
        now = self._monotonic()
        if now - self._measured_at < METRICS_EVERY_S:
            return
        self._measured_at = now
        counts = await self._database.read(counts_of, self._clock(), self._addresses.elsewhere)
        ages = ages_of(counts, self._clock())
        show(counts, ages)
        metrics.IS_UNREACHABLE.set(self._outage.is_on)


def _claim(tx: Transaction, wanted: Wanted, addresses: Addresses) -> Harvest:
    return tx.outbox.claim(wanted, addresses)


def _release(tx: Transaction, claimed_by: str, claimed: Claimed) -> None:
    for row in (claimed.delivery, *claimed.lines):
        tx.outbox.retry(row.id, claimed_by=claimed_by, is_burnt=False)
