"""What a reporter reads while running: that it arrived, and what is asked next."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident, Report
from bot.domain.message import Lane, MessageKind
from bot.domain.place import Zone
from bot.services.discretion import is_told_to_all
from bot.services.turn import Turn

ZONES_PER_PAGE = 20


def send_receipt(
    turn: Turn, incident: Incident, report: Report, *, stage: str, is_edit: bool = False, page: int = 0
) -> None:
    """That it arrived, and what to ask. `stage`: kind, zone or words. `is_edit`: in place of what was pressed."""
    params = {
        **turn.brief(incident),
        "report": report.id,
        "n": report.number,
        "stage": stage,
        "is_named": report.number > 1 and is_told_to_all(incident),
        "presses": report.presses,
        "own_kind": report.kind and report.kind.value,
        "own_zone": zone_params(turn, report.zone),
        "phone": turn.school.alarm_phone,
        **(zone_page(turn, page) if stage == "zone" else {}),
    }
    edited = turn.sender.message_id if is_edit and turn.sender and turn.sender.is_press else None
    turn.reply(
        MessageKind.RECEIPT,
        params,
        incident,
        lane=Lane.ALARM,
        edit_of=edited,
        coalesce=f"receipt:{report.id}:{edited or ''}",
    )


def zone_page(turn: Turn, page: int) -> dict[str, Any]:
    """One page of the school's places, for buttons."""
    zones = list(turn.school.campus.zones.values())
    page = max(0, min(page, (len(zones) - 1) // ZONES_PER_PAGE))
    shown = zones[page * ZONES_PER_PAGE : (page + 1) * ZONES_PER_PAGE]
    return {
        "zones": [_zone_button(zone) for zone in shown],
        "page": page,
        "has_more": (page + 1) * ZONES_PER_PAGE < len(zones),
    }


def _zone_button(zone: Zone) -> dict[str, Any]:
    return {"id": zone.id, "name": zone.name.to_params()}


def zone_params(turn: Turn, zone: str | None) -> dict[str, str] | None:
    """A place's name for params."""
    name = turn.school.campus.name_of(zone)
    return name.to_params() if name else None
