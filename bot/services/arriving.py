"""Arrival by a shared live location. Nothing of where somebody was is kept: only "arrived at 10:42 (by location)"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.incident import Incident
from bot.domain.on_scene import OnScene, SceneState
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.place import Spot
from bot.domain.sender import Sender
from bot.services.dispatching import change_state
from bot.services.sighting import is_under_way
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a phone is now. `within_m`: how far off it may be, as the phone says; `is_first`: the sharing begins."""

    spot: Spot
    within_m: float = 0.0
    is_first: bool = False


class ArrivalService:
    """Live locations in private chats."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def is_sent(self, telegram_id: int) -> bool:
        """Whether this person was sent anywhere; of anybody else a shared place is what they report."""

        def unit(tx: Transaction) -> bool:
            person = tx.people.by_telegram(telegram_id)
            return person is not None and bool(tx.on_scene.sent_to(person.staff_id))

        return await self._turns.database.read(unit)

    async def note(self, sender: Sender, reading: Reading) -> Outcome:
        """The first reading, and each that follows while the location is shared."""
        return await self._turns.run(sender, note, reading)


def note(turn: Turn, reading: Reading) -> Outcome:
    """Sharing says "on the way"; near the place it says "arrived". The update itself is blanked."""
    turn.require(Right.REPORT)
    if turn.sender is not None:
        turn.tx.inbox.forget(*turn.sender.inbox)
    told = Outcome(Done.NOTHING)
    for mine in reversed(turn.tx.on_scene.sent_to(turn.person.staff_id)):
        incident = turn.tx.incidents.get(mine.incident_id)
        if incident is not None and is_under_way(incident) and turn.may_know(incident):
            told = _note_one(turn, incident, mine, reading) or told
    return told


def _note_one(turn: Turn, incident: Incident, mine: OnScene, reading: Reading) -> Outcome | None:
    place = turn.school.campus.spot_of(incident.zone)
    params: dict[str, Any] = {"number": incident.number, "mode": incident.mode.value}
    if mine.state is not SceneState.ARRIVED and place is not None and _is_near(turn, reading, place):
        change_state(turn, incident, mine, SceneState.ARRIVED, is_by_location=True)
        return Outcome(Done.ARRIVED, {**params, "at": turn.now.isoformat()})
    if not reading.is_first:
        return None
    if mine.state is SceneState.ARRIVED:
        return Outcome(Done.ARRIVED, {**params, "at": mine.at.isoformat()})
    if mine.state is SceneState.ASKED:
        change_state(turn, incident, mine, SceneState.GOING)
    return Outcome(Done.ON_THE_WAY if place else Done.ON_THE_WAY_UNPLACED, params)


def _is_near(turn: Turn, reading: Reading, place: Spot) -> bool:
    """A reading that may be off by more than the distance asked for proves nothing."""
    return max(reading.spot.metres_to(place), reading.within_m) <= turn.school.arrived_within_m
