"""Coordinates of places, and how near is "arrived"."""

from __future__ import annotations

import pytest

from bot.domain.place import Spot
from tests.bot.config.conftest import Load, Refuse

ZONE = """
[[zones]]
id = "A3"
name = "教学楼"
kind = "classroom"
"""


def test_a_zone_without_coordinates_has_the_school_s(settings_of: Load) -> None:
    campus = settings_of(ZONE + "location = [30.2741, -120]").campus()
    assert campus.spot_of("A3") == Spot(30.2741, -120)
    assert campus.spot_of(None) is campus.spot_of("elsewhere") is None
    assert settings_of(ZONE + 'location = ""').campus().spot_of("A3") is None
    assert settings_of("[on_scene]\narrived_within_m = 80").on_scene.arrived_within_m == 80


@pytest.mark.parametrize(
    "location",
    ["30", "[30]", "[30, 120, 8]", "[91, 0]", "[0, 181]", "[nan, 0]", "[true, 0]", '["30", "120"]'],
)
def test_what_is_no_place_on_earth_is_refused_with_an_example(refused: Refuse, location: str) -> None:
    (problem,) = refused(ZONE + f"location = {location}")
    assert problem.startswith(
        "school.toml: zones.A3.location: must be [latitude, longitude] in degrees, as in"
    )


@pytest.mark.parametrize("metres", [9, 2001])
def test_a_distance_that_says_nothing_is_refused(refused: Refuse, metres: int) -> None:
    (problem,) = refused(f"[on_scene]\narrived_within_m = {metres}")
    assert "on_scene.arrived_within_m" in problem
