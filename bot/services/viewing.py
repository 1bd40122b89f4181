"""Looking through cameras: `/snapshot`, its buttons, short watches, and what an incident's commanders are shown.

A refusal is no error here: it is kept in the register, so the unit must not be rolled back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.camera import Camera
from bot.domain.clearance import Barrier, barrier_of
from bot.domain.incident import Incident
from bot.domain.look import Look
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.place import Zone
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import clean_line, shorten
from bot.errors import Reason, Refusal, RefusedError
from bot.services.showing import begin_look, send_link, send_picture, show
from bot.services.sighting import (
    NO_CAMERA,
    cause_of,
    causes,
    end_look,
    incident_params,
    is_under_way,
    look_again,
    may_look,
    note_refusal,
    reason_of,
)
from bot.services.turn import Turn, Turns

LONGEST_REASON = 200


class ViewingService:
    """Everything that people do with the cameras' pictures in the chat."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def ask(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/snapshot [camera or place] [reason]`; alone it shows which there are."""
        return await self._turns.run(sender, ask, ref, words)

    async def choose(self, sender: Sender, incident_id: int, camera_id: str) -> Outcome:
        """One of the cameras shown; or, without one, which there are."""
        return await self._turns.run(sender, choose, incident_id, camera_id)

    async def refresh(self, sender: Sender, look_id: int) -> Outcome:
        """Another picture in the same message."""
        return await self._turns.run(sender, refresh, look_id)

    async def watch(self, sender: Sender, look_id: int) -> Outcome:
        """A new picture every few seconds, for a short while."""
        return await self._turns.run(sender, watch, look_id)

    async def stop(self, sender: Sender, look_id: int) -> Outcome:
        """No longer."""
        return await self._turns.run(sender, stop, look_id)


def ask(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """Read which camera and why, and show it or say why not."""
    incident = incident_meant(turn, ref)
    if barrier := barrier_of(turn.person, turn.school.day(turn.now)):
        return refuse(turn, NO_CAMERA, barrier, incident, clean_line(words))
    if not words:
        return _show_choice(turn, incident)
    cameras, place, reason = _meant(turn, words)
    reason = shorten(clean_line(reason), LONGEST_REASON)
    if place is not None and place.is_private:
        return refuse(turn, place.id, Barrier.PRIVATE_PLACE, incident, reason)
    if place is not None and not cameras:
        raise RefusedError(Reason.NO_CAMERA_THERE, zone=place.name.to_params())
    return _look(turn, cameras, incident, reason)


def choose(turn: Turn, incident_id: int, camera_id: str) -> Outcome:
    """A button names both; it gives no right. Without a camera, the cameras are shown."""
    incident = turn.tx.incidents.get(incident_id)
    if incident is not None and not turn.may_know(incident):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = incident
    if not camera_id:
        if barrier := barrier_of(turn.person, turn.school.day(turn.now)):
            return refuse(turn, NO_CAMERA, barrier, incident, "")
        return _show_choice(turn, incident)
    camera = turn.school.cameras.get(camera_id)
    if camera is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return _look(turn, (camera,), incident, "")


def refresh(turn: Turn, look_id: int) -> Outcome:
    """The message's picture is replaced; presses in between make one picture."""
    return _again(turn, look_id)


def watch(turn: Turn, look_id: int) -> Outcome:
    """From now on until its time is over; pressed again, from now on anew."""
    rules = turn.school.viewing
    until, next_at = turn.now + rules.watch_for, turn.now + rules.watch_every
    return _again(turn, look_id, watch_until=until, next_at=next_at)


def stop(turn: Turn, look_id: int) -> Outcome:
    """One last picture, and the buttons for the next."""
    return _again(turn, look_id, watch_until=None, next_at=None)


def _again(turn: Turn, look_id: int, **changes: Any) -> Outcome:
    look = turn.tx.looks.get(look_id)
    if look is None or look.staff_id != turn.person.staff_id:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = turn.tx.incidents.get(look.incident_id) if look.incident_id is not None else None
    sight = look_again(turn.tx, turn.school, look_id, turn.now)
    if isinstance(sight, Barrier):
        end_look(turn.tx, look, turn.now)
        return refuse(turn, look.camera_id, sight, turn.about, look.reason)
    look = replace(look, **changes)
    turn.tx.looks.save(look)
    send_picture(turn, look)
    return _coming(turn)


def incident_meant(turn: Turn, ref: IncidentRef) -> Incident | None:
    """The incident that is the reason to look; without one a reason has to be said."""
    if ref.number is not None:
        return turn.incident(ref)
    spoken_in = turn.spoken_in()
    if spoken_in is not None and turn.may_know(spoken_in):
        turn.about = spoken_in
        return spoken_in
    turn.about = next(iter(causes(turn)), None)
    return turn.about


def _meant(turn: Turn, words: str) -> tuple[tuple[Camera, ...], Zone | None, str]:
    """A camera by its name, or a place and all its cameras; and what follows: the reason."""
    camera, reason = turn.school.cameras.read(words)
    if camera is not None:
        return (camera,), None, reason
    place, reason = turn.school.campus.read(words)
    if place is None:
        raise RefusedError(Reason.UNKNOWN_CAMERA, word=words.split(maxsplit=1)[0])
    return turn.school.cameras.of_zone(place.id), place, reason


def _look(turn: Turn, cameras: tuple[Camera, ...], incident: Incident | None, reason: str) -> Outcome:
    begun: list[Look] = []
    barred: Outcome | None = None
    for camera in cameras:
        cause = cause_there(turn, camera, incident)
        cleared = may_look(turn.school, turn.person, camera, incident=cause, reason=reason, now=turn.now)
        if isinstance(cleared, Barrier):
            barred = refuse(turn, camera.id, cleared, incident, reason)
        else:
            begun.append(begin_look(turn, turn.person, camera, cause, cleared.reason))
    if begun:
        turn.audit(Right.SEE_CAMERAS.value, subject=", ".join(look.camera_id for look in begun))
        show(turn, turn.person, begun, cause_there(turn, cameras[0], incident))
        return _coming(turn)
    return barred or _coming(turn)


def cause_there(turn: Turn, camera: Camera, incident: Incident | None) -> Incident | None:
    """The incident meant; where none was named, one at the camera's place comes before the newest."""
    if turn.spoken_in() is None and incident is not None and incident.zone != camera.zone:
        incident = cause_of(turn, camera) or incident
    return incident if is_under_way(incident) else None


def _coming(turn: Turn) -> Outcome:
    """In a group the answer is only that there is one; in private the picture is the answer."""
    if turn.sender is not None and turn.sender.is_press:
        return Outcome(Done.CAMERA_ASKED, is_told=True)
    is_private = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.PICTURE_COMING, is_told=is_private)


