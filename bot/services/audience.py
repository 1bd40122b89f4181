"""Whom a message is for."""

from __future__ import annotations

from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.services.turn import Turn


def staff_leaders_first(turn: Turn) -> list[Person]:
    """All staff that can be reached by chat; those who command first, as they must know before they are asked."""
    reachable = [person for person in turn.tx.people.list_active() if person.telegram_id is not None]
    return sorted(reachable, key=lambda person: not has_right(person, Right.ORDER_ACTION))


def count_unconnected(turn: Turn) -> int:
    """How many on the roster no message can reach: they must be told by voice."""
    return sum(1 for p in turn.tx.people.list_active() if p.telegram_id is None or p.is_unreachable)
