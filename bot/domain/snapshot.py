"""A picture that was kept, for how long, and the register of who saw what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.camera import MIN_RETENTION_DAYS

PICTURE_FOLDERS = frozenset({"vault", "pictures"})
"""Beside the database; a backup takes the files in these and no others. Pictures in `pictures` are of 0.1.0."""


class Part(StrEnum):
    """The two files of a snapshot: the camera's own bytes, and the masked and marked picture that people get."""

    ORIGINAL = "original"
    DERIVATIVE = "derivative"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One kept picture. Hashes are SHA-256 in hex, sizes bytes; the hashes stay when the picture is erased."""

    id: int
    camera_id: str
    captured_at: datetime
    kept_at: datetime
    original_sha256: str
    original_size: int
    expires_at: datetime
    incident_id: int | None = None
    derivative_sha256: str | None = None
    derivative_size: int | None = None
    held_at: datetime | None = None
    held_by: str | None = None
    held_reason: str = ""
    erased_at: datetime | None = None
    erased_why: str = ""

    @property
    def is_held(self) -> bool:
        """Whether somebody keeps it by itself beyond its time, with a reason on record."""
        return self.held_at is not None

    def hashes(self) -> dict[Part, str]:
        """What files it has or had."""
        found = {Part.ORIGINAL: self.original_sha256}
        return found | ({Part.DERIVATIVE: self.derivative_sha256} if self.derivative_sha256 else {})


def expiry(kept_at: datetime, retention_days: int) -> datetime:
    """When it must go: never before the 30 days of State Council Order 799 art. 17, whatever the settings say."""
    return kept_at + timedelta(days=max(retention_days, MIN_RETENTION_DAYS))


class Act(StrEnum):
    """What somebody did, or was not let do, with a camera's pictures."""

    VIEW = "view"
    REFUSAL = "refusal"
    EXPORT = "export"
    DELETION = "deletion"
    OUTSIDE_VIEW = "outside_view"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A line of the access register. Reason, content, unit and name are the four that Order 799 art. 16(3) asks for.

    `staff_id` None: somebody from outside (police, a guardian), or Muster itself. `sha256`: of what was seen.
    """

    at: datetime
    act: Act
    camera_id: str
    name: str
    unit: str
    reason: str
    content: str
    staff_id: str | None = None
    snapshot_id: int | None = None
    incident_id: int | None = None
    sha256: str | None = None
    outcome: str = "done"
    id: int = 0
