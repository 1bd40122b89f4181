"""How many are injured in an incident, and in what state: what is said in numbers, and those who are known by name.

Known are pupils by the headcount, and staff whom somebody named.

Nobody is counted twice. A number always says how many there are in all, those who are known by name included; so the
total is the greater of "said in all" and "known by name", never their sum. Within the total, whoever is known by name
stands in the state said of them; that place is taken from the numbers, their own state first, then the lightest
(people mostly turn out to be worse than they looked).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST = 9999


class Injury(StrEnum):
    """A state, the lightest first. UNKNOWN: nobody has said; as a number it is "so many in all"."""

    LIGHT = "light"
    SERIOUS = "serious"
    CRITICAL = "critical"
    DEAD = "dead"
    UNKNOWN = "unknown"


KNOWN = (Injury.LIGHT, Injury.SERIOUS, Injury.CRITICAL, Injury.DEAD)


@dataclass(frozen=True, slots=True)
class InjuredStaff:
    """A member of staff who is hurt."""

    id: int
    incident_id: int
    staff_id: str
    state: Injury


@dataclass(frozen=True, slots=True)
class Injured:
    """The figures of one incident. `by_state` adds up to `total`; `named` of these are known."""

    by_state: Mapping[Injury, int]
    named: int = 0

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.by_state.values())

    @property
    def unnamed(self) -> int:
        """Of how many nobody has said who they are."""
        return self.total - self.named

    def to_params(self) -> dict[str, int]:
        """For messages."""
        return {**{one.value: self.by_state[one] for one in Injury}, "total": self.total, "named": self.named}


def add_up(said: Mapping[Injury, int], named: Mapping[Injury, int]) -> Injured:
    """The figures from the numbers `said` and the people `named`, both by state."""
    known = {one: named.get(one, 0) for one in KNOWN}
    free = {one: max(0, said.get(one, 0) - known[one]) for one in KNOWN}
    elsewhere = sum(max(0, known[one] - said.get(one, 0)) for one in KNOWN)
    for one in KNOWN:
        taken = min(free[one], elsewhere)
        free[one] -= taken
        elsewhere -= taken
    by_state = {one: known[one] + free[one] for one in KNOWN}
    people = sum(named.values())
    total = max(people, sum(said.get(one, 0) for one in KNOWN), said.get(Injury.UNKNOWN, 0))
    return Injured({**by_state, Injury.UNKNOWN: total - sum(by_state.values())}, people)


def after_saying(said: Mapping[Injury, int], state: Injury, number: int) -> dict[Injury, int]:
    """The numbers once somebody says `number` in `state`; fewer in all than the states add up to withdraws these."""
    if state is not Injury.UNKNOWN:
        return {**said, state: number}
    if number < sum(said.get(one, 0) for one in KNOWN):
        return {**dict.fromkeys(KNOWN, 0), Injury.UNKNOWN: number}
    return {**said, Injury.UNKNOWN: number}
