"""Telegram's limits: when the next message may go, and to which chats none may go now.

Pure: every time is passed in, in seconds of a monotonic clock. A chat's time counts from the answer, because
only then it is sure that the server's own clock has counted the message; while one is under way its chat is shut.
Overall a message counts while it is under way, and then from when it arrived: the answer less the quickest way
there and back so far. Counted from its start, one that a busy moment held up would come too close to the next.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.message import Lane
from bot.storage.claim import GroupRoom

# Penalty or back-off of everything, not of one chat.
ALL = "*"


@dataclass(frozen=True, slots=True)
class Limits:
    """About 30 messages a second overall, one a second to one chat, 20 a minute to one group.

    https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this ; edits count as well
    (grammyjs/website#1076).

    Paced a little below, so that 3,000 messages take 104 s. Of each second's 30 one is kept for an alarm, however
    unevenly the others went, and of a group's 20 a few for ALARM and COMMAND. The others go at once up to
    `group_burst` in a minute and then evenly: a card that is ten seconds old is better than one that stands still
    until the minute is over.
    """

    per_second: int = 30
    kept_per_second: int = 1
    paced_per_second: float = 29.0
    private_every_s: float = 1.0
    group_per_minute: int = 20
    group_kept: int = 4
    group_burst: int = 6


# Messages sent one second apart may arrive a little closer together.
_SECOND = 1.02
_MINUTE = 60.5
# Alarms are kept their place within this. A whole second would make each second late by what a claim takes, since the
# pace could never catch up; so an alarm may have to wait for 0.04 s after a stall.
_UNKEPT_S = 0.98
# Behind its schedule by no more than this the pace catches up; after a longer rest it begins anew.
_CATCH_UP_S = 0.25


class Limiter:
    """Counts what is sent. `groups` are the chats with a budget by the minute; all others are private."""

    def __init__(self, groups: Iterable[str], limits: Limits = Limits()) -> None:
        self._limits = limits
        self._interval = 1.0 / limits.paced_per_second
        self._arrived_at: list[float] = []
        self._begun_at: dict[str, deque[float]] = {}
        self._quickest_s = float("inf")
        self._next_at = float("-inf")
        self._groups = {chat: _Group() for chat in groups}
        self._open_at: dict[str, float] = {}
        self._gates: dict[str, float] = {}

    def slots(self, now: float) -> tuple[int, int]:
        """How many messages may start now: of any lane, and of ALARM."""
        if self._gates.get(ALL, now) > now:
            return 0, 0
        while self._arrived_at and self._arrived_at[0] <= now - _SECOND:
            self._arrived_at.pop(0)
        room = self._limits.per_second - self._under_way - len(self._arrived_at)
        if now < self._next_at:
            return 0, max(room, 0)
        behind = now - self._next_at
        due = int(behind / self._interval) + 1 if behind <= _CATCH_UP_S else 1
        return max(min(room, self._unkept(now), due), 0), max(room, 0)

    def _unkept(self, now: float) -> int:
        """How many may start now that are no alarms, for one to find room when it comes."""
        recent = sum(1 for at in self._arrived_at if at > now - _UNKEPT_S)
        return self._limits.per_second - self._limits.kept_per_second - self._under_way - recent

    @property
    def _under_way(self) -> int:
        return sum(map(len, self._begun_at.values()))

    def slot_at(self, now: float) -> float:
        """When the next message of any lane may start; infinity: not before an answer comes."""
        usual = self._limits.per_second - self._limits.kept_per_second
        earliest = max(self._next_at, self._gates.get(ALL, now), self._frees_at(usual, _UNKEPT_S))
        return max(earliest, self.alarm_at(now))

    def alarm_at(self, now: float) -> float:
        """When the next alarm may start; infinity: not before an answer comes."""
        earliest = self._gates.get(ALL, now)
        return max(earliest, self._frees_at(self._limits.per_second, _SECOND), now)

    def _frees_at(self, most: int, span_s: float) -> float:
        """When fewer than `most` count within `span_s`."""
        room = most - self._under_way
        if room <= 0:
            return float("inf")
        return self._arrived_at[-room] + span_s if len(self._arrived_at) >= room else float("-inf")

    def shut(self, now: float) -> frozenset[str]:
        """Chats that take nothing now: penalised, or written to within the last second."""
        for chat in [chat for chat, at in self._open_at.items() if at <= now]:
            del self._open_at[chat]
        for chat in [chat for chat, until in self._gates.items() if until <= now]:
            del self._gates[chat]
        private = {chat for chat in self._begun_at if chat not in self._groups}
        return frozenset(private | self._open_at.keys() | self._gates.keys() - {ALL})

    def penalised(self, now: float) -> frozenset[str]:
        """Chats that Telegram refused to take anything for now; `*`: all."""
        return frozenset(chat for chat, until in self._gates.items() if until > now)

    def groups(self, now: float) -> dict[str, GroupRoom]:
        """What each group still takes."""
        limits = self._limits
        rooms = {}
        for chat, group in self._groups.items():
            left = limits.group_per_minute - group.count(now) - len(self._begun_at.get(chat, ()))
            is_due = self._any_at(chat, group, now) <= now
            rooms[chat] = GroupRoom(left - limits.group_kept if is_due else 0, left)
        return rooms

    def _any_at(self, chat: str, group: _Group, now: float) -> float:
        """When the group takes the next message that is neither ALARM nor COMMAND."""
        used = group.count(now) + len(self._begun_at.get(chat, ()))
        left = self._limits.group_per_minute - self._limits.group_kept - used
        if not group.sent_at or used < self._limits.group_burst:
            return now
        frees_at = group.sent_at[0] + _MINUTE
        return frees_at if left <= 0 else group.sent_at[-1] + (frees_at - group.sent_at[-1]) / (left + 1)

    def chat_at(self, now: float) -> float:
        """When the next shut chat or full group opens; infinity when none is."""
        full = (self._any_at(chat, group, now) for chat, group in self._groups.items())
        later = (at for at in (*self._open_at.values(), *self._gates.values(), *full) if at > now)
        return min(later, default=float("inf"))

    def start(self, chat: str, lane: Lane, now: float) -> None:
        """One message is on its way. An alarm uses what room there is, the others keep to the pace."""
        if lane is not Lane.ALARM:
            is_late = now - self._next_at <= _CATCH_UP_S
            self._next_at = (self._next_at if is_late else now) + self._interval
        self._begun_at.setdefault(chat, deque()).append(now)

    def finish(self, chat: str, now: float, *, is_counted: bool = True) -> None:
        """It is answered, or surely never arrived (not counted for its chat)."""
        begun = self._begun_at[chat]
        took_s = now - begun.popleft()
        if not begun:
            del self._begun_at[chat]
        if not is_counted:
            return
        self._quickest_s = min(self._quickest_s, took_s)
        insort(self._arrived_at, now - self._quickest_s)
        if chat in self._groups:
            self._groups[chat].sent_at.append(now)
        else:
            self._open_at[chat] = now + self._limits.private_every_s

    def close(self, chat: str, until: float) -> None:
        """A penalty; the later of two holds."""
        self._gates[chat] = max(until, self._gates.get(chat, until))


class _Group:
    """When the last minute's messages to one group were answered."""

    def __init__(self) -> None:
        self.sent_at: deque[float] = deque()

    def count(self, now: float) -> int:
        while self.sent_at and self.sent_at[0] <= now - _MINUTE:
            self.sent_at.popleft()
        return len(self.sent_at)
