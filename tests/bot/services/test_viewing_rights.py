"""Who sees a picture: every role × certificate × incident × kind of place, asked in the chat and again at send time.

What is expected is written out a second time here, from the law and the school's table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from bot.domain.camera import Camera, Cameras
from bot.domain.clearance import Barrier
from bot.domain.incident import Incident, Mode, Severity, Status
from bot.domain.look import Look
from bot.domain.place import PRIVATE_ZONE_KINDS, Campus, Name, Zone
from bot.domain.roster import Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.snapshot import Act
from bot.services.school import ViewingRules
from bot.services.sighting import Sight, look_again
from bot.services.turn import Turn
from bot.services.viewing import ask
from bot.storage.tables import camera_views, deliveries
from tests.support.cast import EMILY
from tests.support.door import MONDAY, open_door

pytestmark = pytest.mark.both_databases

MAY = {"PRINCIPAL", "DEPUTY", "COMMANDER"}
CERTIFICATES = {
    "none": None,
    "ended yesterday": date(2026, 11, 22),
    "last day today": date(2026, 11, 23),
    "valid": date(2027, 6, 30),
}
HOLDS = {"last day today", "valid"}
INCIDENTS = {
    "none": None,
    "reported": {"status": Status.REPORTED},
    "active": {"status": Status.ACTIVE},
    "all clear": {"status": Status.ALL_CLEAR},
    "closed": {"status": Status.CLOSED, "ended_at": MONDAY},
    "cancelled": {"status": Status.CANCELLED, "ended_at": MONDAY},
    "drill": {"status": Status.ACTIVE, "mode": Mode.DRILL},
    "suspended drill": {"status": Status.ACTIVE, "mode": Mode.DRILL, "suspended_at": MONDAY},
}
UNDER_WAY = {"reported", "active", "drill"}
PLACES = {"classroom": "classroom", "gate": "gate", **{kind: kind for kind in sorted(PRIVATE_ZONE_KINDS)}}
OPEN_PLACES = {"classroom", "gate"}
REASON = "核查烟雾报警"


@pytest.fixture
async def door(tmp_path):
    async with open_door(tmp_path) as one:
        zones = {kind: Zone(kind, Name(kind), kind, None) for kind in PLACES}
        cameras = [Camera(f"cam-{kind}", kind, Name(f"cam-{kind}"), "http://127.0.0.1/") for kind in PLACES]
        cameras.append(Camera("cam-nowhere", "nowhere", Name("cam-nowhere"), "http://127.0.0.1/"))
        one.turns.school = replace(
            one.school,
            campus=Campus(zones, {}),
            cameras=Cameras(tuple(cameras)),
            viewing=ViewingRules(is_in_chat=True),
        )
        yield one


def begun(tx, which) -> Incident | None:
    changes = INCIDENTS[which]
    if changes is None:
        return None
    fresh = Incident(0, "", changes.get("mode", Mode.REAL), Status.REPORTED, Severity.SEVERE, MONDAY)
    incident = replace(tx.incidents.add(fresh, year=2026), **changes)
    tx.incidents.save(incident)
    return incident


def expected(role, certificate, place, *, is_under_way, has_reason) -> bool:
    return role in MAY and certificate in HOLDS and place in OPEN_PLACES and (is_under_way or has_reason)


def people(tx):
    for role, certificate in product([role.value for role in Role], CERTIFICATES):
        person = replace(
            EMILY,
            roles=frozenset({Role.STAFF, Role(role)}),
            camera_training_until=CERTIFICATES[certificate],
        )
        tx.people.save([person])
        yield role, certificate, person


@pytest.mark.parametrize("which", INCIDENTS)
async def test_asking_shows_or_refuses_and_either_is_on_record(door, which):
    def matrix(tx):
        begun(tx, which)
        wrong = []
        for role, certificate, person in people(tx):
            for place, reason in product(["classroom", "dormitory", "nowhere"], ["", REASON]):
                before = count(tx)
                sender = Sender(person.telegram_id, ("t", "1"), None, True, False, 7)
                turn = Turn(tx, door.turns.school, MONDAY, sender, person)
                outcome = ask(turn, IncidentRef(), f"cam-{place} {reason}")
                is_shown = expected(
                    role, certificate, place, is_under_way=which in UNDER_WAY, has_reason=bool(reason)
                )
                pictures, refusals = (after - old for after, old in zip(count(tx), before, strict=True))
                if (pictures, refusals) != ((1, 0) if is_shown else (0, 1)):
                    wrong.append((role, certificate, place, reason, outcome))
                tx.connection.execute(deliveries.delete())
        return wrong

    assert await door.database.write(matrix) == []


def count(tx):
    pictures = select(func.count()).where(deliveries.c.kind == "camera_picture")
    refusals = select(func.count()).where(camera_views.c.what == Act.REFUSAL.value)
    return tx.connection.scalar(pictures), tx.connection.scalar(refusals)


@pytest.mark.parametrize("which", INCIDENTS)
async def test_everything_is_asked_again_before_a_frame_is_opened(door, which):
    def matrix(tx):
        incident, wrong = begun(tx, which), []
        for place in [*PLACES, "nowhere"]:
            reason = "" if incident else REASON
            look = tx.looks.add(
                Look(0, EMILY.staff_id, f"cam-{place}", MONDAY, incident and incident.id, reason)
            )
            for role, certificate, _ in people(tx):
                found = look_again(tx, door.turns.school, look.id, MONDAY + timedelta(minutes=1))
                is_shown = expected(
                    role, certificate, place, is_under_way=which in UNDER_WAY, has_reason=incident is None
                )
                if isinstance(found, Sight) is not is_shown:
                    wrong.append((role, certificate, place, found))
        return wrong

    assert await door.database.write(matrix) == []


@pytest.mark.parametrize("minutes", [14, 15])
async def test_a_stated_reason_lasts_a_quarter_of_an_hour(door, minutes):
    def late(tx):
        chief = replace(EMILY, roles=frozenset({Role.COMMANDER}))
        tx.people.save([chief])
        look = tx.looks.add(Look(0, EMILY.staff_id, "cam-gate", MONDAY, None, REASON))
        return look_again(tx, door.turns.school, look.id, MONDAY + timedelta(minutes=minutes))

    found = await door.database.write(late)
    assert found is Barrier.NO_REASON if minutes >= 15 else isinstance(found, Sight)


async def test_an_incidents_look_does_not_outlive_it_by_what_was_said_besides(door):
    def over(tx):
        tx.people.save([replace(EMILY, roles=frozenset({Role.COMMANDER}))])
        incident = begun(tx, "all clear")
        look = tx.looks.add(Look(0, EMILY.staff_id, "cam-gate", MONDAY, incident.id, REASON))
        return look_again(tx, door.turns.school, look.id, MONDAY)

    assert await door.database.write(over) is Barrier.NO_REASON


async def test_who_left_the_roster_sees_nothing(door):
    def gone(tx):
        tx.people.save([replace(EMILY, roles=frozenset({Role.COMMANDER}), is_active=False)])
        begun(tx, "active")
        look = tx.looks.add(Look(0, EMILY.staff_id, "cam-gate", MONDAY, None, REASON))
        return look_again(tx, door.turns.school, look.id, MONDAY)

    assert await door.database.write(gone) is Barrier.NO_RIGHT


@pytest.mark.parametrize("ended_at", [None, MONDAY])
async def test_who_may_not_know_of_the_incident_is_not_even_told_that_it_is_over(door, ended_at):
    def restricted(tx):
        tx.people.save([replace(EMILY, roles=frozenset({Role.COMMANDER}))])
        incident = begun(tx, "active")
        tx.incidents.save(replace(incident, is_restricted=True))
        look = tx.looks.add(
            Look(0, EMILY.staff_id, "cam-gate", MONDAY, incident.id, REASON, ended_at=ended_at)
        )
        return look_again(tx, door.turns.school, look.id, MONDAY)

    assert await door.database.write(restricted) is Barrier.LOOK_OVER
