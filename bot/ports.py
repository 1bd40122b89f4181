"""What the outside implements for Muster, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from bot.domain.message import Delivery, Rendered

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock: aware, UTC."""
    return datetime.now(UTC)


class Transport(Protocol):
    """Brings one rendered message to its chat. Raises from the `DeliveryError` branch, nothing else."""

    async def send(self, delivery: Delivery, message: Rendered) -> int:
        """Send, or edit when `delivery.edit_of` is set; the Telegram message id. "Not modified" is success."""

    async def create_topic(self, delivery: Delivery, title: str, icon: str) -> int:
        """Make the incident's forum topic; its thread id."""

    async def rename_topic(self, delivery: Delivery, title: str, icon: str) -> None:
        """Give the topic `delivery.thread_id` its new title; an unchanged one is success."""

    async def pin(self, delivery: Delivery, message_id: int) -> None:
        """Pin a message in its topic, silently."""
