"""What each answer of a channel means: what is written about the row, and when the channel is asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.delivery import metrics
from bot.domain.message import Delivery, DeliveryState, Lane, MessageKind
from bot.errors import BrokenOffError, DeliveryError, RetryAfterError, UncertainError, UnreachableError
from bot.ports import Clock
from bot.storage.deadlines import DeadlineKind
from bot.storage.transaction import Transaction

# A channel that fails is asked again after 1, 2, 4 … seconds, at most this long.
LONGEST_REST_S = 5.0
# A message that a server chokes on waits longer than that, for what is in the other lanes to have its turn.
LONGEST_PAUSE_S = 10.0
# Sent again so often without ever an answer; then a person has to look.
MOST_REPEATS = 5
# What came of these stands on the incident's card.
PROBLEMS = {DeliveryState.FAILED: "channel_failed", DeliveryState.UNCERTAIN: "channel_uncertain"}
ON_CARD = frozenset(
    {
        MessageKind.DIRECTIVE,
        MessageKind.ALL_CLEAR,
        MessageKind.CANCELLED,
        MessageKind.DRILL_SUSPENDED,
        MessageKind.DISTRICT,
    }
)

Unit = Callable[[Transaction], None]
_log = structlog.get_logger(__name__)


class ChannelVerdicts:
    """Of one channel. Pauses go by `monotonic`, what is stored by `clock`."""

    def __init__(
        self,
        chat: str,
        claimed_by: str,
        *,
        knows_repeats: bool,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._knows_repeats = knows_repeats
        self._chat = chat
        self._id = chat.partition(":")[2]
        self._mine = claimed_by
        self._clock = clock
        self._monotonic = monotonic
        self._faults = 0
        self._doubts: dict[int, int] = {}
        self._waiting: dict[int, float] = {}
        # What the courier goes by.
        self.rest_until = float("-inf")
        self.down_since: float | None = None
        self.error = ""

    def ripe(self) -> frozenset[int]:
        """Rows that waited long enough, whatever the stored clock says."""
        now = self._monotonic()
        return frozenset(row for row, until in self._waiting.items() if until <= now)

    def of_success(self, delivery: Delivery, *, refused: int = 0) -> Unit:
        """It is taken, though not for the `refused` of its recipients."""
        self._forget(delivery)
        self._is_up()
        if delivery.is_repeat:
            metrics.REPEATS.labels(delivery.lane.name).inc()
        self._count(delivery, DeliveryState.SENT)
        if refused:
            _log.warning("channel_refused_some_recipients", channel=self._id, count=refused)
        now = self._clock()

        def unit(tx: Transaction) -> None:
            if not tx.outbox.settle_sent(delivery.id, claimed_by=self._mine, message_id=None, now=now):
                _log.warning("delivery_lease_lost", delivery=delivery.id)
            if refused:
                tx.outbox.trouble("channel_partly", self._id, now)
            _show(tx, delivery, now)

        return unit

    def of_error(self, delivery: Delivery, error: DeliveryError) -> Unit:
        """It is not taken, as far as is known."""
        metrics.CHANNEL_FAILURES.labels(self._id, type(error).__name__).inc()
        if not error.is_retryable:
            return self._refused(delivery, error)
        if isinstance(error, UncertainError) and self._is_doubtful(delivery, error):
            return self._end(delivery, DeliveryState.UNCERTAIN, error)
        return self._again(delivery, error)

    def _is_doubtful(self, delivery: Delivery, error: UncertainError) -> bool:
        """Whether it must not be sent once more: what is not urgent at once, an alarm after `MOST_REPEATS`."""
        if self._knows_repeats or isinstance(error, BrokenOffError):
            return False
        doubts = self._doubts[delivery.id] = self._doubts.get(delivery.id, 0) + 1
        return delivery.lane > Lane.COMMAND or doubts > MOST_REPEATS

    def _refused(self, delivery: Delivery, error: DeliveryError) -> Unit:
        """The channel itself answers, so it is not down; this message will never go."""
        self._is_up()
        self.error = str(error)
        return self._end(delivery, DeliveryState.FAILED, error)

    def _again(self, delivery: Delivery, error: DeliveryError) -> Unit:
        """Back to the queue. When the fault may be this message's own, the others go first."""
        self._is_down(error)
        rest_s, pause_s = self._pauses(error)
        self.rest_until = self._monotonic() + rest_s
        self._waiting[delivery.id] = self._monotonic() + pause_s
        is_told = isinstance(error, RetryAfterError)
        now = self._clock()
        retry_at = now + timedelta(seconds=pause_s)
        _log.warning("channel_failed", channel=self._id, error=_told(error), rest_s=rest_s)

        def unit(tx: Transaction) -> None:
            tx.outbox.retry(
                delivery.id,
                claimed_by=self._mine,
                retry_at=retry_at,
                is_repeat=isinstance(error, UncertainError),
                error=_told(error),
            )
            if is_told:
                tx.gates.shut(self._chat, pause_s, now)
            if delivery.attempts == 1:
                _show(tx, delivery, now)

        return unit

    def _end(self, delivery: Delivery, state: DeliveryState, error: DeliveryError) -> Unit:
        self._forget(delivery)
        self._count(delivery, state)
        _log.warning(
            "delivery_ended", delivery=delivery.id, channel=self._id, state=state, error=_told(error)
        )
        now = self._clock()

        def unit(tx: Transaction) -> None:
            tx.outbox.settle(delivery.id, state, claimed_by=self._mine, now=now, error=_told(error))
            tx.outbox.trouble(PROBLEMS[state], self._id, now)
            _show(tx, delivery, now)

        return unit

    def _pauses(self, error: DeliveryError) -> tuple[float, float]:
        """Of the channel, and of the message."""
        if isinstance(error, RetryAfterError):
            return error.seconds, error.seconds
        self._faults += 1
        rest_s = min(2.0 ** (self._faults - 1), LONGEST_REST_S)
        is_nobodys = isinstance(error, UnreachableError)
        return rest_s, rest_s if is_nobodys else min(2.0**self._faults, LONGEST_PAUSE_S)

    def _is_up(self) -> None:
        self._faults, self.down_since, self.error = 0, None, ""
        metrics.CHANNEL_IS_DOWN.labels(self._id).set(0)

    def _is_down(self, error: DeliveryError) -> None:
        self.error = _told(error)
        if self.down_since is None:
            self.down_since = self._monotonic()
        metrics.CHANNEL_IS_DOWN.labels(self._id).set(1)

    def _forget(self, delivery: Delivery) -> None:
        self._doubts.pop(delivery.id, None)
        self._waiting.pop(delivery.id, None)

    def _count(self, delivery: Delivery, state: DeliveryState) -> None:
        metrics.DELIVERIES.labels(delivery.lane.name, state.value).inc()
        metrics.CHANNEL_DELIVERIES.labels(self._id, state.value).inc()


def _show(tx: Transaction, delivery: Delivery, now: datetime) -> None:
    if delivery.incident_id is not None and delivery.kind in ON_CARD:
        tx.deadlines.start_if_none(delivery.incident_id, DeadlineKind.CHANNELS, now)


def _told(error: DeliveryError) -> str:
    return f"{type(error).__name__}: {error}"
