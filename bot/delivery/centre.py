"""The command centre's group is gone: what is for it waits until it is there again, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.domain.message import CENTRE

# What waits probes this often whether it is there again; whoever sees that it is opens it at once.
AGAIN_S: Final = 60.0


class CentreGate:
    """`problem`: what Telegram says of the group; empty while it takes messages."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._probe_at = 0.0
        self.problem = ""

    def shut(self, problem: str) -> None:
        """It takes nothing."""
        self.problem = problem
        self._probe_at = self._monotonic() + AGAIN_S

    def open(self) -> None:
        """It is there, as far as is known."""
        self.problem = ""

    def comes_back(self, chat: str) -> bool:
        """It took a message, in this chat; whether it was gone until now."""
        is_back = chat in self.gone
        if is_back:
            self.open()
        return is_back

    @property
    def gone(self) -> frozenset[str]:
        """The chats that are gone: this one or none."""
        return frozenset({CENTRE}) if self.problem else frozenset()

    @property
    def unasked(self) -> frozenset[str]:
        """Of those, what is not even probed now."""
        return self.gone if self._monotonic() < self._probe_at else frozenset()
