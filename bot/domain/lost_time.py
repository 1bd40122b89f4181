"""The time between a backup and its restore: what was said in it, people may still see and Muster no longer knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

# So far may our clock and Telegram's be apart.
_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LostTime:
    """From each backup that was restored up to its restore, aware times."""

    spans: tuple[tuple[datetime, datetime], ...] = ()

    def has(self, at: datetime) -> bool:
        """Whether a message of that time, in Telegram's whole seconds, may speak of what was lost."""
        return any(begin - _APART <= at < end.replace(microsecond=0) for begin, end in self.spans)

    def to_params(self) -> list[list[str]]:
        """As JSON."""
        return [[begin.isoformat(), end.isoformat()] for begin, end in self.spans]

    @classmethod
    def from_params(cls, params: Iterable[tuple[str, str]] | None) -> Self:
        """What `to_params` gave; None: nothing was ever lost."""
        spans = ((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in params or ())
        return cls(tuple(spans))
