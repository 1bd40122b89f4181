"""How a camera is, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from bot.domain.condition import Change, Condition

BLIND: Final = frozenset(
    {Condition.OFFLINE, Condition.BLACK, Condition.COVERED, Condition.DEFOCUSED, Condition.FROZEN}
)
"""In these it shows nothing that could be used, and its time counts as down."""


class Trouble(StrEnum):
    """Why no picture came, in the words of those who repair it."""

    NONE = ""
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    BUSY = "busy"
    NO_PICTURE = "no_picture"
    STALE = "stale"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe of a camera found. The picture itself is gone already.

    `is_in_doubt`: something is suspected and not told yet, or just recovering; the next probe should come sooner.
    """

    camera_id: str
    at: datetime
    condition: Condition
    since: datetime | None
    changes: tuple[Change, ...] = ()
    captured_at: datetime | None = None
    trouble: Trouble = Trouble.NONE
    is_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """`state` since `since`; `up` and `down` are sums up to `counted_at`. `baselines`: the probe's own JSON.

    `told`: the state that people were told last, empty for none. `notice_due_at`: when they must be told of it.
    """

    camera_id: str
    state: str
    since: datetime
    counted_at: datetime
    last_frame_at: datetime | None = None
    baselines: dict[str, Any] = field(default_factory=dict)
    up: timedelta = timedelta()
    down: timedelta = timedelta()
    trouble: str = ""
    told: str = ""
    notice_due_at: datetime | None = None

    @property
    def uptime(self) -> float | None:
        """The part of the counted time, 0–1; None before anything was counted."""
        return Uptime(self.up, self.down).share


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long a camera showed something, and how long it did not."""

    up: timedelta = timedelta()
    down: timedelta = timedelta()

    @property
    def share(self) -> float | None:
        """0–1; None before anything was counted."""
        counted = self.up + self.down
        return self.up / counted if counted else None


@dataclass(frozen=True, slots=True)
class Filing:
    """The filing of the camera system with the county police (备案), Order 799 art. 14. `due_on` None: not known."""

    camera_id: str
    filed_on: date | None = None
    due_on: date | None = None


FILE_WITHIN: Final = timedelta(days=30)
"""Art. 14: within 30 days after the system is put in use."""
LAW_BEGAN: Final = date(2025, 4, 1)
OLD_FILE_WITHIN: Final = timedelta(days=90)
"""The same article: what ran already when the regulations came into force."""


def filing_due(in_use_since: date | None) -> date | None:
    """The last day on which the camera may be filed in time."""
    if in_use_since is None:
        return None
    if in_use_since < LAW_BEGAN:
        return LAW_BEGAN + OLD_FILE_WITHIN
    return in_use_since + FILE_WITHIN
