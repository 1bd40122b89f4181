"""What the bot asked for: one record a call, in a ring, and the totals."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

MESSAGES = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "sendMediaGroup",
        "sendLocation",
        "copyMessage",
        "forwardMessage",
    }
)
EDITS = frozenset({"editMessageText", "editMessageReplyMarkup", "editMessageCaption", "editMessageMedia"})
METERED = MESSAGES | EDITS
"""The calls that Telegram's flood limits count; pins, topic methods and answers are free."""


@dataclass(slots=True)
class Call:
    """One request. `status` is the HTTP status, or 0 while (or because) nothing was answered."""

    number: int
    method: str
    params: dict[str, Any]
    chat_id: int | None
    at: float = field(default_factory=time.monotonic)
    at_wall: float = field(default_factory=time.time)
    status: int = 0
    description: str = ""
    answered_at: float | None = None


@dataclass(slots=True)
class Stats:
    """Totals since the start (or since `clear`)."""

    calls: int = 0
    sent: int = 0
    edited: int = 0
    deleted: int = 0
    pinned: int = 0
    answered: int = 0
    polls: int = 0
    refused: int = 0
    refused_429: int = 0
    violations: int = 0
    """Calls to a chat made before the `retry_after` which that chat had been given was over."""
    unanswered: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class CallLog:
    """The newest calls, oldest first; the number goes on when old ones are forgotten."""

    def __init__(self, keep: int) -> None:
        self.stats = Stats()
        self._ring: deque[Call] = deque(maxlen=keep)
        self._number = 0

    def open(self, method: str, params: dict[str, Any], chat_id: int | None) -> Call:
        self._number += 1
        call = Call(self._number, method, params, chat_id)
        self._ring.append(call)
        self.stats.calls += 1
        return call

    def close(self, call: Call, status: int, description: str = "") -> None:
        call.status, call.description, call.answered_at = status, description, time.monotonic()
        if status == 200:  # noqa: PLR2004
            self._count(call.method)
            return
        self.stats.refused += 1
        self.stats.refused_429 += status == 429  # noqa: PLR2004

    def since(self, number: int) -> list[Call]:
        return [call for call in self._ring if call.number > number]

    def clear(self) -> None:
        self._ring.clear()
        self.stats = Stats()

    def _count(self, method: str) -> None:
        stats = self.stats
        if method in MESSAGES:
            stats.sent += 1
        elif method in EDITS:
            stats.edited += 1
        elif total := TOTALS.get(method):
            setattr(stats, total, getattr(stats, total) + 1)


TOTALS = {
    "deleteMessage": "deleted",
    "deleteMessages": "deleted",
    "pinChatMessage": "pinned",
    "answerCallbackQuery": "answered",
    "getUpdates": "polls",
}
