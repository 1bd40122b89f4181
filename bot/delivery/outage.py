"""When the Bot API cannot be reached: one probe at a time, ever more seldom."""

from __future__ import annotations

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


class Outage:
    """Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._pause_s = 0.0
        self._probe_at = 0.0
        self.since: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether the last attempt found no connection."""
        return self.since is not None

    @property
    def probe_at(self) -> float:
        """When the next attempt is due."""
        return self._probe_at

    def failed(self, now: float) -> None:
        """An attempt found no connection. Those that were under way together count once."""
        if self.since is None:
            self.since = now
            self._pause_s = _FIRST_PAUSE_S
        elif now < self._probe_at:
            return
        else:
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        self._probe_at = now + self._pause_s

    def answered(self) -> None:
        """The server said something, whatever it was."""
        self.since = None
