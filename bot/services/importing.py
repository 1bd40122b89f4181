"""Roster imports: shown as a diff first, then applied whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.roster import Person
from bot.domain.roster_diff import Change, Roster, RosterDiff, diff
from bot.storage.transaction import Transaction


def current_roster(tx: Transaction) -> Roster:
    """What the school has now, people who left included."""
    return Roster(
        people={person.staff_id: person for person in tx.people.list_all()},
        classes=tx.roster.classes(),
        pupils=tx.roster.pupils(),
        shifts=tuple(tx.roster.shifts()),
    )


def preview_roster(tx: Transaction, incoming: Roster) -> RosterDiff:
    """What applying it would change."""
    return diff(current_roster(tx), incoming)


def apply_roster(tx: Transaction, incoming: Roster, *, by: str, at: datetime) -> RosterDiff:
    """Make the school's roster what `incoming` says; the diff is worked out anew, in the same transaction."""
    change = diff(current_roster(tx), incoming)
    if change.people is not None:
        _save_people(
            tx, [*change.people.added, *(c.after for c in change.people.changed), *change.people.removed]
        )
    if change.classes is not None:
        tx.roster.replace_classes((incoming.classes or {}).values())
    if change.pupils is not None:
        tx.roster.replace_pupils((incoming.pupils or {}).values())
    if change.shifts is not None:
        tx.roster.replace_shifts(incoming.shifts or ())
    tx.audit.append("roster", at=at, actor=by, details=summary(change))
    return change


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
    return lines


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
    for noun, part in (("people", change.people), ("classes", change.classes), ("pupils", change.pupils)):
        if part is not None:
            counts[noun] = {
                "added": len(part.added),
                "changed": len(part.changed),
                "removed": len(part.removed),
                "unchanged": part.unchanged,
            }
    if change.shifts is not None:
        counts["shifts"] = {
            "added": len(change.shifts.added),
            "removed": len(change.shifts.removed),
            "unchanged": change.shifts.unchanged,
        }
    return counts
