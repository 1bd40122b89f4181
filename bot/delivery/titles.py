"""The titles that topics have, remembered: an unchanged one costs no call."""

from __future__ import annotations

from bot.domain.message import Delivery, MessageKind, Rendered
from bot.ports import Transport

# Of so many topics; then it begins anew.
KEPT = 1000


class Titles:
    """Makes topics and gives them their titles."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[int, tuple[str, str]] = {}

    def is_given(self, head: Delivery, message: Rendered) -> bool:
        """Whether it would only give a topic the title that it has."""
        if head.kind is not MessageKind.TOPIC or head.thread_id is None:
            return False
        return self._known.get(head.thread_id) == (message.text, message.icon)

    async def give(self, head: Delivery, message: Rendered) -> int | None:
        """The new topic's id; None when there was one."""
        topic_id = None
        self._known.pop(head.thread_id or 0, None)  # until it is answered, nobody knows which one stands
        if head.thread_id is None:
            topic_id = await self._transport.create_topic(head, message.text, message.icon)
        else:
            await self._transport.rename_topic(head, message.text, message.icon)
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[topic_id or head.thread_id or 0] = (message.text, message.icon)
        return topic_id
