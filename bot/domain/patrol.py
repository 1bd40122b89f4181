"""Patrols: key areas are looked at several times a day, checked in by the code that hangs there."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# In front of a point's code in Telegram's deep link; an invite's code never has it.
PREFIX = "patrol-"
# Bot API: a deep link's payload is at most 64 characters of [A-Za-z0-9_-]; 18 bytes make 24 of them.
CODE_BYTES = 18
# The same person at the same point this soon again is the same look, not one more round.
SAME_VISIT = timedelta(minutes=15)


class VisitState(StrEnum):
    """HERE: checked in, and has not said yet how it is."""

    HERE = "here"
    ALL_WELL = "all_well"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a point. `words`: what they found; `incident_id`: what became of it; `photo`: its file_id."""

    id: int
    zone: str
    staff_id: str
    at: datetime
    state: VisitState = VisitState.HERE
    words: str = ""
    incident_id: int | None = None
    photo: str = ""


def point_code(key: bytes, zone: str) -> str:
    """What the code at this point says: nobody who has not stood there, or has the school's key, can make it."""
    mac = hmac.new(key, f"patrol:{zone}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:CODE_BYTES]).decode("ascii")


def point_of(code: str, key: bytes, zones: Iterable[str]) -> str | None:
    """The point that this code hangs at; None for an old or invented one."""
    said = code.encode("utf-8", "replace")
    found = [zone for zone in zones if hmac.compare_digest(point_code(key, zone).encode(), said)]
    return found[0] if found else None
