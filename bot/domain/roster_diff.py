"""What an import would change: pure values, shown to a person first and then applied whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.equipment import NOT_IN_FILES as EQUIPMENT_NOT_IN_FILES
from bot.domain.equipment import Equipment
from bot.domain.place import Name
from bot.domain.roster import Absence, DutyShift, Person, Pupil, SchoolClass


class Noun(StrEnum):
    """What a roster is about; a file brings one of them."""

    PEOPLE = "people"
    CLASSES = "classes"
    PUPILS = "pupils"
    SHIFTS = "shifts"
    ABSENCES = "absences"
    EQUIPMENT = "equipment"


# What a person's own phone or choice has put there; no file knows it.
NOT_IN_FILES = frozenset({"chosen_locale", "phone_locale", "is_unreachable"})

Item = TypeVar("Item", Person, SchoolClass, Pupil, Equipment)


@dataclass(frozen=True)
class Roster:
    """The school's people, keyed by staff id, class name and pupil number; equipment by its number.

    `absences` are whole days. `barred`: of what there is now, the accounts that no file binds to anybody again.

    A noun that is None was brought by no file and stays as it is. `absent` has, for the rows of files that
    lack columns, the fields that they say nothing about (`name_en` is the English half of a person's name).
    """

    people: Mapping[str, Person] | None = None
    classes: Mapping[str, SchoolClass] | None = None
    pupils: Mapping[str, Pupil] | None = None
    shifts: tuple[DutyShift, ...] | None = None
    absences: tuple[Absence, ...] | None = None
    equipment: Mapping[str, Equipment] | None = None
    absent: Mapping[tuple[Noun, str], frozenset[str]] = field(default_factory=dict)
    barred: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Change(Generic[Item]):
    """One row before and after; `fields` differ. `after` already keeps what the file could not know."""

    before: Item
    after: Item
    fields: tuple[str, ...]


@dataclass(frozen=True)
class NounDiff(Generic[Item]):
    """What happens to one noun. Removed people come as they are to be stored: inactive, never deleted."""

    added: tuple[Item, ...] = ()
    changed: tuple[Change[Item], ...] = ()
    removed: tuple[Item, ...] = ()
    unchanged: int = 0
    current: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.removed)

    @property
    def is_drastic(self) -> bool:
        """Whether more than half would go: a wrong or cut-off file more often than a wish."""
        return len(self.removed) * 2 > self.current


Entry = TypeVar("Entry", DutyShift, Absence)


@dataclass(frozen=True)
class EntriesDiff(Generic[Entry]):
    """Duty and absences have no key: an entry is there or not. New plans replace them, so it is never drastic."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.removed)


@dataclass(frozen=True)
class RosterDiff:
    """All of an import. A noun that is None is left untouched."""

    people: NounDiff[Person] | None = None
    classes: NounDiff[SchoolClass] | None = None
    pupils: NounDiff[Pupil] | None = None
    shifts: EntriesDiff[DutyShift] | None = None
    absences: EntriesDiff[Absence] | None = None
    equipment: NounDiff[Equipment] | None = None
    barred: tuple[Person, ...] = ()
    """Whose account in the file was revoked and is not taken."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        parts = (self.people, self.classes, self.pupils, self.shifts, self.absences, self.equipment)
        return all(part is None or part.is_empty for part in parts)

    @property
    def drastic(self) -> tuple[Noun, ...]:
        """The nouns of which more than half would go."""
        parts = {
            Noun.PEOPLE: self.people,
            Noun.CLASSES: self.classes,
            Noun.PUPILS: self.pupils,
            Noun.EQUIPMENT: self.equipment,
        }
        return tuple(noun for noun, part in parts.items() if part is not None and part.is_drastic)

    @property
    def is_drastic(self) -> bool:
        """Whether more than half of a noun would go."""
        return bool(self.drastic)


def diff(current: Roster, incoming: Roster) -> RosterDiff:
    """What importing `incoming` over `current` would do.

    A bound telegram_id and a chosen language survive a file that does not name them. A telegram_id that the
    file gives to somebody leaves whoever had it, so that the result never has it twice; whoever stores the
    diff must still clear the ids that change before setting them (two people may swap theirs).
    """
    told = (incoming.people or {}).values()
    barred = tuple(person for person in told if person.telegram_id in current.barred)
    return RosterDiff(
        people=_diff_people(current, incoming),
        classes=_diff_plain(Noun.CLASSES, current.classes, incoming.classes, incoming),
        pupils=_diff_plain(Noun.PUPILS, current.pupils, incoming.pupils, incoming),
        shifts=_diff_entries(current.shifts or (), incoming.shifts),
        absences=_diff_absences(current.absences or (), incoming.absences),
        equipment=_diff_equipment(current, incoming),
        barred=barred,
    )


def after(current: Roster, incoming: Roster, change: RosterDiff) -> Roster:
    """What `change`, worked out of these two, makes of the roster; people whom it removes are left out."""
    people, classes, pupils = change.people, change.classes, change.pupils
    return replace(
        current,
        people=current.people if people is None else _after(current.people, people, lambda one: one.staff_id),
        classes=current.classes
        if classes is None
        else _after(current.classes, classes, lambda one: one.name),
        pupils=current.pupils
        if pupils is None
        else _after(current.pupils, pupils, lambda one: one.student_no),
        shifts=current.shifts if incoming.shifts is None else incoming.shifts,
    )


def _after(
    before: Mapping[str, Item] | None, change: NounDiff[Item], key: Callable[[Item], str]
) -> Mapping[str, Item]:
    merged = dict(before or {})
    for item in change.removed:
        merged.pop(key(item), None)
    for item in change.added:
        merged[key(item)] = item
    for one in change.changed:
        merged[key(one.after)] = one.after
    return merged


def _diff_plain(
    noun: Noun, before: Mapping[str, Item] | None, after: Mapping[str, Item] | None, incoming: Roster
) -> NounDiff[Item] | None:
    if after is None:
        return None
    before = before or {}
    pairs = [
        (before[key], _keep(before[key], item, incoming.absent.get((noun, key), frozenset())))
        for key, item in after.items()
        if key in before
    ]
    return NounDiff(
        added=tuple(item for key, item in after.items() if key not in before),
        changed=_changes(pairs),
        removed=tuple(item for key, item in before.items() if key not in after),
        unchanged=sum(old == new for old, new in pairs),
        current=len(before),
    )


def _diff_people(current: Roster, incoming: Roster) -> NounDiff[Person] | None:
    if incoming.people is None:
        return None
    before = current.people or {}
    after = {key: _without(person, current.barred) for key, person in incoming.people.items()}
    claimed = {person.telegram_id: key for key, person in after.items() if person.telegram_id is not None}
    pairs: list[tuple[Person, Person]] = []
    removed: list[Person] = []
    for key, person in before.items():
        if key in after:
            absent = incoming.absent.get((Noun.PEOPLE, key), frozenset())
            new = _keep_person(person, after[key], absent)
        else:
            new = replace(person, is_active=False)
        if new.telegram_id is not None and claimed.get(new.telegram_id, key) != key:
            new = replace(new, telegram_id=None)
        if key not in after and person.is_active:
            removed.append(new)
        else:
            pairs.append((person, new))
    return NounDiff(
        added=tuple(person for key, person in after.items() if key not in before),
        changed=_changes(pairs),
        removed=tuple(removed),
        unchanged=sum(old == new and old.is_active for old, new in pairs),
        current=sum(person.is_active for person in before.values()),
    )


def _without(person: Person, barred: frozenset[int]) -> Person:
    return replace(person, telegram_id=None) if person.telegram_id in barred else person


def _diff_equipment(current: Roster, incoming: Roster) -> NounDiff[Equipment] | None:
    """A file that names no day for an inspection leaves the day that the last inspection set."""
    before = current.equipment or {}
    told = dict(incoming.equipment or {})
    for number in told.keys() & before.keys():
        kept = EQUIPMENT_NOT_IN_FILES | ({"due_on"} if told[number].due_on is None else frozenset())
        told[number] = _keep(before[number], told[number], kept)
    return _diff_plain(Noun.EQUIPMENT, before, incoming.equipment and told, incoming)


def _keep_person(before: Person, after: Person, absent: frozenset[str]) -> Person:
    kept = absent | NOT_IN_FILES
    if after.telegram_id is None:
        kept |= {"telegram_id"}
    if "name_en" in kept:
        after = replace(after, name=Name(after.name.zh, before.name.en))
    return _keep(before, after, kept - {"name_en"})


def _keep(before: Item, after: Item, names: frozenset[str]) -> Item:
    return replace(after, **{name: getattr(before, name) for name in names})


def _changes(pairs: list[tuple[Item, Item]]) -> tuple[Change[Item], ...]:
    return tuple(Change(old, new, _changed_fields(old, new)) for old, new in pairs if old != new)


def _changed_fields(old: Item, new: Item) -> tuple[str, ...]:
    return tuple(each.name for each in fields(old) if getattr(old, each.name) != getattr(new, each.name))


def _diff_absences(
    before: tuple[Absence, ...], after: tuple[Absence, ...] | None
) -> EntriesDiff[Absence] | None:
    """Only the days that the file names are compared; the others stay as they are."""
    days = {absence.day for absence in after or ()}
    return _diff_entries(tuple(absence for absence in before if absence.day in days), after)


def _diff_entries(before: tuple[Entry, ...], after: tuple[Entry, ...] | None) -> EntriesDiff[Entry] | None:
    if after is None:
        return None
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    return EntriesDiff(
        added=tuple(entry for entry in new if entry not in old),
        removed=tuple(entry for entry in old if entry not in new),
        unchanged=len(old.keys() & new.keys()),
    )
