"""The channels besides Telegram: each has a courier of its own, so that one that fails holds no other.

One message at a time, best lane first, at the channel's own pace. The states are those of all messages: what fails in
passing goes back to the queue, what is refused for good ends FAILED and is told to the command centre.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.delivery import metrics
from bot.delivery.channel_verdicts import ChannelVerdicts, Unit
from bot.delivery.waiting import STORAGE_PAUSE_S, keep_verdict, rest
from bot.domain.bulletin import Bulletin
from bot.domain.message import Delivery
from bot.errors import DeliveryError, ServerFaultError, StorageError, UncertainError
from bot.ports import Clock, Outlet, utc_now
from bot.storage.claim import Addresses, Harvest, Wanted
from bot.storage.database import Database
from bot.storage.outbox import OUTBOX
from bot.storage.transaction import Transaction

# A post that lasts longer counts as unanswered; the lease outlasts a message of many parts.
POST_LIMIT_S = 60.0
LEASE = timedelta(seconds=600)
POLL_S = 1.0
STOP_WITHIN_S = 3.0

_log = structlog.get_logger(__name__)

Compose = Callable[[Delivery], Bulletin]


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`down_s`: for how long it has taken nothing of what it was given; None: as far as is known it takes all."""

    id: str
    down_s: float | None
    error: str = ""


class ChannelCourier:
    """One channel's. `chat` is its address in the outbox, `channel:<id>`; `claimed_by` names this run."""

    def __init__(
        self,
        database: Database,
        chat: str,
        outlet: Outlet,
        compose: Compose,
        *,
        addresses: Addresses,
        claimed_by: str,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._chat = chat
        self._outlet = outlet
        self._compose = compose
        self._addresses = addresses
        self._mine = claimed_by
        self._clock = clock
        self._monotonic = monotonic
        self._verdicts = ChannelVerdicts(
            chat, claimed_by, knows_repeats=outlet.knows_repeats, clock=clock, monotonic=monotonic
        )
        self._awake = asyncio.Event()
        self._next_at = float("-inf")
        # Row → how many parts of it are out.
        self._posted: dict[int, int] = {}
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        """As `[[channels]]` calls it."""
        return self._chat.partition(":")[2]

    def health(self) -> ChannelHealth:
        """For /readyz."""
        since = self._verdicts.down_since
        down_s = None if since is None else self._monotonic() - since
        return ChannelHealth(self.id, down_s, self._verdicts.error)

    async def start(self) -> None:
        """Begin. A pause that the channel asked for before the restart still holds."""
        metrics.CHANNEL_IS_DOWN.labels(self.id).set(0)
        now = self._clock()
        left_s = await self._database.read(lambda tx: tx.gates.left_s(self._chat, now))
        if left_s is not None:
            self._verdicts.rest_until = self._monotonic() + left_s
        self._database.listen(OUTBOX, self._awake.set)
        self._task = asyncio.create_task(self._run(), name=f"courier-{self._chat}")

    async def stop(self) -> None:
        """Finish what is under way, within limits. What is broken off keeps its lease: it may have arrived."""
        self._is_stopping = True
        self._awake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._outlet.close()

    async def _run(self) -> None:
        while not self._is_stopping:
            self._awake.clear()
            try:
                rest_s = await self._turn()
            except StorageError as error:
                _log.warning("outbox_not_readable", channel=self.id, error=str(error))
                rest_s = STORAGE_PAUSE_S
            except Exception:  # noqa: BLE001 - the loop outlives whatever a turn meets
                _log.exception("channel_turn_failed", channel=self.id)
                rest_s = POLL_S
            if rest_s > 0:
                await rest(self._awake, rest_s)

    async def _turn(self) -> float:
        """One message, if one may go now; the seconds to rest."""
        now = self._monotonic()
        opens_at = max(self._next_at, self._verdicts.rest_until)
        if now < opens_at:
            return min(opens_at - now, POLL_S)
        if not await self._database.read(_has_waiting, self._chat):
            return POLL_S
        harvest = await self._database.write(_claim, self._wanted(), self._addresses)
        for lane, state in harvest.settled:
            metrics.DELIVERIES.labels(lane.name, state.value).inc()
        for claimed in harvest.claimed:
            await keep_verdict(self._database, await self._deliver(claimed.delivery), channel=self.id)
        return 0.0 if harvest.claimed or harvest.settled else POLL_S

    def _wanted(self) -> Wanted:
        now = self._clock()
        return Wanted(
            claimed_by=self._mine,
            now=now,
            claimed_until=now + LEASE,
            slots=1,
            alarm_slots=1,
            groups={},
            ripe=self._verdicts.ripe(),
            only=self._chat,
        )

    async def _deliver(self, delivery: Delivery) -> Unit:
        try:
            refused = await self._post_all(delivery)
        except DeliveryError as error:
            return self._verdicts.of_error(delivery, error)
        except Exception as error:  # noqa: BLE001 - a bug in a channel must not lose the message
            _log.exception("channel_broke_its_promise", channel=self.id, delivery=delivery.id)
            return self._verdicts.of_error(delivery, ServerFaultError(type(error).__name__))
        self._posted.pop(delivery.id, None)
        return self._verdicts.of_success(delivery, refused=refused)

    async def _post_all(self, delivery: Delivery) -> int:
        """Each part that is not out yet, at the channel's pace; how many recipients were refused."""
        refused = 0
        bulletin = self._compose(delivery)
        payloads = self._outlet.payloads(bulletin)
        for n in range(self._posted.get(delivery.id, 0), len(payloads)):
            await asyncio.sleep(max(self._next_at - self._monotonic(), 0.0))
            self._next_at = self._monotonic() + 60.0 / self._outlet.per_minute
            try:
                async with asyncio.timeout(POST_LIMIT_S):
                    refused += await self._outlet.post(payloads[n], key=f"{bulletin.id}-{n}")
            except TimeoutError as error:
                raise UncertainError(f"no answer in {POST_LIMIT_S:.0f} s") from error
            self._posted[delivery.id] = n + 1
        return refused


class ChannelCouriers:
    """All of them, side by side."""

    def __init__(self, couriers: Iterable[ChannelCourier]) -> None:
        self._couriers = tuple(couriers)

    async def start(self) -> None:
        """Each begins by itself."""
        for courier in self._couriers:
            await courier.start()

    async def stop(self) -> None:
        """All at once."""
        await asyncio.gather(*(courier.stop() for courier in self._couriers))

    def health(self) -> list[ChannelHealth]:
        """Of those that are down."""
        found = [courier.health() for courier in self._couriers]
        return [one for one in found if one.down_s is not None]


def _has_waiting(tx: Transaction, chat: str) -> bool:
    return tx.channel_log.has_waiting(chat)


def _claim(tx: Transaction, wanted: Wanted, addresses: Addresses) -> Harvest:
    return tx.outbox.claim(wanted, addresses)
