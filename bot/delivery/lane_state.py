"""How much waits in each lane and for how long, for health and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.delivery import metrics
from bot.domain.message import Lane
from bot.storage.outbox import LaneCount
from bot.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """`oldest_s`: how long the oldest ALARM or COMMAND waits that could go now; None: there is none.

    Lines of a busy group wait for its next minute as a matter of course; they say nothing about health.
    """

    queued: int
    oldest_s: float | None
    unreachable_s: float | None


def counts_of(tx: Transaction, now: datetime, elsewhere: frozenset[str]) -> list[LaneCount]:
    """Of what Telegram gets; `elsewhere`: chats that are none of Telegram's."""
    return tx.outbox.counts(now, besides=elsewhere)


def health_of(counts: Sequence[LaneCount], now: datetime, unreachable_s: float | None) -> OutboxHealth:
    """By what `counts_of` gave at `now`."""
    ages = ages_of(counts, now)
    return OutboxHealth(
        queued=sum(count.queued for count in counts),
        oldest_s=max((age for lane, age in ages.items() if lane <= Lane.COMMAND), default=None),
        unreachable_s=unreachable_s,
    )


def ages_of(counts: Sequence[LaneCount], now: datetime) -> dict[Lane, float]:
    """Seconds that the oldest of each lane waits; lanes where nothing could go now are left out."""
    return {
        count.lane: max((now - count.oldest_at).total_seconds(), 0.0)
        for count in counts
        if count.oldest_at is not None
    }


def show(counts: Sequence[LaneCount], ages: Mapping[Lane, float]) -> None:
    """On /metrics."""
    queued = {count.lane: count.queued for count in counts}
    for lane in Lane:
        metrics.QUEUED.labels(lane.name).set(queued.get(lane, 0))
        metrics.OLDEST_SECONDS.labels(lane.name).set(ages.get(lane, 0.0))
