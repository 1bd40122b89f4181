"""Pauses between attempts: 1 s, 2 s, 4 s … 30 s, each a little longer by chance: feeds must not march in step."""

from __future__ import annotations

import random
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 30.0
JITTER: Final = 0.25


class BackOff:
    """The pauses of one row of failures."""

    def __init__(self, longest_s: float | None = None) -> None:
        self._longest_s = LONGEST_S if longest_s is None else longest_s
        self._next_s = FIRST_S

    def reset(self) -> None:
        """It went well: the next failure begins the row anew."""
        self._next_s = FIRST_S

    def pause_s(self, at_least_s: float = 0.0) -> float:
        """How long to wait now."""
        pause_s = max(self._next_s, at_least_s)
        self._next_s = min(2 * self._next_s, self._longest_s)
        return pause_s * (1 + JITTER * random.random())  # noqa: S311 - chance, no secret
