"""What is done to a picture before anybody sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.camera import Polygon

MIN_CORNERS = 3


class Faces(StrEnum):
    """How faces are shown to this viewer."""

    SHOWN = "shown"
    PIXELATED = "pixelated"


@dataclass(frozen=True)
class Mark:
    """The visible mark, in the reader's language.

    `title` (camera) and `time` share the first line; `details` (incident, viewer, why) follow.
    `drill` is the drill's tag, `【演练】`, or empty; `tile` names the viewer and is repeated faintly all over.
    """

    title: str
    time: str
    details: tuple[str, ...] = ()
    drill: str = ""
    tile: str = ""


@dataclass(frozen=True)
class Recipe:
    """Masks, faces and mark for one viewer. `mark` None: no mark. A mask that is no polygon is a ValueError."""

    masks: tuple[Polygon, ...] = ()
    faces: Faces = Faces.PIXELATED
    mark: Mark | None = field(default=None)

    def __post_init__(self) -> None:
        for polygon in self.masks:
            if len(polygon) < MIN_CORNERS:
                raise ValueError(f"a mask needs {MIN_CORNERS} corners or more: {polygon}")
            if not all(math.isfinite(value) and 0 <= value <= 1 for corner in polygon for value in corner):
                raise ValueError(f"a mask's corners lie between 0 and 1: {polygon}")
