"""The clock's part of the cameras: whom an incident's pictures are brought to, and the next picture of a watch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.camera import Camera
from bot.domain.clearance import Cleared
from bot.domain.incident import Incident
from bot.domain.look import Look
from bot.domain.roster import Person
from bot.domain.timeline import Event
from bot.services.showing import begin_look, send_picture, show
from bot.services.sighting import is_under_way, may_look
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

LOOKS_KEPT: Final = timedelta(days=7)
"""Telegram's pictures are gone after two days at most, and the register has who saw what."""


class WatchingService:
    """Ticks after every commit, and every second; what is done is in the database, so a restart goes on with it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """Offer what is new and renew what is due."""
        if not self._turns.school.cameras:
            return
        if await self._turns.database.read(self._is_due):
            await self._turns.tick(renew)

    async def purge(self) -> None:
        """Forget looks whose buttons are gone."""
        before = self._turns.clock() - LOOKS_KEPT
        await self._turns.database.write(lambda tx: tx.looks.purge(before))

    def _is_due(self, tx: Transaction) -> bool:
        turn = Turn(tx, self._turns.school, self._turns.clock())
        return bool(tx.looks.due(turn.now) or _not_offered(turn))


def renew(turn: Turn) -> None:
    """New places are shown to who may see them, and each watch gets its next picture."""
    for incident, zone, cameras in _not_offered(turn):
        if turn.tx.looks.offer(incident.id, zone, turn.now):
            _offer(turn, incident, cameras)
    for look in turn.tx.looks.due(turn.now):
        _next_picture(turn, look)


def _not_offered(turn: Turn) -> list[tuple[Incident, str, tuple[Camera, ...]]]:
    found = []
    for incident in turn.tx.incidents.list_open():
        zone = turn.school.campus.zones.get(incident.zone or "")
        if zone is None or zone.is_private or not is_under_way(incident):
            continue
        cameras = turn.school.cameras.of_zone(zone.id)
        if cameras and not turn.tx.looks.is_offered(incident.id, zone.id):
            found.append((incident, zone.id, cameras))
    return found


def _offer(turn: Turn, incident: Incident, cameras: tuple[Camera, ...]) -> None:
    """Everyone who may see them, on duty or not; the topic learns only how many they are."""
    people = [
        one
        for one in turn.tx.people.list_active()
        if one.is_reachable and turn.may_know(incident, one) and _may_see(turn, one, cameras[0], incident)
    ]
    for person in people:
        looks = [begin_look(turn, person, camera, incident) for camera in cameras]
        show(turn, person, looks, incident)
    names = [camera.name.to_params() for camera in cameras]
    turn.record(incident, Event.CAMERAS_SHOWN, names=names, n=len(people))


def _may_see(turn: Turn, person: Person, camera: Camera, incident: Incident) -> bool:
    return isinstance(
        may_look(turn.school, person, camera, incident=incident, reason="", now=turn.now), Cleared
    )


def _next_picture(turn: Turn, look: Look) -> None:
    """After the last one the message has its usual buttons again."""
    following = turn.now + turn.school.viewing.watch_every
    is_last = look.watch_until is None or following > look.watch_until
    look = replace(
        look, next_at=None if is_last else following, watch_until=None if is_last else look.watch_until
    )
    turn.tx.looks.save(look)
    send_picture(turn, look)
