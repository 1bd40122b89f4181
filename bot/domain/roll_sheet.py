"""One class as its paper sheet shows it: what a headcount needs when no phone works."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.place import Name
from bot.domain.roster import Person, Pupil


@dataclass(frozen=True, slots=True)
class RollSheet:
    """`leads` are the class's active CLASS_LEADs; `pupils` are in order of their numbers."""

    name: str
    grade: str
    zone: Name | None
    assembly_point: Name | None
    leads: tuple[Person, ...]
    pupils: tuple[Pupil, ...]
