"""One person's look through one camera, and what came of taking a picture for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

IN_CHAT_FOR: Final = timedelta(hours=48)
"""Bot API, deleteMessage: no picture may stay longer, or it could not be deleted any more."""
REASON_LIFE: Final = timedelta(minutes=15)
"""A stated reason is good for so long; who still looks after that says anew why."""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, and why: an incident, or without one a stated reason.

    `next_at`: when a watch takes its next picture, None when nobody watches; `watch_until`: when it ends. `ended_at`:
    no picture is taken for it any more. `snapshot_id`: what is looked at was recorded, and is kept already.
    """

    id: int
    staff_id: str
    camera_id: str
    asked_at: datetime
    incident_id: int | None = None
    reason: str = ""
    watch_until: datetime | None = None
    next_at: datetime | None = None
    ended_at: datetime | None = None
    snapshot_id: int | None = None

    @property
    def picture_key(self) -> str:
        """The `coalesce` key of its one message in the chat."""
        return f"camera:{self.id}"

    @property
    def removal_key(self) -> str:
        """The `coalesce` key of what deletes that message again."""
        return f"camera-removal:{self.id}"

    def is_fresh(self, now: datetime) -> bool:
        """Whether what was stated still counts."""
        return self.asked_at <= now < self.asked_at + REASON_LIFE


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture fit for one viewer; or none, and `params` say why: by a `barrier` or for a `problem`.

    `sha256`: of what the viewer sees. Never kept as it is: the vault has it encrypted, under `snapshot_id`.
    """

    look: Look
    params: dict[str, Any]
    picture: bytes | None = field(default=None, repr=False)
    snapshot_id: int | None = None
    sha256: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether they may not look (any more)."""
        return "barrier" in self.params
