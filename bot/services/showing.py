"""Bringing a look to its person: the picture into the private chat, or a one-time link to the school's own page.

Never anywhere else: a camera's picture has no address but a member of staff's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.camera import Camera
from bot.domain.incident import Incident
from bot.domain.look import Look
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.page import Page
from bot.domain.roster import Person
from bot.services.entering import make_link
from bot.services.sighting import incident_params
from bot.services.turn import Turn


def begin_look(
    turn: Turn,
    person: Person,
    camera: Camera,
    incident: Incident | None,
    reason: str = "",
    *,
    snapshot_id: int | None = None,
) -> Look:
    """Keep who looks and why. The caller has asked the rules."""
    incident_id = incident.id if incident else None
    look = Look(0, person.staff_id, camera.id, turn.now, incident_id, reason, snapshot_id=snapshot_id)
    return turn.tx.looks.add(look)


def show(turn: Turn, person: Person, looks: Sequence[Look], incident: Incident | None) -> None:
    """A person's first pictures, or their link."""
    if turn.school.viewing.is_in_chat:
        for look in looks:
            send_picture(turn, look)
    else:
        send_link(turn, person, [turn.school.cameras[look.camera_id] for look in looks], incident)


def send_picture(turn: Turn, look: Look) -> None:
    """One more picture for the look's one message; what it will show is taken when it goes out."""
    rules, camera = turn.school.viewing, turn.school.cameras.get(look.camera_id)
    incident = turn.tx.incidents.get(look.incident_id) if look.incident_id is not None else None
    params: dict[str, Any] = {
        **incident_params(incident, turn.school),
        "look": look.id,
        "is_recorded": look.snapshot_id is not None,
        "incident": look.incident_id,
        "camera": camera.name.to_params() if camera else {"zh": look.camera_id, "en": ""},
        "asked_at": turn.now.isoformat(),
        "watch_until": look.watch_until and look.watch_until.isoformat(),
        "every_s": int(rules.watch_every.total_seconds()),
        "for_s": int(rules.watch_for.total_seconds()),
        "is_protected": rules.is_protected,
        "deleted_after_s": rules.deleted_after.total_seconds(),
    }
    turn.tell(
        Address.person(look.staff_id),
        MessageKind.CAMERA_PICTURE,
        params,
        incident,
        lane=Lane.COMMAND,
        is_silent=True,
        coalesce=look.picture_key,
        is_standing=True,
    )


def send_link(turn: Turn, person: Person, cameras: Sequence[Camera], incident: Incident | None) -> None:
    """A fresh one-time link to the page with their pictures."""
    code = make_link(turn, person.staff_id, Page.CAMERAS)
    params = {
        **incident_params(incident, turn.school),
        "cameras": [camera.name.to_params() for camera in cameras],
        "url": f"{turn.school.base_url}/enter/{code}",
    }
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.CAMERA_LINK,
        params,
        incident,
        lane=Lane.COMMAND,
        is_silent=True,
    )
