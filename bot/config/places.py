"""`[[assembly_points]]`, `[[zones]]`, `[on_scene]`: the school's places, and when somebody has come to one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from bot.config.fields import OptionalName, PlaceId, RequiredName, WebUrl, flawed, none_if_empty, zone_kind
from bot.config.problems import Flaw
from bot.config.section import Entry, Section
from bot.domain.place import Name, Spot, Zone

_LIMITS = (90, 180)


def _location(value: Any) -> Any:
    if none_if_empty(value) is None:
        return None
    is_pair = isinstance(value, list | tuple) and len(value) == len(_LIMITS)
    if not is_pair or not all(
        type(part) in (int, float) and abs(part) <= limit for part, limit in zip(value, _LIMITS, strict=True)
    ):
        raise flawed(Flaw.BAD_LOCATION)
    return value


# Latitude and longitude in degrees, WGS 84 as GPS gives them.
Location = Annotated[tuple[float, float] | None, BeforeValidator(_location)]


class PointEntry(Entry):
    """One of `[[assembly_points]]`."""

    id: PlaceId
    name: RequiredName
    name_en: OptionalName = ""
    way_url: WebUrl = ""


class ZoneEntry(Entry):
    """One of `[[zones]]`."""

    id: PlaceId
    name: RequiredName
    name_en: OptionalName = ""
    kind: Annotated[RequiredName, AfterValidator(zone_kind)]
    assembly_point: Annotated[str | None, BeforeValidator(none_if_empty)] = None
    location: Location = None

    def zone(self) -> Zone:
        """As the domain knows it."""
        name = Name(self.name, self.name_en)
        return Zone(self.id, name, self.kind, self.assembly_point, spot_of(self.location))


class OnScene(Section):
    """`[on_scene]`: who shares a live location has come when it is so near."""

    arrived_within_m: Annotated[int, Field(ge=10, le=2000)] = 50


def spot_of(location: tuple[float, float] | None) -> Spot | None:
    """As the domain knows it."""
    return Spot(*location) if location else None
