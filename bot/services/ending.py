"""How an incident ends, by the all-clear or as a false alarm: whom that would leave behind, and who hears it."""

from __future__ import annotations

from typing import Any

from bot.domain.headcount import CountedClass
from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.services.audience import reached, tell_reached, unconnected
from bot.services.broadcasting import broadcast
from bot.services.calling_roll import missing_at_end
from bot.services.turn import Turn


def end_params(turn: Turn, incident: Incident) -> dict[str, Any]:
    """What a confirmation of the end has to name."""
    return {
        "people": sum(1 for person in reached(turn, incident) if not person.is_unreachable),
        "unconnected": len(unconnected(turn)),
        "still": _still_in_force(turn, incident),
        "incomplete": [_open_class(one) for one in missing_at_end(turn, incident)],
    }


def tell_end(turn: Turn, incident: Incident, kind: MessageKind, **more: Any) -> int:
    """To everyone whom it reached, and to the channels if it ordered anything; how many people it goes to."""
    more["still"] = _still_in_force(turn, incident)
    count = tell_reached(turn, incident, kind, more)
    broadcast(turn, incident, kind, {**turn.brief(incident), **more})
    return count


def _open_class(one: CountedClass) -> dict[str, Any]:
    return {"class": one.name, "state": one.count.state.value, "missing": one.count.tally.missing}


def _still_in_force(turn: Turn, incident: Incident) -> list[dict[str, Any]]:
    """What other incidents have ordered: the end of this one must not sound like the end of those."""
    in_force = turn.tx.incidents.list_in_force(incident.mode)
    others = [one for one in in_force if one.id != incident.id and one.suspended_at is None]
    return [{"number": other.number, "action": other.action.value} for other in others if other.action]
