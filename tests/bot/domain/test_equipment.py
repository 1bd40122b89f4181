"""Which equipment is nearest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.equipment import Equipment, EquipmentKind, nearest
from bot.domain.place import AssemblyPoint, Campus, Name, Zone

PLACES = {"A1": "field", "A2": "field", "A3": "field", "B3": "court", "yard": "field", "lab": "court"}
CAMPUS = Campus(
    zones={zone: Zone(zone, Name(zone), "classroom", point) for zone, point in PLACES.items()},
    assembly_points={point: AssemblyPoint(point, Name(point)) for point in ("field", "court")},
)
ANYWHERE = st.sampled_from([*PLACES, "A10", "gone", "12"])


def things(*zones: str, kind: EquipmentKind = EquipmentKind.EXTINGUISHER) -> list[Equipment]:
    return [Equipment(f"{kind}-{n}-{zone}", kind, zone) for n, zone in enumerate(zones)]


def test_the_same_place_comes_first_then_the_floors_of_the_building_then_who_gathers_together() -> None:
    found = nearest(things("lab", "yard", "A1", "B3", "A2", "A3"), CAMPUS, "A3")
    assert [item.zone for item in found] == ["A3", "A2", "A1", "yard", "B3", "lab"]


def test_only_the_kinds_that_are_asked_for() -> None:
    every = [*things("A3"), *things("A1", kind=EquipmentKind.AED)]
    assert [item.kind for item in nearest(every, CAMPUS, "A3", {EquipmentKind.AED})] == [EquipmentKind.AED]


def test_without_a_place_they_come_as_the_campus_is_listed() -> None:
    assert [item.zone for item in nearest(things("lab", "gone", "A1"), CAMPUS, None)] == ["A1", "lab", "gone"]


def test_another_building_is_no_floor_of_this_one() -> None:
    assert CAMPUS.distance("A3", "B3") > CAMPUS.distance("A3", "A1")


@given(ANYWHERE, ANYWHERE)
def test_the_way_back_is_as_long_and_nothing_is_nearer_than_here(one: str, other: str) -> None:
    assert CAMPUS.distance(one, other) == CAMPUS.distance(other, one)
    assert CAMPUS.distance(one, one) == (0, 0) <= CAMPUS.distance(one, other)
    assert (CAMPUS.distance(one, other) == (0, 0)) is (one == other)


@given(st.lists(ANYWHERE, max_size=8), ANYWHERE)
def test_nothing_is_lost_and_nothing_nearer_comes_later(zones: list[str], here: str) -> None:
    found = nearest(things(*zones), CAMPUS, here)
    assert sorted(item.number for item in found) == sorted(item.number for item in things(*zones))
    away = [CAMPUS.distance(here, item.zone) for item in found]
    assert away == sorted(away)
