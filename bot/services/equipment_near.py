"""What an incident's plan needs, and the nearest of it: for the card."""

from __future__ import annotations

from typing import Any

from bot.domain.equipment import EquipmentKind, nearest
from bot.domain.incident import Incident, Kind
from bot.services.school import School
from bot.storage.transaction import Transaction


def needed(school: School, incident: Incident) -> tuple[EquipmentKind, ...]:
    """The kinds that those who go there will look for."""
    plan = school.plans.get(incident.kind or Kind.OTHER)
    return plan.equipment if plan else ()


def offer(tx: Transaction, school: School, incident: Incident) -> dict[str, Any] | None:
    """Of each kind the nearest in the place's own building; None when the school has nothing that is needed."""
    kinds = needed(school, incident)
    if not kinds or not tx.equipment.has_any(kinds):
        return None
    if incident.zone is None:
        return {"near": []}
    around = {zone for zone in school.campus.zones if school.campus.distance(incident.zone, zone) < (2, 0)}
    found = nearest(tx.equipment.near(kinds, around | {incident.zone}), school.campus, incident.zone)
    first = {item.kind: item for item in reversed(found)}
    return {
        "near": [
            {
                "kind": kind.value,
                "zone": _name(school, first[kind].zone),
                "place": first[kind].place,
                "is_here": first[kind].zone == incident.zone,
            }
            for kind in kinds
            if kind in first
        ]
    }


def _name(school: School, zone: str) -> dict[str, str]:
    name = school.campus.name_of(zone)
    return name.to_params() if name else {}
