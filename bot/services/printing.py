"""What is printed from the roster, as plain values."""

from __future__ import annotations

from collections import defaultdict

from bot.domain.place import Campus, Name
from bot.domain.reading_order import reading_order
from bot.domain.roll_sheet import RollSheet
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.storage.transaction import Transaction


def roll_sheets(tx: Transaction, campus: Campus) -> list[RollSheet]:
    """A sheet for each class on the roster, by grade and number: 七2班 before 七10班, and 七 before 八."""
    leads: defaultdict[str, list[Person]] = defaultdict(list)
    for person in tx.people.list_active():
        for name in person.classes if Role.CLASS_LEAD in person.roles else ():
            leads[name].append(person)
    pupils: defaultdict[str, list[Pupil]] = defaultdict(list)
    for pupil in tx.roster.pupils().values():
        pupils[pupil.school_class].append(pupil)
    classes = sorted(
        tx.roster.classes().values(), key=lambda one: (reading_order(one.grade), reading_order(one.name))
    )
    return [_sheet(one, campus, leads[one.name], pupils[one.name]) for one in classes]


def _sheet(one: SchoolClass, campus: Campus, leads: list[Person], pupils: list[Pupil]) -> RollSheet:
    return RollSheet(
        name=one.name,
        grade=one.grade,
        zone=campus.name_of(one.zone),
        assembly_point=_point(one, campus),
        leads=tuple(leads),
        pupils=tuple(sorted(pupils, key=lambda pupil: reading_order(pupil.student_no))),
    )


def _point(one: SchoolClass, campus: Campus) -> Name | None:
    """The class's own point, else that of the zone where it has lessons."""
    zone = campus.zones.get(one.zone or "")
    chosen = one.assembly_point or (zone.assembly_point if zone else None)
    if chosen is None:
        return None
    point = campus.assembly_points.get(chosen)
    return point.name if point else Name(chosen, chosen)
