"""Leaves a way to a camera alone for a while after it has failed several times in a row."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bot.domain.camera import Camera
from bot.errors import CameraError, CameraRefusedError, CameraUnreachableError

FAILURES: Final = 3
PAUSE_S: Final = 10.0
REFUSED_PAUSE_S: Final = 300.0
"""Dahua locks an account after five wrong logins, Hikvision after seven."""


class Breaker:
    """For one way (picture or stream) of one camera. After the pause one attempt decides anew."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._closed_until = 0.0
        self._last: CameraError | None = None

    def check(self, camera: Camera) -> None:
        """Raises what went wrong last while the pause lasts."""
        if self._last is None or (left_s := self._closed_until - self._monotonic()) <= 0:
            return
        kind = CameraRefusedError if isinstance(self._last, CameraRefusedError) else CameraUnreachableError
        raise kind(camera.id, f"{self._last.reason}; left alone for {left_s:.0f} s more")

    def succeeded(self) -> None:
        """The row of failures is over."""
        self._failures, self._last = 0, None

    def failed(self, error: CameraError) -> None:
        """One more; the pause begins with the third, and with every one after it."""
        self._failures += 1
        if self._failures >= FAILURES:
            pause_s = REFUSED_PAUSE_S if isinstance(error, CameraRefusedError) else PAUSE_S
            self._closed_until, self._last = self._monotonic() + pause_s, error
