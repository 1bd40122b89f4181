"""Where emergency equipment is: the nearest first, for whoever asks, and what an incident's plan needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.domain.equipment import Equipment, EquipmentKind, nearest
from bot.domain.incident import Incident
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.services.equipment_near import needed
from bot.services.turn import Turn, Turns

# What can be read on a phone while running.
MOST_SHOWN = 8


class EquipmentService:
    """`/equipment` and its buttons."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(
        self, sender: Sender, kinds: tuple[EquipmentKind, ...], zone: str | None, unknown: str
    ) -> Outcome:
        """`/equipment [kinds] [place]`; `unknown`: words that are neither."""
        return await self._turns.run(sender, show, kinds, zone, unknown)

    async def near(self, sender: Sender, incident_id: int) -> Outcome:
        """The card's button: what the incident's plan needs, near its place."""
        return await self._turns.run(sender, near, incident_id)

    async def explain(self, sender: Sender, kind: EquipmentKind) -> Outcome:
        """The press on "How to use"."""
        return await self._turns.run(sender, explain, kind)


def show(turn: Turn, kinds: tuple[EquipmentKind, ...], zone: str | None, unknown: str) -> Outcome:
    """The nearest; in an incident's topic those near its place; alone, how many there are of each kind."""
    turn.require(Right.REPORT)
    if unknown:
        raise RefusedError(Reason.UNKNOWN_EQUIPMENT, word=unknown)
    about = turn.spoken_in() or _at_work_in(turn)
    about = about if about is not None and turn.may_know(about) else None
    if about is not None and not kinds and zone is None:
        return _tell_near(turn, about)
    zone = zone or (about.zone if about else None)
    if not kinds and zone is None:
        counts = turn.tx.equipment.counts()
        params = [{"kind": kind.value, "places": n, "amount": all_of} for kind, (n, all_of) in counts.items()]
        turn.reply(MessageKind.EQUIPMENT_COUNTS, {"counts": params})
    else:
        turn.reply(MessageKind.EQUIPMENT, listing(turn, kinds, zone, about), about)
    return Outcome(Done.NOTHING)


def _at_work_in(turn: Turn) -> Incident | None:
    """The incident in which who asks has something to do: in a hurry nobody types a place."""
    for task in reversed(turn.tx.tasks.open_of(turn.person.staff_id)):
        incident = turn.tx.incidents.get(task.incident_id)
        if incident is not None and incident.is_in_force:
            return incident
    return None


def near(turn: Turn, incident_id: int) -> Outcome:
    """From the card, so for those who read it."""
    turn.require(Right.RUN_DESK, "equipment")
    return _tell_near(turn, turn.incident(IncidentRef(incident_id)))


def _tell_near(turn: Turn, incident: Incident) -> Outcome:
    params = listing(turn, needed(turn.school, incident), incident.zone, incident)
    turn.reply(MessageKind.EQUIPMENT, params, incident)
    return Outcome(Done.NOTHING)


def listing(
    turn: Turn, kinds: Collection[EquipmentKind], zone: str | None, about: Incident | None
) -> dict[str, Any]:
    """The nearest few, each with its custodian; the phone for who may see it."""
    found = nearest(turn.tx.equipment.of_kinds(kinds), turn.school.campus, zone)
    place = turn.school.campus.name_of(zone)
    return {
        "mode": about.mode.value if about else "REAL",
        "zone": place and place.to_params(),
        "kinds": [kind.value for kind in kinds],
        "items": [_described(turn, item, zone) for item in _varied(found)],
        "more": max(0, len(found) - MOST_SHOWN),
    }


def _varied(found: list[Equipment]) -> list[Equipment]:
    """The nearest of every kind stand there, then the nearest of all: ten extinguishers hide no AED."""
    first = {item.kind: item for item in reversed(found)}
    chosen = {item.number for item in list(first.values())[-MOST_SHOWN:]}
    for item in found:
        if len(chosen) >= MOST_SHOWN:
            break
        chosen.add(item.number)
    return [item for item in found if item.number in chosen]


def _described(turn: Turn, item: Equipment, zone: str | None) -> dict[str, Any]:
    place = turn.school.campus.name_of(item.zone)
    custodian = turn.tx.people.get(item.custodian_id) if item.custodian_id else None
    may_see = has_right(turn.person, Right.SEE_PHONES)
    return {
        "number": item.number,
        "kind": item.kind.value,
        "zone": place and place.to_params(),
        "place": item.place,
        "amount": item.amount,
        "note": item.note,
        "is_here": item.zone == zone,
        "is_overdue": item.is_overdue(turn.school.day(turn.now)),
        "custodian": custodian and custodian.name.to_params(),
        "phone": custodian.phone if custodian and may_see else "",
    }


def explain(turn: Turn, kind: EquipmentKind) -> Outcome:
    """How it is used, step by step."""
    turn.require(Right.REPORT)
    about = turn.spoken_in()
    params = {"kind": kind.value, "mode": about.mode.value if about else "REAL"}
    turn.reply(MessageKind.EQUIPMENT_USE, params, about)
    return Outcome(Done.NOTHING)