def refuse(turn: Turn, camera_id: str, barrier: Barrier, incident: Incident | None, reason: str) -> Outcome:
    """Noted, and told in private: a group need not know whose certificate is over. A press or page shows it."""
    person = turn.person
    camera = turn.school.cameras.get(camera_id)
    note_refusal(
        turn.tx,
        person,
        camera_id,
        barrier,
        at=turn.now,
        reason=reason_of(incident, reason),
        content=camera.name.zh if camera else "",
        incident_id=incident.id if incident else None,
    )
    until = person.camera_training_until
    params = {
        **incident_params(None if barrier is Barrier.LOOK_OVER else incident, turn.school),
        "barrier": barrier.value,
        "camera": camera.name.to_params() if camera else None,
        "until": until.isoformat() if until else None,
    }
    refusal = Refusal(Reason.CAMERA_REFUSED, params)
    if turn.sender is None or turn.sender.is_press:
        return Outcome(refusal=refusal, is_told=True)
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.REFUSED,
        {"reason": refusal.reason.value, **params},
        lane=Lane.COMMAND,
        coalesce=f"refused:{person.staff_id}:{camera_id}:{barrier.value}",
    )
    return _coming(turn)


def _show_choice(turn: Turn, incident: Incident | None) -> Outcome:
    """The cameras by place, the incident's own first; on the page they are shown there."""
    is_cause = is_under_way(incident)
    if not turn.school.cameras:
        raise RefusedError(Reason.NO_CAMERAS)
    if not turn.school.viewing.is_in_chat:
        cameras = turn.school.cameras.of_zone(incident.zone) if incident and is_cause else ()
        send_link(turn, turn.person, cameras, incident if is_cause else None)
        return _coming(turn)
    here = incident.zone if incident and is_cause else None
    cameras = tuple(sorted(turn.school.cameras.values(), key=lambda camera: camera.zone != here))
    params = {
        **incident_params(incident if is_cause else None, turn.school),
        "incident": incident.id if incident and is_cause else 0,
        "cameras": [
            {
                "id": camera.id,
                "name": camera.name.to_params(),
                "zone": _zone_name(turn, camera),
                "is_here": camera.zone == here,
            }
            for camera in cameras
        ],
    }
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.CAMERA_CHOICE, params, lane=Lane.COMMAND)
    is_press = turn.sender is not None and turn.sender.is_press
    return Outcome(Done.NOTHING, is_told=True) if is_press else _coming(turn)


def _zone_name(turn: Turn, camera: Camera) -> dict[str, str]:
    name = turn.school.campus.name_of(camera.zone)
    return name.to_params() if name else {"zh": camera.zone, "en": camera.zone}
