"""The demo begins with something to show of what a school keeps up, once a database."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.demo.people import roster
from bot.demo.places import PATROL_ZONES, ZONES
from bot.demo.readied import keep_up
from bot.domain.training import held_certificates
from bot.services.importing import apply_roster
from bot.storage.database import Database

NOW = datetime(2026, 11, 30, 15, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
SOON = timedelta(days=30)


def test_there_is_something_due_trained_patrolled_and_planned(tmp_path):
    assert set(PATROL_ZONES) <= {zone.id for zone in ZONES}
    database = Database(f"sqlite:///{tmp_path}/muster.db")
    database.migrate()
    database.write_now(apply_roster, roster(), by="demo", at=NOW)
    for _ in range(2):
        database.write_now(keep_up, NOW)
    today = NOW.date()

    def read(tx):
        sessions = tx.trainings.newest(10)
        held = held_certificates(sessions, tx.trainings.entries(*(one.id for one in sessions)))
        visits = tx.patrols.between(NOW - timedelta(hours=15), NOW)
        return tx.equipment.due_until(today), held, visits, tx.planned_drills.since(today)

    due, held, visits, planned = database.read_now(read)
    assert [item.number for item in due] == ["AED-1", "MHQ-A3-1", "MHQ-A3-2"]
    assert {staff_id for staff_id, _ in held} <= set(roster().people)
    assert any(until < today + SOON for until in held.values())
    assert {visit.zone for visit in visits} == set(PATROL_ZONES)
    assert [(drill.kind.value, drill.zone) for drill in planned] == [("fire", "A3")]
