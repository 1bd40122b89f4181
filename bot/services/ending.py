"""How an incident ends, by the all-clear or as a false alarm: whom that would leave behind, and who hears it."""

from __future__ import annotations

from typing import Any

from bot.domain.headcount import CountedClass
from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.domain.response import Order
from bot.services.audience import reached, tell_reached, unconnected
from bot.services.broadcasting import broadcast
from bot.services.calling_roll import calling_at_end, missing_at_end
from bot.services.tallying import call_params
from bot.services.turn import Turn


def end_params(turn: Turn, incident: Incident) -> dict[str, Any]:
    """What a confirmation of the end has to name."""
    return {
        "people": sum(1 for person in reached(turn, incident) if not person.is_unreachable),
        "unconnected": len(unconnected(turn)),
        "still": _still_in_force(turn, incident),
        "incomplete": [_open_class(one) for one in missing_at_end(turn, incident)],
        "calls": call_params(calling_at_end(turn, incident)),
    }


def tell_end(turn: Turn, incident: Incident, kind: MessageKind, **more: Any) -> int:
    """To everyone whom it reached, and to the channels if it ordered anything; how many people it goes to."""
    more["still"] = _still_in_force(turn, incident)
    count = tell_reached(turn, incident, kind, more)
    broadcast(turn, incident, kind, {**turn.brief(incident), **more})
    return count


def needs_reason(turn: Turn, incident: Incident, order: Order, reason: str) -> bool:
    """A reason was given for those who were listed then; who was lost or called for help since was not among them."""
    left, calls = missing_at_end(turn, incident), calling_at_end(turn, incident)
    worse = [one.last_at for one in left if one.count.tally.missing or one.count.needs_help]
    since = [at for at in (*worse, *(one.at for _, one in calls)) if at is not None and at > order.asked_at]
    return bool((left or calls) and not reason) or bool(since)


def _open_class(one: CountedClass) -> dict[str, Any]:
    return {
        "class": one.name,
        "state": one.count.state.value,
        "missing": one.count.tally.missing,
        "needs_help": one.count.needs_help,
    }


def _still_in_force(turn: Turn, incident: Incident) -> list[dict[str, Any]]:
    """What other incidents have ordered: the end of this one must not sound like the end of those."""
    in_force = turn.tx.incidents.list_in_force(incident.mode)
    others = [one for one in in_force if one.id != incident.id and one.suspended_at is None]
    return [{"number": other.number, "action": other.action.value} for other in others if other.action]
