"""The school's own page of cameras: which there are for its reader, and one look at a time."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.camera import Camera
from bot.domain.clearance import Barrier
from bot.domain.look import IN_CHAT_FOR, Look
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.text import clean_line, shorten
from bot.errors import Reason, RefusedError
from bot.services.showing import begin_look
from bot.services.sighting import cause_of, causes, incident_params, look_again, may_look
from bot.services.turn import Turn, Turns
from bot.services.viewing import LONGEST_REASON, refuse

MOST_RECORDED: Final = 10


class ViewingPageService:
    """The same rules and the same register as in the chat."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def read(self, staff_id: str) -> Outcome:
        """`params["page"]`: see `page_data`."""
        return await self._turns.look(staff_id, read_page)

    async def begin_recorded(self, staff_id: str, look_id: int) -> Outcome:
        """`params["look"]`, for a picture of a recording that the page named."""
        return await self._turns.look(staff_id, begin_recorded, look_id)

    async def begin(self, staff_id: str, camera_id: str, reason: str) -> Outcome:
        """`params["look"]`: the id to take a picture for; or the refusal, noted."""
        return await self._turns.visit(staff_id, begin, camera_id, reason)


def begin_recorded(turn: Turn, look_id: int) -> Outcome:
    """One of their own looks at a recording; the rules are asked again with the picture."""
    turn.demand(Right.SEE_CAMERAS)
    look = turn.tx.looks.get(look_id)
    if look is None or look.staff_id != turn.person.staff_id or look.snapshot_id is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return Outcome(Done.NOTHING, {"look": look.id})


def read_page(turn: Turn) -> Outcome:
    """For who holds the right; everything else is asked with each picture."""
    turn.demand(Right.SEE_CAMERAS)
    return Outcome(Done.NOTHING, {"page": page_data(turn)})


def page_data(turn: Turn) -> dict[str, Any]:
    """`{incidents, cameras: [{id, name, zone, is_here}], recorded, needs_reason}`; what goes on stands first."""
    under_way = causes(turn)
    here = {incident.zone for incident in under_way}
    cameras = sorted(turn.school.cameras.values(), key=lambda camera: camera.zone not in here)
    return {
        "incidents": [incident_params(incident, turn.school) for incident in under_way],
        "cameras": [_camera(turn, camera, is_here=camera.zone in here) for camera in cameras],
        "recorded": _recorded(turn),
        "needs_reason": not under_way,
    }


def _recorded(turn: Turn) -> list[dict[str, Any]]:
    """The key frames of recordings that this person asked for and may still see, in their order."""
    since = turn.now - IN_CHAT_FOR
    looks = [one for one in turn.tx.looks.of_person(turn.person.staff_id, since) if one.snapshot_id]
    found = []
    for look in looks[:MOST_RECORDED]:
        sight = look_again(turn.tx, turn.school, look.id, turn.now)
        kept = turn.tx.snapshots.get(look.snapshot_id or 0)
        if isinstance(sight, Barrier) or kept is None or kept.erased_at is not None:
            continue
        at = kept.captured_at.isoformat()
        found.append({"look": look.id, "name": sight.camera.name.to_params(), "at": at})
    return sorted(found, key=lambda one: str(one["at"]))


def begin(turn: Turn, camera_id: str, reason: str) -> Outcome:
    """A look of theirs that still holds goes on; else a new one begins, if the rules allow it."""
    camera = turn.school.cameras.get(camera_id)
    if camera is None:
        raise RefusedError(Reason.UNKNOWN_CAMERA, word=camera_id)
    incident = cause_of(turn, camera)
    reason = shorten(clean_line(reason), LONGEST_REASON)
    cleared = may_look(turn.school, turn.person, camera, incident=incident, reason=reason, now=turn.now)
    if isinstance(cleared, Barrier):
        return refuse(turn, camera.id, cleared, incident, reason)
    look = _of_now(turn, camera, incident.id if incident else None, cleared.reason)
    if look is None:
        turn.audit(Right.SEE_CAMERAS.value, subject=camera.id)
        look = begin_look(turn, turn.person, camera, incident, cleared.reason)
    return Outcome(Done.NOTHING, {"look": look.id})


def _of_now(turn: Turn, camera: Camera, incident_id: int | None, reason: str) -> Look | None:
    for look in turn.tx.looks.of_person(turn.person.staff_id, turn.now - IN_CHAT_FOR):
        if look.snapshot_id is not None:
            continue  # what was recorded must never pass for the present
        is_same = (look.camera_id, look.incident_id, look.reason) == (camera.id, incident_id, reason)
        if is_same and (incident_id is not None or look.is_fresh(turn.now)):
            return look
    return None


def _camera(turn: Turn, camera: Camera, *, is_here: bool) -> dict[str, Any]:
    zone = turn.school.campus.name_of(camera.zone)
    return {
        "id": camera.id,
        "name": camera.name.to_params(),
        "zone": zone and zone.to_params(),
        "is_here": is_here,
    }
