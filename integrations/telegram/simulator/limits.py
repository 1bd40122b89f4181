"""Telegram's flood limits: 30/s overall, about 1/s a private chat, 20/min a group.

Sources: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this ; edits count too
(https://github.com/grammyjs/website/pull/1076). The exact rules are unpublished.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from integrations.telegram.simulator.errors import too_many_requests

FORGET_ABOVE = 20_000
"""Chats whose windows are remembered at once."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` calls in any `seconds`, sliding."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Three windows; None is no limit."""

    overall: Window | None
    private: Window | None
    group: Window | None

    @classmethod
    def published(cls, *, strict: bool = False) -> Self:
        """Telegram's numbers; strict allows a private chat no burst (1 in 1 s, less 50 ms tolerance)."""
        private = Window(1, 0.95) if strict else Window(3, 3.0)
        return cls(overall=Window(30, 1.0), private=private, group=Window(20, 60.0))

    @classmethod
    def none(cls) -> Self:
        return cls(overall=None, private=None, group=None)


@dataclass(slots=True)
class Meter:
    """Counts the calls that count, and refuses those over the limits."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    violations: int = 0
    _all: deque[float] = field(default_factory=deque)
    _by_chat: dict[int, deque[float]] = field(default_factory=dict)
    _told: dict[int, float] = field(default_factory=dict)
    _ordered: dict[int | None, float] = field(default_factory=dict)

    def order_pause(self, seconds: float, chat_id: int | None) -> None:
        """A fault: this chat (None: every chat) is refused for that long."""
        self._ordered[chat_id] = self.clock() + seconds

    def lift_pauses(self) -> None:
        self._ordered.clear()
        self._told.clear()

    def admit(self, chat_id: int) -> None:
        """Raises 429 with the whole seconds to wait, or counts the call."""
        now = self.clock()
        until = self._told.get(chat_id, 0.0) if self._told else 0.0
        if until > now:
            self.violations += 1
        elif until:
            del self._told[chat_id]
        if self._ordered:
            until = max(until, self._ordered.get(chat_id, 0.0), self._ordered.get(None, 0.0))
        if until > now:
            self._refuse(chat_id, now, until)
        self._count(chat_id, now)

    def _count(self, chat_id: int, now: float) -> None:
        window = self.limits.private if chat_id > 0 else self.limits.group
        mine = self._calls_of(chat_id) if window else None
        if window and mine is not None and (free_at := _free_at(mine, window, now)) > now:
            self._refuse(chat_id, now, free_at)
        if self.limits.overall:
            if (free_at := _free_at(self._all, self.limits.overall, now)) > now:
                self._refuse(chat_id, now, free_at)
            self._all.append(now)
        if mine is not None:
            mine.append(now)

    def _calls_of(self, chat_id: int) -> deque[float]:
        calls = self._by_chat.get(chat_id)
        if calls is None:
            if len(self._by_chat) >= FORGET_ABOVE:
                self._by_chat.pop(next(iter(self._by_chat)))
            calls = self._by_chat[chat_id] = deque()
        return calls

    def _refuse(self, chat_id: int, now: float, until: float) -> None:
        seconds = max(1, math.ceil(until - now))
        if self._told.get(chat_id, 0.0) <= now:
            self._told[chat_id] = now + seconds
        raise too_many_requests(seconds)


def _free_at(calls: deque[float], window: Window, now: float) -> float:
    """When the next call fits; now or earlier if it fits already. Forgets what has left the window."""
    while calls and calls[0] <= now - window.seconds:
        calls.popleft()
    return calls[0] + window.seconds if len(calls) >= window.count else now
