"""Places on campus. They come from `school.toml`; nobody adds one at run time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt

# Regulations on public-safety video systems (State Council Order 799) art. 8: no camera may look into these.
PRIVATE_ZONE_KINDS = frozenset(
    {
        "dormitory",
        "bathroom",
        "toilet",
        "changing_room",
        "nursing_room",
        "fitting_room",
        "rest_room",
        "guest_room",
    }
)


BETWEEN_WORDS = " \t\n\u3000,，、;；:：.。"


def opens_with(words: str, name: str) -> bool:
    """Whether `words` begin with `name` as a word of its own; Chinese runs on without a space."""
    rest = words[len(name) :]
    is_word = not rest or not (rest[0].isascii() and rest[0].isalnum() and name[-1].isascii())
    return words.startswith(name) and is_word


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Chinese and, when the school gave one, in English."""

    zh: str
    en: str = ""

    def to_params(self) -> dict[str, str]:
        """The form that message params and timeline entries keep."""
        return {"zh": self.zh, "en": self.en}


EARTH_M = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Latitude and longitude in degrees, WGS 84."""

    latitude: float
    longitude: float

    def metres_to(self, other: Spot) -> float:
        """Along the ground (haversine)."""
        north, other_north = radians(self.latitude), radians(other.latitude)
        half = sin((other_north - north) / 2) ** 2
        east = radians(other.longitude - self.longitude)
        half += cos(north) * cos(other_north) * sin(east / 2) ** 2
        return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


@dataclass(frozen=True, slots=True)
class AssemblyPoint:
    """Where people gather. `way_url`: a map or picture of the way there, empty for none."""

    id: str
    name: Name
    way_url: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """A place on campus; `kind` is an open word, only those in PRIVATE_ZONE_KINDS have a meaning."""

    id: str
    name: Name
    kind: str
    assembly_point: str | None
    spot: Spot | None = None

    @property
    def is_private(self) -> bool:
        """Whether a camera is forbidden here by law."""
        return self.kind in PRIVATE_ZONE_KINDS


@dataclass(frozen=True)
class Campus:
    """All places of the school, found by id or by the name that people say."""

    zones: Mapping[str, Zone]
    assembly_points: Mapping[str, AssemblyPoint]
    spot: Spot | None = None
    _said: dict[str, Zone] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        said: dict[str, Zone] = {}
        for zone in self.zones.values():
            for word in (zone.id, zone.name.zh, zone.name.en):
                if word:
                    said.setdefault(word.casefold(), zone)
        object.__setattr__(self, "_said", said)

    def words(self) -> dict[str, str]:
        """Every word for a place, in casefold, and its zone's id; of two zones of one name the first is meant."""
        return {word: zone.id for word, zone in self._said.items()}

    def find(self, word: str) -> Zone | None:
        """The zone with this id or name (either language, any case), or None."""
        return self._said.get(word.casefold())

    def read(self, words: str) -> tuple[Zone | None, str]:
        """The place that `words` open with, the longest name first, and what follows it."""
        lowered = words.casefold()
        for name in sorted(self._said, key=len, reverse=True):
            if opens_with(lowered, name):
                return self._said[name], words[len(name) :].strip(BETWEEN_WORDS)
        return None, words

    def name_of(self, zone_id: str | None) -> Name | None:
        """The zone's name; a zone taken out of the settings since is called by its id."""
        if zone_id is None:
            return None
        zone = self.zones.get(zone_id)
        return zone.name if zone else Name(zone_id, zone_id)

    def spot_of(self, zone_id: str | None) -> Spot | None:
        """Where the zone is, else where the school is; None: the settings say neither."""
        zone = self.zones.get(zone_id or "")
        return (zone and zone.spot) or self.spot

    def distance(self, one: str, other: str) -> tuple[int, int]:
        """How far apart, to be compared only: the same zone, floors of one building, one assembly point, the rest.

        Floors are told by ids that differ in their last number (`A3`, `A2`).
        """
        if one == other:
            return 0, 0
        (building, floor), (other_building, other_floor) = _floor_of(one), _floor_of(other)
        if building == other_building and floor is not None and other_floor is not None:
            return 1, abs(floor - other_floor)
        points = [zone and zone.assembly_point for zone in (self.zones.get(one), self.zones.get(other))]
        return (2, 0) if points[0] and points[0] == points[1] else (3, 0)


_FLOOR = re.compile(r"(.*[^0-9])([0-9]{1,3})", re.DOTALL)


def _floor_of(zone_id: str) -> tuple[str, int | None]:
    match = _FLOOR.fullmatch(zone_id)
    return (match[1], int(match[2])) if match else (zone_id, None)
