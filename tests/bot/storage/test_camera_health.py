"""One row a camera, replaced as it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.camera_health import CameraHealth
from bot.storage.database import Database
from tests.support.databases import place

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
GATE = CameraHealth("gate", "fine", NOW, NOW, NOW, {"day": {"laplacian": 1598.5}}, up=3 * HOUR, down=HOUR)


@pytest.fixture
def database(tmp_path):
    return Database(place(tmp_path / "muster.db"))


def test_what_was_kept_comes_back_whole(database):
    database.write_now(lambda tx: tx.camera_health.save(GATE))
    assert database.read_now(lambda tx: tx.camera_health.get("gate")) == GATE
    assert database.read_now(lambda tx: tx.camera_health.get("hall")) is None


def test_a_new_state_takes_the_place_of_the_old_one(database):
    dark = replace(GATE, state="black", since=NOW + HOUR, down=2 * HOUR, last_frame_at=None)
    hall = replace(GATE, camera_id="hall")
    for health in (GATE, hall, dark):
        database.write_now(lambda tx, health=health: tx.camera_health.save(health))
    assert database.read_now(lambda tx: tx.camera_health.list_all()) == [dark, hall]


def test_uptime_is_a_part_of_what_was_counted():
    assert GATE.uptime == 0.75
    assert replace(GATE, up=timedelta(), down=timedelta()).uptime is None
