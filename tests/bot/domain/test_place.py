"""How far one spot is from another, along the ground."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.place import Spot

spots = st.builds(Spot, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Spot(30.2741, 120.1551), Spot(30.2741, 120.1551), 0),
        (Spot(30, 120), Spot(31, 120), 111_195),
        (Spot(60, 120), Spot(60, 121), 55_597),
        (Spot(0, 179.9995), Spot(0, -179.9995), 111),
        (Spot(90, 0), Spot(-90, 0), 20_015_087),
    ],
)
def test_known_distances_come_out(one: Spot, other: Spot, metres: float) -> None:
    assert one.metres_to(other) == pytest.approx(metres, abs=1)


@given(spots, spots)
def test_the_way_back_is_as_long_and_no_way_is_longer_than_half_the_earth(one: Spot, other: Spot) -> None:
    assert one.metres_to(other) == pytest.approx(other.metres_to(one), abs=0.01)
    assert 0 <= one.metres_to(other) <= 20_015_088
