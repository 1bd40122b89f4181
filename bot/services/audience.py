"""Whom a message is for."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.services.discretion import sealed
from bot.services.turn import Turn


def staff_leaders_first(turn: Turn) -> list[Person]:
    """All staff that can be reached by chat; those who command first, as they must know before they are asked."""
    reachable = [person for person in turn.tx.people.list_active() if person.telegram_id is not None]
    return sorted(reachable, key=lambda person: not has_right(person, Right.ORDER_ACTION))


def unconnected(turn: Turn) -> list[Person]:
    """Whom on the roster no message can reach: they must be told by voice."""
    return [p for p in turn.tx.people.list_active() if p.telegram_id is None or p.is_unreachable]


def reached(turn: Turn, incident: Incident) -> list[Person]:
    """Who was told anything: all staff once an action was ordered, else who was rung or asked, reports or leads."""
    staff = staff_leaders_first(turn)
    if incident.action is not None:
        return staff
    told = turn.tx.deadlines.rung(incident.id)
    told |= turn.tx.tasks.asked(incident.id)
    told |= {one.staff_id for one in turn.tx.on_scene.of_incident(incident.id)}
    told |= {report.reporter_id for report in turn.tx.reports.of_incident(incident.id)}
    told |= {staff_id for staff_id in (incident.commander_id, incident.acknowledged_by) if staff_id}
    return [person for person in staff if person.staff_id in told]


def tell_reached(turn: Turn, incident: Incident, kind: MessageKind, more: dict[str, Any]) -> int:
    """Tell them that it is over; how many they are. What still waits to be obeyed is taken back."""
    turn.tx.outbox.supersede(incident.id, [MessageKind.DIRECTIVE, MessageKind.CONFIRM], turn.now)
    turn.tx.readers.take_back_orders(incident.id, turn.now)
    people = reached(turn, incident)
    brief = turn.brief(incident)
    for person in people:
        told = {**as_known_to(turn, incident, person, {**brief, **more}), "who": turn.person.name.to_params()}
        turn.tell(Address.person(person.staff_id), kind, told, incident, lane=Lane.COMMAND)
    return len(people)


def as_known_to(turn: Turn, incident: Incident, person: Person, brief: dict[str, Any]) -> dict[str, Any]:
    """Of a restricted incident most people know only the action that was ordered before it was so."""
    if turn.may_know(incident, person):
        return brief
    reporters = {report.reporter_id for report in turn.tx.reports.of_incident(incident.id)}
    return brief if person.staff_id in reporters else sealed(brief)
