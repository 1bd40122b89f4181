"""People sent to the scene, and what they find: conditions, actions, needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class SceneState(StrEnum):
    """Where one of the on-scene group is."""

    ASKED = "asked"
    GOING = "going"
    ARRIVED = "arrived"
    CANNOT = "cannot"


class Conditions(StrEnum):
    """How it looks."""

    WORSE = "w"
    STEADY = "s"
    CONTROLLED = "c"
    OVER = "o"


class Actions(StrEnum):
    """What is being done there."""

    CLEARING = "c"
    FIRST_AID = "f"
    GUARDING = "g"
    LOOKING = "l"


class Needs(StrEnum):
    """What is missing there."""

    NOTHING = "n"
    PEOPLE = "p"
    FIRE_BRIGADE = "f"
    AMBULANCE = "a"
    POLICE = "o"


# In the place of any of these letters: it was said in a voice note.
VOICE: Final = "v"
# Whom outside a need means.
CALLS_FOR: dict[str, str] = {Needs.FIRE_BRIGADE: "119", Needs.AMBULANCE: "120", Needs.POLICE: "110"}


@dataclass(frozen=True, slots=True)
class OnScene:
    """One person of the group. Its leader may order response actions."""

    incident_id: int
    staff_id: str
    state: SceneState
    at: datetime
    is_leader: bool = False
