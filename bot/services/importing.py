"""Roster imports: shown as a diff first, then applied whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.domain.equipment import CALLED, Equipment
from bot.domain.permission import Right, has_right
from bot.domain.roster import Absence, DutyShift, Person
from bot.domain.roster_diff import Change, EntriesDiff, NounDiff, Roster, RosterDiff, after, diff
from bot.services.leaving import shut_out, take_back_soon
from bot.services.sighting import end_looks_of
from bot.storage.revoked import barred_accounts, forget_revoked
from bot.storage.transaction import Transaction


def current_roster(tx: Transaction) -> Roster:
    """What the school has now, people who left included."""
    return Roster(
        people={person.staff_id: person for person in tx.people.list_all()},
        classes=tx.roster.classes(),
        pupils=tx.roster.pupils(),
        shifts=tuple(tx.roster.shifts()),
        absences=tuple(tx.absences.list_all()),
        equipment=tx.equipment.all(),
        barred=barred_accounts(tx.facts),
    )


def preview_roster(tx: Transaction, incoming: Roster) -> RosterDiff:
    """What applying it would change."""
    return diff(current_roster(tx), incoming)


def roster_after(tx: Transaction, incoming: Roster) -> Roster:
    """What the school would have then."""
    current = current_roster(tx)
    return after(current, incoming, diff(current, incoming))


def apply_roster(tx: Transaction, incoming: Roster, *, by: str, at: datetime) -> RosterDiff:
    """Make the school's roster what `incoming` says; the diff is worked out anew, in the same transaction."""
    current = current_roster(tx)
    change = diff(current, incoming)
    if change.people is not None:
        _save_people(
            tx, [*change.people.added, *(c.after for c in change.people.changed), *change.people.removed]
        )
        _end_lost(tx, change.people, at)
    then = after(current, incoming, change)
    if change.classes is not None:
        tx.roster.replace_classes((then.classes or {}).values())
    if change.pupils is not None:
        tx.roster.replace_pupils((then.pupils or {}).values())
    if change.shifts is not None:
        tx.roster.replace_shifts(incoming.shifts or ())
    if change.absences is not None:
        for day, absent in _by_day(incoming.absences or ()).items():
            tx.absences.replace_day(day, absent, said_by=by, at=at)
    if change.equipment is not None:
        _save_equipment(tx, change.equipment)
    tx.audit.append("roster", at=at, actor=by, details=summary(change))
    return change


def _end_lost(tx: Transaction, change: NounDiff[Person], at: datetime) -> None:
    for person in change.removed:
        shut_out(tx, person.staff_id, at)
    for one in change.changed:
        if not has_right(one.after, Right.SEE_CAMERAS):
            end_looks_of(tx, one.after.staff_id, at)
    forget_revoked(tx.facts)
    take_back_soon(tx)


def _save_equipment(tx: Transaction, change: NounDiff[Equipment]) -> None:
    """What is inspected on another day is scheduled anew by the clock."""
    tx.equipment.remove([item.number for item in change.removed])
    moved = {"due_on", "every_days"}
    changed = [
        c.after if moved.isdisjoint(c.fields) else replace(c.after, remind_at=None) for c in change.changed
    ]
    tx.equipment.save([*change.added, *changed])


def _by_day(absences: tuple[Absence, ...]) -> dict[date, set[str]]:
    days: dict[date, set[str]] = {}
    for absence in absences:
        days.setdefault(absence.day, set()).add(absence.student_no)
    return days


def _save_people(tx: Transaction, people: list[Person]) -> None:
    """Two people may swap accounts: all that change are cleared before any is set."""
    tx.people.save(replace(person, telegram_id=None) for person in people)
    for person in people:
        if person.telegram_id is not None:
            tx.people.save([person])


def named(change: RosterDiff) -> list[str]:
    """Colleagues and classes by name: who comes, who goes, what changes for whom. Pupils are only counted."""
    lines: list[str] = []
    if change.people is not None:
        lines += [f"+ {p.staff_id} {p.name.zh}" for p in change.people.added]
        lines += [f"- {p.staff_id} {p.name.zh}" for p in change.people.removed]
        lines += [_change_line(c) for c in change.people.changed]
    if change.classes is not None:
        lines += [f"+ {item.name}" for item in change.classes.added]
        lines += [f"- {item.name}" for item in change.classes.removed]
    if change.equipment is not None:
        lines += [f"+ {item.number} {_thing(item)}" for item in change.equipment.added]
        lines += [f"- {item.number} {_thing(item)}" for item in change.equipment.removed]
        lines += [f"~ {c.after.number} {_thing(c.after)}: {_changed(c)}" for c in change.equipment.changed]
    return lines


def _thing(item: Equipment) -> str:
    return f"{CALLED[item.kind][0]} {item.zone} {item.place}".strip()


def _changed(change: Change[Equipment]) -> str:
    """Days are spelled out: an old file would bring back an old one."""
    told = [field for field in change.fields if field != "due_on"]
    if "due_on" in change.fields:
        told.append(f"due_on {change.before.due_on or '–'} → {change.after.due_on or '–'}")
    return ", ".join(told)


def _change_line(change: Change[Person]) -> str:
    """Roles are spelled out: they are what somebody may do from now on."""
    person, before = change.after, change.before
    told = [field for field in change.fields if field != "roles"]
    if "roles" in change.fields:
        told.append(f"roles {'/'.join(sorted(before.roles))} → {'/'.join(sorted(person.roles))}")
    return f"~ {person.staff_id} {person.name.zh}: {', '.join(told)}"


def summary(change: RosterDiff) -> dict[str, dict[str, int]]:
    """Counts by noun; no name leaves the roster this way."""
    counts: dict[str, dict[str, int]] = {}
    for noun, part in (
        ("people", change.people),
        ("classes", change.classes),
        ("pupils", change.pupils),
        ("equipment", change.equipment),
    ):
        if part is not None:
            counts[noun] = {
                "added": len(part.added),
                "changed": len(part.changed),
                "removed": len(part.removed),
                "unchanged": part.unchanged,
            }
    if change.shifts is not None:
        counts["shifts"] = _entries(change.shifts)
    if change.absences is not None:
        counts["absences"] = _entries(change.absences)
    return counts


def _entries(part: EntriesDiff[DutyShift] | EntriesDiff[Absence]) -> dict[str, int]:
    return {"added": len(part.added), "removed": len(part.removed), "unchanged": part.unchanged}
