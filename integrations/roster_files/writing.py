"""Roster CSV as a school office would keep it: Chinese headings, UTF-8 with the mark that Excel needs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.equipment import CALLED, Equipment
from bot.domain.roster import Absence, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Noun, Roster
from integrations.roster_files.columns import HEADINGS, ROLE_NAMES

FILES = {
    Noun.PEOPLE: "staff.csv",
    Noun.CLASSES: "classes.csv",
    Noun.PUPILS: "pupils.csv",
    Noun.SHIFTS: "duty.csv",
    Noun.ABSENCES: "absences.csv",
    Noun.EQUIPMENT: "equipment.csv",
}
_MINUTE = "%Y-%m-%d %H:%M"


def write_roster(folder: Path, roster: Roster, *, timezone: ZoneInfo) -> list[Path]:
    """One file for each noun that the roster has."""
    tables: dict[Noun, Iterable[Sequence[str]] | None] = {
        Noun.PEOPLE: None if roster.people is None else map(_person, roster.people.values()),
        Noun.CLASSES: None if roster.classes is None else map(_class, roster.classes.values()),
        Noun.PUPILS: None if roster.pupils is None else map(_pupil, roster.pupils.values()),
        Noun.SHIFTS: None if roster.shifts is None else [_shift(shift, timezone) for shift in roster.shifts],
        Noun.ABSENCES: None if roster.absences is None else map(_absence, roster.absences),
        Noun.EQUIPMENT: None if roster.equipment is None else map(_equipment, roster.equipment.values()),
    }
    return [_write(folder / FILES[noun], noun, lines) for noun, lines in tables.items() if lines is not None]


def write_equipment(path: Path, items: Iterable[Equipment]) -> Path:
    """What there is now, as a file that can be imported again. OSError when it cannot be written."""
    return _write(path, Noun.EQUIPMENT, map(_equipment, items))


def _write(path: Path, noun: Noun, lines: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading_of(noun, column) for column in HEADINGS[noun])
        writer.writerows(lines)
    return path


def heading_of(noun: Noun, column: str) -> str:
    """The Chinese heading of a column, where it has one."""
    headings = HEADINGS[noun][column]
    return next((word for word in headings if not word.isascii()), headings[0])


def _person(person: Person) -> Sequence[str]:
    # in the order of Role; who is nothing else is simply staff
    roles = [ROLE_NAMES[role][0] for role in Role if role in person.roles and role is not Role.STAFF]
    return (
        person.staff_id,
        person.name.zh,
        person.name.en,
        person.department,
        ";".join(roles or [ROLE_NAMES[Role.STAFF][0]]),
        ";".join(person.classes),
        person.phone,
        str(person.telegram_id or ""),
        person.roster_locale or "",
        person.camera_training_until.isoformat() if person.camera_training_until else "",
    )


def _class(item: SchoolClass) -> Sequence[str]:
    return item.name, item.grade, item.zone or "", item.assembly_point or ""


def _pupil(pupil: Pupil) -> Sequence[str]:
    return pupil.student_no, pupil.name, pupil.school_class


def _absence(absence: Absence) -> Sequence[str]:
    return absence.student_no, absence.day.isoformat()


def _equipment(item: Equipment) -> Sequence[str]:
    return (
        item.number,
        CALLED[item.kind][0],
        item.zone,
        item.place,
        item.custodian_id or "",
        str(item.amount),
        "",  # the last inspection; the next one says the same
        str(item.every_days or ""),
        item.due_on.isoformat() if item.due_on else "",
        item.note,
    )


def _shift(shift: DutyShift, timezone: ZoneInfo) -> Sequence[str]:
    starts_at, ends_at = shift.starts_at.astimezone(timezone), shift.ends_at.astimezone(timezone)
    if starts_at.hour == starts_at.minute == ends_at.hour == ends_at.minute == 0:
        days = starts_at.date().isoformat(), (ends_at - timedelta(days=1)).date().isoformat()
    else:
        days = starts_at.strftime(_MINUTE), ends_at.strftime(_MINUTE)
    return *days, ROLE_NAMES[shift.role][0], shift.staff_id
