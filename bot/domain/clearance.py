"""Who may see which camera now, and whose faces: the law's rules, before a picture is even asked for.

Regulations on public-safety video systems (State Council Order 799): art. 8 (private places), 16(1) and (2) (trained
and authorised staff only), 16(3) (no view without a reason on record).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bot.domain.permission import Right, has_right
from bot.domain.place import Zone
from bot.domain.recipe import Faces
from bot.domain.roster import Person, Role
from bot.domain.text import clean_line

SHORTEST_REASON: Final = 4
"""Characters; "ok" and "test" tell an auditor nothing, four Chinese characters are a sentence."""


class Grounds(StrEnum):
    """What makes a look lawful now."""

    INCIDENT = "incident"
    REASON = "reason"


class Barrier(StrEnum):
    """Why somebody may not look; the first that stands, in this order.

    LOOK_OVER: it was for an incident that they may not know of (any more); nothing told to them may say so.
    """

    PRIVATE_PLACE = "private_place"
    UNKNOWN_PLACE = "unknown_place"
    NO_RIGHT = "no_right"
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_OVER = "certificate_over"
    NO_REASON = "no_reason"
    LOOK_OVER = "look_over"


@dataclass(frozen=True, slots=True)
class Cleared:
    """They may look; `reason` is what the register gets, empty when the incident is the reason."""

    grounds: Grounds
    reason: str = ""


def decide(
    person: Person, zone: Zone | None, *, day: date, incident_in_force: bool, reason: str
) -> Cleared | Barrier:
    """Whether `person` may see a camera that looks into `zone` on the school's `day`.

    `zone` None: the settings do not know it (any more), so it may be private. The certificate's date is its last day.
    A private place is refused whoever asks and whatever happens there.
    """
    if zone is None:
        return Barrier.UNKNOWN_PLACE
    if zone.is_private:
        return Barrier.PRIVATE_PLACE
    return barrier_of(person, day) or _of_cause(reason, incident_in_force=incident_in_force)


def barrier_of(person: Person, day: date) -> Barrier | None:
    """What keeps this person from every camera; None: nothing does."""
    if not has_right(person, Right.SEE_CAMERAS):
        return Barrier.NO_RIGHT
    if person.camera_training_until is None:
        return Barrier.NO_CERTIFICATE
    return Barrier.CERTIFICATE_OVER if person.camera_training_until < day else None


def _of_cause(reason: str, *, incident_in_force: bool) -> Cleared | Barrier:
    said = clean_line(reason)
    if incident_in_force:
        return Cleared(Grounds.INCIDENT, said)
    visible = sum(character.isprintable() for character in said)
    return Cleared(Grounds.REASON, said) if visible >= SHORTEST_REASON else Barrier.NO_REASON


def faces_for(person: Person, face_clearance: Collection[Role]) -> Faces:
    """Faces as they are only for who holds one of the roles in `face_clearance`; else pixelated."""
    return Faces.SHOWN if person.is_active and person.roles & set(face_clearance) else Faces.PIXELATED
