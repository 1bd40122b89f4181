"""The whole matrix of who sees a camera, written out a second time, by hand, from the law and the school's table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from bot.domain.clearance import Barrier, Cleared, Grounds, decide, faces_for
from bot.domain.place import PRIVATE_ZONE_KINDS, Name, Zone
from bot.domain.recipe import Faces
from bot.domain.roster import Person, Role

TODAY = date(2026, 11, 23)
CERTIFICATES = {
    "none": None,
    "ended yesterday": TODAY - timedelta(days=1),
    "last day today": TODAY,
    "valid": TODAY + timedelta(days=200),
}
MAY_LOOK = {"PRINCIPAL", "DEPUTY", "COMMANDER"}
MAY_NOT_LOOK = {
    *("SAFETY_OFFICE", "IT_CENTRE", "ON_SCENE", "MEDICAL", "DEPARTMENT_LEAD"),
    *("GRADE_LEAD", "CLASS_LEAD", "STAFF"),
}
LOOKED_INTO = ("gate", "classroom", "corridor", "a word of the school's own")
NEVER = (
    *("dormitory", "bathroom", "toilet", "changing_room"),
    *("nursing_room", "fitting_room", "rest_room", "guest_room"),
)
SAID = {
    "": False,
    "   ": False,
    "看看": False,
    "abc": False,
    "\u200d" * 5: False,
    "火警核实": True,
    "smoke?": True,
}


def person(*roles: str, until: date | None = TODAY) -> Person:
    named = frozenset({Role.STAFF, *map(Role, roles)})
    return Person("T1", Name("某人"), roles=named, camera_training_until=until)


def zone(kind: str = "gate") -> Zone:
    return Zone("Z", Name("某处"), kind, None)


def expected(role: str, certificate: str, kind: str, reason: str, *, incident: bool) -> object:
    if kind in NEVER:
        return Barrier.PRIVATE_PLACE
    if role not in MAY_LOOK:
        return Barrier.NO_RIGHT
    if certificate == "none":
        return Barrier.NO_CERTIFICATE
    if certificate == "ended yesterday":
        return Barrier.CERTIFICATE_OVER
    if incident:
        return Grounds.INCIDENT
    return Grounds.REASON if SAID[reason] else Barrier.NO_REASON


def test_the_second_table_knows_every_role_and_every_private_place() -> None:
    assert {role.value for role in Role} == MAY_LOOK | MAY_NOT_LOOK
    assert set(NEVER) == PRIVATE_ZONE_KINDS


@pytest.mark.parametrize("role", sorted(MAY_LOOK | MAY_NOT_LOOK))
def test_every_role_certificate_incident_place_and_reason(role: str) -> None:
    cases = list(product(CERTIFICATES, (True, False), (*LOOKED_INTO, *NEVER), SAID))
    for certificate, incident, kind, reason in cases:
        asker = person(role, until=CERTIFICATES[certificate])
        found = decide(asker, zone(kind), day=TODAY, incident_in_force=incident, reason=reason)
        told = found.grounds if isinstance(found, Cleared) else found
        case = (certificate, incident, kind, reason)
        assert told == expected(role, certificate, kind, reason, incident=incident), case
    assert len(cases) == 4 * 2 * 12 * 7


@pytest.mark.parametrize("incident", [True, False])
def test_all_roles_together_do_not_open_a_private_place(incident: bool) -> None:
    everything = person(*MAY_LOOK, *MAY_NOT_LOOK)
    for kind in NEVER:
        found = decide(everything, zone(kind), day=TODAY, incident_in_force=incident, reason="救人要紧")
        assert found is Barrier.PRIVATE_PLACE


def test_a_place_that_the_settings_do_not_know_may_be_private() -> None:
    found = decide(person("PRINCIPAL"), None, day=TODAY, incident_in_force=True, reason="火警核实")
    assert found is Barrier.UNKNOWN_PLACE


def test_who_left_sees_nothing() -> None:
    gone = replace(person("PRINCIPAL"), is_active=False)
    found = decide(gone, zone(), day=TODAY, incident_in_force=True, reason="")
    assert found is Barrier.NO_RIGHT
    assert faces_for(gone, set(Role)) is Faces.PIXELATED


def test_a_certificate_that_ends_in_the_middle_of_a_night_ends_the_view() -> None:
    asker = person("COMMANDER", until=TODAY)
    assert isinstance(decide(asker, zone(), day=TODAY, incident_in_force=True, reason=""), Cleared)
    tomorrow = TODAY + timedelta(days=1)
    found = decide(asker, zone(), day=tomorrow, incident_in_force=True, reason="")
    assert found is Barrier.CERTIFICATE_OVER


def test_the_reason_reaches_the_register_on_one_line() -> None:
    found = decide(person("DEPUTY"), zone(), day=TODAY, incident_in_force=False, reason=" 东门\n 有人翻墙 ")
    assert found == Cleared(Grounds.REASON, "东门 有人翻墙")


@pytest.mark.parametrize("role", list(Role))
def test_faces_are_shown_only_to_the_roles_that_the_school_names(role: Role) -> None:
    asker = person(role.value)
    assert faces_for(asker, ()) is Faces.PIXELATED
    assert faces_for(asker, {role}) is Faces.SHOWN
    others = set(Role) - {role, Role.STAFF}
    assert faces_for(asker, others) is Faces.PIXELATED
