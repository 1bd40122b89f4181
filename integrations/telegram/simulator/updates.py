"""The queue of updates: kept until confirmed by an offset, handed out to one poll at a time."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from integrations.telegram.simulator.bell import Bell
from integrations.telegram.simulator.errors import conflict

ON_REQUEST_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MOST_AT_ONCE = 100
REMEMBERED = 1_000
"""Updates that were handed out and can be delivered again on request."""


@dataclass(slots=True)
class _Entry:
    key: int
    body: Any
    is_once: bool = False


class UpdateQueue:
    """Offsets as in https://core.telegram.org/bots/api#getupdates."""

    def __init__(self, first_id: int) -> None:
        self.allowed: frozenset[str] | None = None
        self.bell = Bell()
        self.is_reversed = False
        self.is_doubled = False
        self._next_id = first_id
        self._pending: deque[_Entry] = deque()
        self._delivered: deque[Any] = deque(maxlen=REMEMBERED)
        self._turn = object()
        self._is_interrupted = False

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Queues one update unless the bot did not ask for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST_ONLY
        if wanted:
            self._append(_Entry(self._next_id, {"update_id": self._next_id, kind: body}))
            self._next_id += 1

    def inject(self, raw: object) -> None:
        """Puts any JSON into the queue. A dict without an update_id gets the next one."""
        if isinstance(raw, dict) and "update_id" not in raw:
            raw = {"update_id": self._next_id, **raw}
        own = raw.get("update_id") if isinstance(raw, dict) else None
        key = own if isinstance(own, int) else self._next_id
        is_once = key < self._next_id
        self._next_id = max(self._next_id, key + 1)
        self._append(_Entry(key, raw, is_once))

    def redeliver(self, count: int) -> int:
        """The last `count` delivered updates come once more, whatever the offset; tells how many."""
        again = list(self._delivered)[-count:] if count > 0 else []
        for body in again:
            self._append(_Entry(0, body, is_once=True))
        return len(again)

    def list_all(self) -> list[Any]:
        return [entry.body for entry in self._pending]

    def set_allowed(self, kinds: list[str] | None) -> None:
        """None leaves the setting; an empty list is Telegram's preset."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def confirm(self, offset: int) -> None:
        """Forgets everything below a positive offset, or all but the last -offset."""
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif offset:
            self._pending = deque(one for one in self._pending if one.is_once or one.key >= offset)

    def drop_all(self) -> None:
        self._pending.clear()

    def interrupt(self) -> None:
        """Ends the poll that is waiting now with what there is."""
        self._is_interrupted = True
        self.bell.ring()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Any]:
        """Long poll; a later poll ends an earlier one with 409."""
        turn = self._turn = object()
        self._is_interrupted = False
        self.bell.ring()
        self.confirm(offset)
        until = time.monotonic() + seconds
        while not self._pending and (left := until - time.monotonic()) > 0:
            await self.bell.wait(left)
            if self._turn is not turn:
                raise conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
            if self._is_interrupted:
                break
        return self.take(limit)

    def take(self, limit: int) -> list[Any]:
        """Hands out the oldest; they stay until confirmed, except what was to come only once."""
        limit = limit if 0 < limit <= MOST_AT_ONCE else MOST_AT_ONCE
        entries = [entry for entry, _ in zip(self._pending, range(limit), strict=False)]
        for entry in entries:
            if entry.is_once:
                self._pending.remove(entry)
            else:
                self._delivered.append(entry.body)
        bodies = [entry.body for entry in entries for _ in range(2 if self.is_doubled else 1)]
        return bodies[::-1] if self.is_reversed else bodies

    def peek(self) -> Any:
        return self._pending[0].body

    def drop_first(self) -> None:
        if self._pending:
            self._delivered.append(self._pending.popleft().body)

    def _append(self, entry: _Entry) -> None:
        self._pending.append(entry)
        self.bell.ring()
