"""For whom an announcement is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from bot.domain.headcount_rights import classes_of
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role, SchoolClass


class Group(StrEnum):
    """How the audience is chosen. PUBLIC includes all staff: they must not hear it later than parents do."""

    PUBLIC = "public"
    STAFF = "staff"
    ON_SITE = "on_site"
    ROLES = "roles"
    GRADES = "grades"
    CLASSES = "classes"


@dataclass(frozen=True, slots=True)
class Audience:
    """`names`: the roles, grades or classes; empty for the other groups."""

    group: Group = Group.PUBLIC
    names: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it."""
        return self.group is Group.PUBLIC

    @property
    def is_for_all_staff(self) -> bool:
        """Whether every member of staff gets it, so that the staff's group channels do as well."""
        return self.group in (Group.PUBLIC, Group.STAFF)

    def covers(self, other: Audience) -> bool:
        """Whether all whom `other` is for are surely among those whom this is for."""
        if self.is_public or self == other:
            return True
        if self.group is Group.STAFF:
            return not other.is_public
        return self.group is other.group and set(self.names) >= set(other.names)

    def includes(self, person: Person, classes: Mapping[str, SchoolClass], away: Collection[str]) -> bool:
        """Whether it is for `person`; `away`: the staff_ids of those known not to be on site."""
        if self.is_for_all_staff:
            return person.is_active
        if self.group is Group.ON_SITE:
            return person.is_active and person.staff_id not in away
        if self.group is Group.ROLES:
            return person.is_active and bool({Role(name) for name in self.names} & person.roles)
        return person.is_active and not self._classes(classes).isdisjoint(_own_classes(person, classes))

    def _classes(self, classes: Mapping[str, SchoolClass]) -> frozenset[str]:
        if self.group is Group.CLASSES:
            return frozenset(self.names)
        return frozenset(name for name, one in classes.items() if one.grade in self.names)

    def to_params(self) -> dict[str, Any]:
        """As JSON."""
        return {"group": self.group.value, "names": list(self.names)}

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """What `to_params` gave."""
        return cls(Group(params["group"]), tuple(params["names"]))


def _own_classes(person: Person, classes: Mapping[str, SchoolClass]) -> frozenset[str]:
    """The classes that somebody leads, alone or as head of grade; not all of them because they may count all."""
    if has_right(person, Right.COUNT_ALL):
        return frozenset(person.classes)
    return classes_of(person, classes)
